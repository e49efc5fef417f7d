import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.utils import timezone

from newsroom.domain import working_copies
from newsroom.models import Article
from reports.domain import drafts
from reports.models import AuditEvent, Draft, Member, Notice
from reports.sealing import keyring
from reports.security.sessions import row_key
from tests.conftest import make_user
from tests.factories import make_keyholder
from tests.newsroom.articles import make_article
from tests.newsroom.editors import with_changes
from tests.reports.admin.conftest import proof, sign_in

PEOPLE = "/admin/auth/user/"


@pytest.fixture
def boss(lead):
    """Return a lead's browser; the lead has no key."""
    return sign_in(lead)


def account(user: User, **changes) -> dict:
    """Return an account's form as it stands, with these changes, and what shows that it is the lead."""
    roles = list(user.groups.values_list("name", flat=True))
    return {"email": "", "roles": roles, "active": "on"} | changes | proof(User.objects.get(username="lena"))


def test_accounts_are_made_by_invitation_alone(boss):
    assert boss.get(f"{PEOPLE}add/").status_code == 403
    assert boss.post(f"{PEOPLE}add/", {"username": "nia"}).status_code == 403
    assert not User.objects.filter(username="nia").exists()


@pytest.mark.parametrize("changes", [{"active": ""}, {"roles": []}])
def test_last_lead_is_neither_switched_off_nor_demoted(boss, lead, changes):
    response = boss.post(f"{PEOPLE}{lead.pk}/change/", account(lead, **changes))
    assert "This is the last lead who can sign in." in response.content.decode()
    lead.refresh_from_db()
    assert (lead.is_active, lead.has_perm("reports.run_desk")) == (True, True)
    make_user("lou", "Lead")
    assert boss.post(f"{PEOPLE}{lead.pk}/change/", account(lead, **changes)).status_code == 302


def test_last_lead_with_a_key_is_neither_switched_off_nor_demoted(boss, officer, phrase):
    officer.groups.set(Group.objects.filter(name="Lead"))
    response = boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, active=""))
    assert "This is the last lead who has a key." in response.content.decode()
    officer.refresh_from_db()
    assert officer.is_active


def test_signing_a_colleague_out_everywhere_changes_nothing_else(boss, officer):
    theirs, other = sign_in(officer), sign_in(make_user("other", "Officer"))
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, last_name="Doe"))
    assert theirs.get("/admin/").status_code == 200, "the control: without the tick nobody is signed out"
    said = boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, last_name="Doe", sign_out="on"), follow=True)
    assert "You have signed olu out everywhere." in said.content.decode()
    assert theirs.get("/admin/").status_code == 302
    assert [browser.get("/admin/").status_code for browser in (other, boss, sign_in(officer))] == [200] * 3
    event = AuditEvent.objects.filter(subject="olu").latest("seq")
    assert (event.actor, event.act, event.detail) == ("lena", "signed-out-elsewhere", {})
    assert Notice.objects.filter(kind="account").count() == 2, "both are told"


def test_a_lead_who_signs_themself_out_everywhere_stays_here(boss, lead):
    elsewhere = sign_in(lead)
    boss.post(f"{PEOPLE}{lead.pk}/change/", account(lead, sign_out="on"))
    assert [browser.get("/admin/").status_code for browser in (boss, elsewhere)] == [200, 302]


def test_switching_a_user_off_ends_their_sessions_at_once(boss, officer):
    theirs, other = sign_in(officer), sign_in(make_user("other", "Officer"))
    row = row_key(theirs.cookies["staff"].value)
    assert theirs.get("/admin/").status_code == 200
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, active=""))
    assert not Session.objects.filter(session_key=row).exists()
    assert theirs.get("/admin/").status_code == 302
    assert other.get("/admin/").status_code == 200


@pytest.mark.parametrize(("changes", "told"), [({"active": ""}, True), ({"roles": []}, True), ({}, False)])
def test_switching_off_or_demoting_a_keyholder_says_that_they_still_have_a_key(boss, officer, phrase, changes, told):
    response = boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, **changes), follow=True)
    assert ("They still have a key." in response.content.decode()) is told


def test_switching_a_user_off_deletes_their_drafts(boss, officer, lead, phrase):
    words = {"phrase": make_keyholder(lead)}
    for user in (officer, lead):
        facts = {"record": "new enquiry", "tip": None, "typed": {"text": ["x"]}, "began_from": {}}
        drafts.keep(page=uuid.uuid4(), by=user, **facts)
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer) | words)
    assert Draft.objects.count() == 2  # the control
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, active="") | words)
    assert Draft.objects.get().author == lead


