"""A session that was left open, locked, changes nobody's account: each act asks its lead to show that it is them."""

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client

from reports.domain.keys import passphrases
from reports.domain.people import accounts, passkeys
from reports.domain.people.accounts import Reauthentication, Way
from reports.models import AuditEvent, Invitation
from tests.factories import make_keyholder, make_user
from tests.reports.admin.conftest import reauthentication, sign_in
from tests.reports.authenticator import Authenticator

ACCOUNT, INVITE, AGAIN = (
    "/admin/people/{}/account/",
    "/admin/people/invite/",
    "/admin/people/{}/again/",
)
OWN = {"own_password": "lena-password"}
WANTED = {
    "first_name": "New",
    "email": "thief@example.org",
    "roles": ["Team lead"],
    "username": "nia",
    "role": "Team lead",
}


@pytest.fixture
def words(team_lead):
    """Give the team lead a key; return their words."""
    return make_keyholder(team_lead)


@pytest.fixture
def left_open(team_lead):
    """Return a team lead's browser that was left open, its desk locked."""
    return sign_in(team_lead)


def stands(caseworker):
    """Return what an act on an account could change."""
    user = User.objects.get(pk=caseworker.pk)
    roles = tuple(user.groups.values_list("name", flat=True))
    return (
        user.password,
        user.email,
        user.first_name,
        user.is_active,
        roles,
        Invitation.objects.count(),
    )


def addresses(caseworker):
    """Return where a colleague's account can be changed."""
    return [ACCOUNT.format(caseworker.pk), INVITE, AGAIN.format(caseworker.pk)]


@pytest.mark.promise("team", control="test_with_the_words_each_act_goes_through")
@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"passphrase": "able acid acorn acre act add"},
        {
            "new_password": "a-lamp-by-night",
            "password1": "a-lamp-by-night",
            "password2": "a-lamp-by-night",
        },
        {"own_password": "lena-password", "own_code": "123456"},
    ],
)
@pytest.mark.proof("accounts", goal="0 changes")
def test_a_session_that_was_left_open_changes_nobodys_account(left_open, words, caseworker, typed):
    """A team lead's session that was left open, locked or unlocked, changes nobody's account, role, address or
    password.
    """
    before = stands(caseworker)
    for address in addresses(caseworker):
        page = left_open.post(address, WANTED | typed)
        assert page.status_code == 200
        assert 'id="id_passphrase_error"' in page.text, address
    assert stands(caseworker) == before
    assert set(AuditEvent.objects.values_list("act", flat=True)) <= {"enrolled", "unlock-refused"}


@pytest.mark.proof("accounts", control=True)
def test_with_the_words_each_act_goes_through(left_open, words, caseworker):
    """The control."""
    before = stands(caseworker)
    for address in addresses(caseworker):
        left_open.post(address, WANTED | {"passphrase": words})
    after = stands(caseworker)
    assert [was == now for was, now in zip(before, after, strict=True)] == [True, *[False] * 5]


def test_a_desk_that_was_unlocked_just_now_is_asked_as_well(unlocked, team_lead, caseworker):
    caseworker.groups.set(team_lead.groups.all())
    for address in (ACCOUNT.format(team_lead.pk), INVITE, AGAIN.format(team_lead.pk)):
        assert 'id="id_passphrase_error"' in unlocked.post(address, WANTED).text
    assert Invitation.objects.count() == 0


@pytest.mark.proof("guessing")
def test_wrong_words_count_as_they_do_at_the_lock(left_open, words, caseworker):
    wrong = {"passphrase": "able acid acorn acre act add"}
    page = left_open.post(ACCOUNT.format(caseworker.pk), WANTED | wrong).text
    assert 'value="thief@example.org"' in page, "what was typed stays"
    assert "able acid" not in page
    for number in range(1, passphrases.TRIES):
        told = left_open.post(addresses(caseworker)[number % 3], WANTED | wrong).text
    assert "You have no tries left." in told
    assert (
        "There were too many wrong tries."
        in left_open.post(INVITE, WANTED | {"passphrase": words}).text
    )
    assert (
        "There were too many wrong tries."
        in left_open.post("/admin/unlock/", {"passphrase": words}).text
    )
    assert Invitation.objects.count() == 0


def test_what_is_wrong_besides_the_words_costs_no_try(left_open, words):
    left_open.post(
        INVITE, {"passphrase": "able acid acorn acre act add", "username": "", "role": "Team lead"}
    )
    assert not AuditEvent.objects.filter(act="unlock-refused").exists()


def test_a_team_lead_without_a_key_types_password_and_code(left_open, team_lead, caseworker):
    before, right = stands(caseworker), reauthentication(team_lead)
    for wrong in ({"own_password": "no"}, {"own_code": "no-code-at-all"}, {"own_code": ""}):
        assert 'class="error"' in left_open.post(INVITE, WANTED | right | wrong).text
    assert stands(caseworker) == before
    assert AuditEvent.objects.filter(act="wrong-code", subject="lena").count() == 1, (
        "as at the sign-in"
    )
    team_lead.staticdevice_set.get().throttle_reset()
    left_open.post(INVITE, WANTED | right)
    assert Invitation.objects.get().username == "nia"


