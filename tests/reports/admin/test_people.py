import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session

from reports.models import AuditEvent, Member
from reports.sealing import keyring
from reports.security.sessions import row_key
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

PEOPLE = "/admin/auth/user/"


@pytest.fixture
def boss(lead):
    """Return a lead's browser."""
    return sign_in(lead)


def role(name: str) -> int:
    return Group.objects.get(name=name).pk


def account(user: User, **changes) -> dict:
    groups = list(user.groups.values_list("pk", flat=True))
    return {"username": user.username, "email": "", "groups": groups, "is_active": "on"} | changes


def test_accounts_are_made_by_invitation_alone(boss):
    assert boss.get(f"{PEOPLE}add/").status_code == 403
    assert boss.post(f"{PEOPLE}add/", {"username": "nia"}).status_code == 403
    assert not User.objects.filter(username="nia").exists()


@pytest.mark.parametrize("changes", [{"is_active": ""}, {"groups": []}])
def test_last_lead_is_neither_switched_off_nor_demoted(boss, lead, changes):
    response = boss.post(f"{PEOPLE}{lead.pk}/change/", account(lead, **changes))
    assert "This is the last lead who can sign in." in response.content.decode()
    lead.refresh_from_db()
    assert (lead.is_active, lead.has_perm("reports.run_desk")) == (True, True)
    make_user("lou", "Lead")
    assert boss.post(f"{PEOPLE}{lead.pk}/change/", account(lead, **changes)).status_code == 302


def test_last_lead_with_a_key_is_neither_switched_off_nor_demoted(boss, officer, phrase):
    officer.groups.set(Group.objects.filter(name="Lead"))
    response = boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, is_active=""))
    assert "This is the last lead who has a key." in response.content.decode()
    officer.refresh_from_db()
    assert officer.is_active


def test_switching_a_user_off_ends_their_sessions_at_once(boss, officer):
    theirs, other = sign_in(officer), sign_in(make_user("other", "Officer"))
    row = row_key(theirs.cookies["staff"].value)
    assert theirs.get("/admin/").status_code == 200
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, is_active=""))
    assert not Session.objects.filter(session_key=row).exists()
    assert theirs.get("/admin/").status_code == 302
    assert other.get("/admin/").status_code == 200


@pytest.mark.parametrize(("changes", "told"), [({"is_active": ""}, True), ({"groups": []}, True), ({}, False)])
def test_switching_off_or_demoting_a_keyholder_says_that_they_still_have_a_key(boss, officer, phrase, changes, told):
    response = boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, **changes), follow=True)
    assert ("They still have a key." in response.content.decode()) is told


def test_lead_changes_roles_and_switches_an_account_off(boss, officer):
    boss.post(f"{PEOPLE}{officer.pk}/change/", account(officer, groups=[role("Auditor")], is_active=""))
    officer = User.objects.get(pk=officer.pk)
    assert ([group.name for group in officer.groups.all()], officer.is_active) == (["Auditor"], False)
    event = AuditEvent.objects.get(act="changed-account")
    assert (event.actor, event.subject, event.detail) == ("lena", "olu", {"roles": ["Auditor"], "active": False})


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
    boss.post(f"{PEOPLE}{root.pk}/change/", account(root, is_active="", new_password="another-long-one"))
    root.refresh_from_db()
    assert (root.is_active, root.check_password("root-password")) == (True, True)


def test_account_page_shows_no_trace_of_the_password(boss, officer):
    page = boss.get(f"{PEOPLE}{officer.pk}/change/").content.decode()
    for piece in officer.password.split("$"):
        assert piece not in page
    assert 'type="password" name="new_password"' in page
    assert "is_superuser" not in page
    assert "user_permissions" not in page


def test_lead_sets_a_new_password_and_leaves_it_otherwise(boss, officer):
    url = f"{PEOPLE}{officer.pk}/change/"
    boss.post(url, account(officer))
    assert User.objects.get(pk=officer.pk).check_password("olu-password")
    assert boss.post(url, account(officer, new_password="short")).status_code == 200
    assert User.objects.get(pk=officer.pk).check_password("olu-password")
    boss.post(url, account(officer, new_password="a-lamp-by-night"))
    assert User.objects.get(pk=officer.pk).check_password("a-lamp-by-night")


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
