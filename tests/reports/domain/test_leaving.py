"""Who leaves the team: one act, which does all of it however often it is killed; and who cannot leave."""

import uuid
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from newsroom.models import UnsavedText
from reports.domain import drafts, leaving, state_files
from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.keys import key_file, keyholders
from reports.domain.people import accounts, sessions
from reports.domain.storage import mirror
from reports.domain.tips import recusal
from reports.domain.triage import triaging
from reports.models import AuditEvent, Draft, Member, SessionOwner, Tip
from reports.sealing import envelope, keyring
from tests.factories import CHEAP, let_in, make_user, shown
from tests.newsroom.articles import make_article
from tests.reports.admin.conftest import file_of, sign_in, unlock_with

pytestmark = pytest.mark.engine

# What the act is made of, in order, and at which call: in each it is killed, before it is done and after.
PARTS = [
    (triaging, "locked_tips_of", 1),
    (accounts, "change", 1),
    (audit_log, "record", 1),
    (sessions, "end", 1),
    (drafts, "forget", 1),
    (triaging, "unassign", 1),
    (keyholders, "revoke", 1),
    (keyring, "revoke", 1),
    (key_file, "write", 1),
    (audit_log, "prove", 1),
    (keyring, "seal_keyring", 1),
    (key_file, "finish", 1),
    (mirror, "copy", 1),
    (mirror, "copy", 2),
    (accounts, "log_event", 1),
    (sessions, "end", 2),
    (audit_log, "record", 6),
    (state_files, "save_profile", 1),
]


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Leaver:
    """Somebody with a key, an unlocked desk, an urgent tip and a draft, who is the duty contact."""

    user: User
    keys: keyholders.Keys
    browser: Client
    tip: Tip

    def opens(self):
        """Return whether they get in anywhere, or could."""
        gets_in = self.browser.get(f"/admin/reports/tip/{self.tip.pk}/change/").status_code == 200
        password = f"{self.user.username}-password"
        return (
            gets_in
            or file_of(self.browser).exists()
            or bool(_authenticated(self.user.username, password))
        )


def _authenticated(username, password):
    request = Client().get("/admin/login/").wsgi_request
    return authenticate(request, username=username, password=password)


@pytest.fixture
def boss(caseworker, passphrase):
    """Return the desk's founder, as its only team lead, and their passphrase."""
    caseworker.groups.set(Group.objects.filter(name="Team lead"))
    User.objects.filter(pk=caseworker.pk).update(email="olu@example.org")
    return User.objects.get(pk=caseworker.pk), passphrase


@pytest.fixture
def leaver(boss, send):
    """Return one who has it all; their tip is hidden from the team lead."""
    team_lead, passphrase = boss
    user = make_user("nia", "Caseworker")
    User.objects.filter(pk=user.pk).update(email="nia@example.org")
    user = User.objects.get(pk=user.pk)
    keys = keyholders.unlock(
        user=user, passphrase=let_in(user, by=team_lead, passphrase=passphrase)
    )
    tip = send("A van.", danger="yes")
    triaging.acknowledge(tip=tip, by=user)
    drafts.keep(
        page=uuid.uuid4(),
        by=user,
        target="tip",
        tip=tip.pk,
        typed={"note": ["Half a"]},
        began_from={},
    )
    texts = {"typed": {}, "changed_at": timezone.now(), "made_from": 0, "page": "theirs"}
    UnsavedText.objects.create(article=make_article(), changed_by="nia", **texts)
    recusal.Recusal.objects.create(tip=tip, user=team_lead, key_index=1, sealed=b"")
    state_files.save_profile(
        state_files.Profile(phone="01632 960000", duty="Nia", duty_email="NIA@example.org")
    )
    browser = sign_in(user)
    unlock_with(browser, keys)
    return Leaver(user, keys, browser, tip)


def press(boss, leaver):
    """Take them out of the team."""
    by, passphrase = boss
    leaving.leave(
        user=leaver.user, by=by, reauthentication=shown(by), passphrase=passphrase, duty=by
    )


def stands(leaver):
    """Return what the first step changes."""
    tip = Tip.objects.get(pk=leaver.tip.pk)
    active = User.objects.get(pk=leaver.user.pk).is_active
    return (
        active,
        tip.assignee_id,
        tip.acknowledged_by,
        bool(tip.acknowledged_at),
        Draft.objects.count(),
    )