@pytest.mark.proof("guessing")
def test_guesses_at_the_team_leads_own_password_are_counted(left_open, team_lead):
    guesses = [
        left_open.post(
            INVITE, WANTED | reauthentication(team_lead) | {"own_password": "no"}
        ).status_code
        for _ in range(5)
    ]
    assert guesses == [200, 200, 200, 200, 429]


@pytest.mark.parametrize(
    ("asks", "takes", "form"),
    [
        ("/admin/login/", "/admin/login/", "form"),
        ("/admin/password_change/", "/admin/password_change/", "form"),
        ("/admin/factors/", "/admin/factors/passkey/", "passkey_form"),
        (INVITE, INVITE, "form"),
        (AGAIN, AGAIN, "form"),
        (ACCOUNT, ACCOUNT, "form"),
    ],
)
def test_nothing_that_was_typed_beside_a_wrong_password_is_kept(
    left_open, team_lead, asks, takes, form
):
    client = Client() if "login" in asks else left_open
    client.defaults["HTTP_HOST"] = "localhost"
    page = client.get(asks.format(team_lead.pk))
    fields = page.context[form].fields
    typed = {name: f"zzmark-{name}" for name in fields} | {
        "next": "zzmark",
        "carried": "zzmark",
        "answer": "{}",
    }
    fits = {
        "role": "Team lead",
        "roles": ["Team lead"],
        "active": "on",
        "email": "zzmark@example.org",
    }
    same = dict.fromkeys(("new_password1", "new_password2"), "zzmark-the-same-917")
    client.post(
        takes.format(team_lead.pk),
        typed | {name: right for name, right in (fits | same).items() if name in fields},
    )
    (kept,) = AccessAttempt.objects.values()
    assert "zzmark" not in str(kept), "the record of failures is in clear, for 30 days"
    assert "zzmark" in str(typed), "the control"


@pytest.fixture
def with_passkey(team_lead):
    """Return the browser of a team lead who has a passkey and no key, at the address that passkeys belong to."""
    made, state = Authenticator(), passkeys.new_state(user=team_lead)
    passkeys.make(
        user=team_lead,
        state=state,
        answer=made.make(passkeys.to_make(username="lena", state=state, user=team_lead)),
    )
    client = sign_in(team_lead)
    client.defaults["HTTP_HOST"] = "localhost:8000"
    return client, made


def test_a_team_lead_without_a_key_shows_their_passkey(
    with_passkey,
):
    client, made = with_passkey
    asked = client.get(INVITE).context["passkey_options"]
    assert "could not" not in asked
    refused = client.post(INVITE, WANTED | OWN | {"answer": Authenticator().show(asked)})
    assert "That is not a passkey for this account." in refused.text
    assert 'value="nia"' in refused.text
    late = client.post(INVITE, WANTED | OWN | {"answer": made.show(asked)})
    assert Invitation.objects.count() == 0, "a ceremony serves one answer"
    client.post(INVITE, WANTED | OWN | {"answer": made.show(late.context["passkey_options"])})
    assert Invitation.objects.get().username == "nia"


@pytest.mark.parametrize("password", ["", "no"])
def test_a_security_key_that_was_left_in_the_machine_is_not_enough(with_passkey, password):
    client, made = with_passkey
    answer = {
        "answer": made.show(client.get(INVITE).context["passkey_options"]),
        "own_password": password,
    }
    assert 'id="id_own_password_error"' in client.post(INVITE, WANTED | answer).text
    assert Invitation.objects.count() == 0


def test_a_page_that_stood_open_does_not_switch_a_colleague_on_again(left_open, words, caseworker):
    page = left_open.get(ACCOUNT.format(caseworker.pk)).context["form"]
    typed = {
        "last_name": "Doe",
        "roles": ["Caseworker"],
        "active": "on",
        "seen": page["seen"].value(),
        "passphrase": words,
    }
    another = make_user("ann", "Team lead")
    off = {
        "first_name": "",
        "last_name": "",
        "email": "",
        "roles": [],
        "active": False,
    }
    accounts.change(
        user=caseworker,
        to=off,
        by=another,
        reauthentication=Reauthentication(another.pk, Way.PASSWORD),
    )
    told = left_open.post(ACCOUNT.format(caseworker.pk), typed).text
    assert "ann switched the account off just now." in told
    assert not User.objects.filter(pk=caseworker.pk, is_active=True).exists()
    seen = left_open.get(ACCOUNT.format(caseworker.pk)).context["form"]["seen"].value()
    left_open.post(ACCOUNT.format(caseworker.pk), typed | {"seen": seen})
    assert User.objects.filter(pk=caseworker.pk, is_active=True, last_name="Doe").exists(), (
        "the control"
    )


def test_an_invitation_is_withdrawn_by_the_team_leads_own_words_alone(left_open, words):
    invite(left_open, words)
    address = f"/admin/people/invitations/{Invitation.objects.get().pk}/withdraw/"
    assert address in left_open.get("/admin/people/").text
    assert 'id="id_passphrase_error"' in left_open.post(address).text
    assert Invitation.objects.count() == 1
    assert (
        "withdrawn the invitation for nia"
        in left_open.post(address, {"passphrase": words}, follow=True).text
    )
    assert Invitation.objects.count() == 0


def invite(client, words):
    """Invite a newcomer."""
    client.post(INVITE, {"username": "nia", "role": "Caseworker", "passphrase": words})
