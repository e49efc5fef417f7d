import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session

from reports.domain import state_files
from reports.domain.audit import staleness
from reports.domain.keys import key_file
from reports.domain.people import accounts
from reports.models import AuditAct, AuditEvent, Member
from reports.security.sessions import row_key
from tests.conftest import make_user
from tests.factories import let_in
from tests.reports.admin.conftest import reauthentication, sign_in

PEOPLE = "/admin/people/"


@pytest.fixture
def boss(team_lead):
    """Return a team lead's browser; the team lead has no key."""
    return sign_in(team_lead)


def account(user, **changes):
    """Return an account's form as it stands, with these changes, and what shows that it is the team lead."""
    roles = list(user.groups.values_list("name", flat=True))
    seen = staleness.now()
    return (
        {"email": "", "roles": roles, "active": "on", "seen": seen}
        | changes
        | reauthentication(User.objects.get(username="lena"))
    )


@pytest.mark.promise("team")
def test_switching_a_user_off_ends_their_sessions_at_once(boss, caseworker):
    """Switching a user off ends their sessions at once."""
    theirs, other = sign_in(caseworker), sign_in(make_user("other", "Caseworker"))
    row = row_key(theirs.cookies["staff"].value)
    assert theirs.get("/admin/").status_code == 200
    boss.post(f"{PEOPLE}{caseworker.pk}/account/", account(caseworker, active=""))
    assert not Session.objects.filter(session_key=row).exists()
    assert theirs.get("/admin/").status_code == 302
    assert other.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "told"), [({"active": ""}, True), ({"roles": []}, True), ({}, False)]
)
def test_switching_off_or_demoting_a_keyholder_says_that_they_still_have_a_key(
    boss, caseworker, passphrase, changes, told
):
    response = boss.post(
        f"{PEOPLE}{caseworker.pk}/account/", account(caseworker, **changes), follow=True
    )
    assert ("They still have access to tips." in response.text) is told


@pytest.mark.promise("team")
def test_name_under_which_acts_stand_on_the_record_never_changes(boss, caseworker, team_lead):
    """Nobody’s name in the record ever changes, so one person is never two.

    Who approves, calls or vouches is known by it: under a second name one person would be two.
    """
    for person in (caseworker, team_lead):
        changed = account(person, username="somebody", email="new@example.org")
        assert boss.post(f"{PEOPLE}{person.pk}/account/", changed).status_code == 302
    assert set(User.objects.values_list("username", "email")) == {
        (n, "new@example.org") for n in ("olu", "lena")
    }
    assert "so nobody can change it" in boss.get(f"{PEOPLE}{caseworker.pk}/account/").text


def test_team_lead_cannot_see_or_change_a_superuser(boss, roles):
    root = User.objects.create_superuser("root-user", password="root-password")
    assert "root-user" not in boss.get(PEOPLE).text
    boss.post(
        f"{PEOPLE}{root.pk}/account/", account(root, active="", new_password="another-long-one")
    )
    root.refresh_from_db()
    assert (root.is_active, root.check_password("root-password")) == (True, True)


def test_leaving_is_one_page_and_one_press_and_the_next_press_finishes_it(
    caseworker, passphrase, team_lead, monkeypatch
):
    words, leave = (
        let_in(team_lead, by=caseworker, passphrase=passphrase),
        f"{PEOPLE}{caseworker.pk}/leave/",
    )
    lead, leaver = sign_in(team_lead), sign_in(caseworker)
    lead.raise_request_exception = False
    assert f'href="{leave}"' in lead.get(PEOPLE).text
    with monkeypatch.context() as patch:
        patch.setattr(key_file, "finish", lambda digest: 1 / 0)
        assert lead.post(leave, {"passphrase": words}).status_code == 500
    assert leaver.get("/admin/").status_code == 302
    assert "Press the button to do what is left." in lead.get(leave).text
    page = lead.post(leave, {"passphrase": words}, follow=True).text
    assert "You have taken olu out of the team." in page
    assert "Has left" in page
    assert f'href="{leave}"' not in page
    assert not Member.objects.filter(user=caseworker).exists()


def test_wrong_words_change_nothing_and_keep_who_was_chosen(caseworker, passphrase, team_lead):
    let_in(team_lead, by=caseworker, passphrase=passphrase)
    User.objects.filter(pk=team_lead.pk).update(email="lena@example.org")
    page = sign_in(team_lead).post(
        f"{PEOPLE}{caseworker.pk}/leave/",
        {"passphrase": "able acid acorn acre act add", "duty": team_lead.pk},
    )
    assert "You have 4 tries left in the next 15 minutes." in page.text
    assert f'<option value="{team_lead.pk}" selected>lena</option>' in page.text
    assert User.objects.get(pk=caseworker.pk).is_active
    assert not AuditEvent.objects.filter(act="left-team").exists()


def test_a_team_lead_without_a_key_takes_out_whoever_has_none(
    boss, caseworker, passphrase, team_lead
):
    """Whose key has to go goes with the words of somebody who has one."""
    page = boss.post(f"{PEOPLE}{caseworker.pk}/leave/", {"passphrase": passphrase})
    assert "a team lead who has access to tips has to do this" in page.text
    editor = make_user("edith", "Editor")
    page = boss.post(f"{PEOPLE}{editor.pk}/leave/", reauthentication(team_lead), follow=True)
    assert "You have taken edith out of the team." in page.text
    page = boss.post(f"{PEOPLE}{team_lead.pk}/leave/", reauthentication(team_lead))
    assert "You cannot do this for yourself." in page.text
    assert list(User.objects.filter(is_active=False)) == [editor]


def test_a_duty_contact_who_leaves_names_another(boss, team_lead):
    editor = make_user("edith", "Editor")
    User.objects.filter(pk=editor.pk).update(email="edith@example.org")
    state_files.save_profile(state_files.Profile(duty="Edith", duty_email="edith@example.org"))
    page = boss.post(f"{PEOPLE}{editor.pk}/leave/", reauthentication(team_lead))
    assert "Choose who gets the emails about urgent tips from now on." in page.text
    User.objects.filter(pk=team_lead.pk).update(email="lena@example.org")
    boss.post(f"{PEOPLE}{editor.pk}/leave/", reauthentication(team_lead) | {"duty": team_lead.pk})
    assert state_files.profile().duty_email == "lena@example.org"


def test_people_says_from_when_somebody_counts_whose_role_approves_anything(boss, team_lead):
    for name, role in (("edith", "Editor"), ("audrey", "Auditor")):
        accounts.log_event(user=make_user(name, role), by=team_lead, act=AuditAct.LET_START_AGAIN)
    rows = {row["person"].username: row["new_until"] for row in boss.get(PEOPLE).context["staff"]}
    assert rows["edith"]
    assert rows["audrey"] is None