def require_gone(boss, leaver, send):
    """Check that every part is done, and done once."""
    by, passphrase = boss
    assert stands(leaver) == (False, None, "", False, 0)
    assert not Member.objects.filter(user=leaver.user).exists()
    assert not UnsavedText.objects.exists()
    assert not SessionOwner.objects.filter(owner=sessions.owner_hash(leaver.user.pk)).exists()
    assert (state_files.profile().duty, state_files.profile().duty_email) == (
        "olu",
        "olu@example.org",
    )
    assert state_files.profile().phone == "01632 960000"
    keys = keyholders.unlock(user=by, passphrase=passphrase)
    assert (keys.index, keys.strays, state_files.public_key().index) == (2, (), 2), (
        "one new key, not one for each press"
    )
    entry = send("After.").entries.get()
    with pytest.raises(envelope.WrongKey):
        envelope.open_sealed(
            bytes(entry.sealed), identities=leaver.keys.identities, bound=entry.bound()
        )
    events = list(
        AuditEvent.objects.filter(subject="nia").values_list("act", flat=True).order_by("seq")
    )
    assert [act for act in events if act not in ("enrolled", "granted")] == [
        "switched-off",
        "revoked",
        "forgot-key",
        "left-team",
    ]
    assert leaving.names() == {"nia"}
    assert not leaver.opens()


def test_one_press_does_all_of_it(boss, leaver, send):
    assert leaver.opens(), "the control"
    press(boss, leaver)
    require_gone(boss, leaver, send)


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "part", PARTS, ids=lambda part: f"{part[0].__name__.rpartition('.')[2]}.{part[1]}-{part[2]}"
)
def test_killed_at_any_step_the_leaver_opens_nothing_and_the_next_press_finishes_it(
    boss, leaver, send, part, done
):
    (module, name, last), before, calls = part, stands(leaver), []
    original = getattr(module, name)

    def killing(*args, **kwargs):
        calls.append(name)
        result = original(*args, **kwargs) if done or len(calls) < last else None
        if len(calls) == last:
            raise Killed
        return result

    with pytest.MonkeyPatch.context() as patch, suppress(Killed):
        patch.setattr(module, name, killing)
        press(boss, leaver)
    assert len(calls) == last
    if stands(leaver) != before:
        assert stands(leaver) == (False, None, "", False, 0), "the first step is whole"
        assert not leaver.opens()
    else:
        assert User.objects.get(pk=leaver.user.pk).is_active, "nothing was done"
    press(boss, leaver)
    require_gone(boss, leaver, send)


@pytest.mark.parametrize("last", ["team lead", "team lead with a key", "oneself", "without access"])
def test_the_last_team_lead_and_the_last_one_with_a_key_cannot_leave(boss, leaver, last):
    (olu, _passphrase), root = boss, User.objects.create_superuser("root", password="root-password")
    other = make_user("lou", "Team lead")
    if last == "team lead":
        User.objects.filter(pk=other.pk).update(is_active=False)
    Member.objects.filter(user=olu).update(
        granted=None if last == "without access" else "2026-11-01"
    )
    user, by, why = {
        "team lead": (olu, root, "the last team lead who can sign in"),
        "team lead with a key": (olu, root, "the last team lead who has access to tips"),
        "oneself": (olu, olu, "for yourself"),
        "without access": (leaver.user, other, "a team lead who has access to tips"),
    }[last]
    Member.objects.filter(user=root).delete()
    if by == root:
        let_root_in(root)
    before = stands(leaver)
    with pytest.raises(Refused, match=why):
        leaving.leave(user=user, by=by, reauthentication=shown(by), duty=olu)
    assert stands(leaver) == before
    assert User.objects.get(pk=user.pk).is_active
    assert not leaving.names()


def let_root_in(root):
    """Let the superuser count as one who has access."""
    keyholders.enrol(user=root, costs=CHEAP)
    Member.objects.filter(user=root).update(granted="2026-11-01")


def test_where_the_duty_contact_leaves_another_one_is_needed(boss, leaver):
    before, (by, passphrase) = stands(leaver), boss
    for duty in (None, make_user("no address", "Caseworker")):
        with pytest.raises(Refused, match="duty contact"):
            leaving.leave(
                user=leaver.user,
                by=by,
                reauthentication=shown(by),
                passphrase=passphrase,
                duty=duty,
            )
    assert stands(leaver) == before


def test_who_is_switched_on_again_has_not_left(boss, leaver):
    press(boss, leaver)
    to = accounts.AccountChanges(
        first_name="", last_name="", email="", roles=["Caseworker"], active=True
    )
    accounts.change(user=leaver.user, to=to, by=boss[0], reauthentication=shown(boss[0]))
    assert leaving.names() == set()


def test_a_tip_that_somebody_else_took_on_stays_theirs(boss, leaver):
    other = make_user("oz", "Caseworker")
    Tip.objects.filter(pk=leaver.tip.pk).update(acknowledged_by="oz")
    press(boss, leaver)
    tip = Tip.objects.get(pk=leaver.tip.pk)
    assert (tip.assignee, tip.acknowledged_by, bool(tip.acknowledged_at)) == (
        None,
        other.username,
        True,
    )