def test_lead_changes_roles_and_switches_an_account_off(boss, officer):
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, roles=["Auditor"], active=""))
    officer = User.objects.get(pk=officer.pk)
    assert ([group.name for group in officer.groups.all()], officer.is_active) == (["Auditor"], False)
    events = AuditEvent.objects.filter(subject="olu").order_by("seq").values_list("actor", "act", "detail")
    roles = {"before": ["Officer"], "after": ["Auditor"]}
    assert list(events) == [("lena", "changed-roles", roles), ("lena", "switched-off", {})]


def test_name_under_which_acts_stand_on_the_record_never_changes(boss, officer, lead):
    """Who signs, calls or vouches is known by it: under a second name one person would be two."""
    for person in (officer, lead):
        changed = account(person, username="somebody", email="new@example.org")
        assert boss.post(f"{PEOPLE}{person.pk}/change/", changed).status_code == 302
    assert set(User.objects.values_list("username", "email")) == {(n, "new@example.org") for n in ("olu", "lena")}
    assert "so it never changes" in boss.get(f"{PEOPLE}{officer.pk}/change/").content.decode()


def test_lead_makes_nobody_a_superuser(boss, officer, lead):
    for person in (officer, lead):
        extra = {"is_superuser": "on", "user_permissions": ["1", "2"]}
        assert boss.post(f"{PEOPLE}{person.pk}/change/", account(person, **extra)).status_code == 302
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(user_permissions__isnull=False).exists()


def test_lead_cannot_see_or_change_a_superuser(boss, roles):
    root = User.objects.create_superuser("root", password="root-password")
    assert "root" not in boss.get(PEOPLE).content.decode()
    boss.post(f"{PEOPLE}{root.pk}/change/", account(root, active="", new_password="another-long-one"))
    root.refresh_from_db()
    assert (root.is_active, root.check_password("root-password")) == (True, True)


def test_account_page_shows_no_trace_of_the_password_and_takes_none(boss, officer):
    page = boss.get(f"{PEOPLE}{officer.pk}/change/").content.decode()
    for piece in officer.password.split("$"):
        assert piece not in page
    assert page.count('type="password"') == 1, "the lead's own, who has no key"
    assert "is_superuser" not in page
    assert "user_permissions" not in page
    boss.post(
        f"{PEOPLE}{officer.pk}/change/", account(officer, new_password="a-lamp-by-night", password="another-lamp")
    )
    assert User.objects.get(pk=officer.pk).check_password("olu-password")


@pytest.mark.parametrize("address", ["password/", "nobody/change/", "999999/change/"])
def test_no_address_sets_a_colleagues_password(boss, officer, address):
    assert boss.get(f"{PEOPLE}{address if 'change' in address else f'{officer.pk}/{address}'}").status_code in (
        302,
        404,
    )
    assert boss.post(f"/admin/password_change/{officer.pk}/").status_code == 404


def test_nobody_can_be_looked_up_by_their_password(boss, officer):
    assert boss.get(f"{PEOPLE}?password__startswith=md5").status_code == 400
    assert boss.get(f"{PEOPLE}?is_active__exact=1").status_code == 200


def test_accounts_are_never_deleted(boss, officer):
    assert boss.post(f"{PEOPLE}{officer.pk}/delete/", {"post": "yes"}).status_code == 403


def test_people_list_needs_as_many_queries_for_three_as_for_one(boss, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        boss.get(PEOPLE)
    make_user("a", "Officer")
    make_user("b", "Auditor")
    with django_assert_num_queries(len(few)):
        boss.get(PEOPLE)


def test_keyholders_are_listed_with_a_fingerprint_and_nothing_that_opens(boss, phrase):
    member = Member.objects.get()
    page = boss.get("/admin/reports/member/").content.decode()
    assert "olu" in page
    assert keyring.fingerprint(member.recipient) in page
    shown = boss.get(f"/admin/reports/member/{member.pk}/change/").content.decode()
    for secret in (member.wrapped["box"], member.wrapped["salt"]):
        assert secret not in page + shown
    assert boss.post(f"/admin/reports/member/{member.pk}/change/", {"user": 1}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "stays"), [({"active": ""}, False), ({"roles": []}, False), ({"email": "a@example.org"}, True)]
)
def test_changes_that_somebody_scheduled_lose_their_time_when_they_are_no_editor_any_more(boss, changes, stays):
    editor = make_user("erin", "Editor")
    when = timezone.now() + timedelta(hours=1)
    with_changes(make_article(), publish_at=when, scheduled_by="erin")
    answer = boss.post(f"{PEOPLE}{editor.pk}/change/", account(editor) | changes, follow=True)
    assert ("What they had scheduled must be looked at by an editor." in answer.content.decode()) != stays
    working_copies.publish_due(at=when)
    assert (Article.objects.get().headline == "A better headline") == stays
