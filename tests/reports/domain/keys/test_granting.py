"""Who is let in, by whom, and what a leaver can still open: acts that take the team lead's own words."""

from functools import partial

import pytest
from django.contrib.auth.models import User

from reports.domain.errors import Refused, WrongWords
from reports.domain.keys import keyholders
from reports.domain.people import sessions
from reports.domain.tips import opening
from reports.models import AuditEvent, Entry, Member, Notice
from reports.sealing import envelope, keyring
from tests.factories import CHEAP, make_user
from tests.reports.admin.conftest import sign_in


def enrolled(name, *groups):
    """Return a new member who waits, and their passphrase."""
    user = make_user(name, *groups)
    words = keyholders.enrol(user=user, costs=CHEAP)
    return Member.objects.get(user=user), words


@pytest.fixture
def promoted(caseworker, passphrase):
    """Return the desk's first member, made a team lead, and their passphrase."""
    caseworker.groups.set([])
    caseworker.groups.add(*make_user("template", "Team lead").groups.all())
    User.objects.filter(username="template").delete()
    return User.objects.get(pk=caseworker.pk), passphrase


def told():
    """Return who is to be mailed, beside the team leads, that an account has changed; begin anew."""
    notices = Notice.objects.filter(kind=Notice.Kind.ACCOUNT)
    addresses = {address for notice in notices for address in notice.to}
    notices.delete()
    return addresses


def test_whose_access_is_given_or_taken_is_told_and_the_team_leads_are(promoted):
    user, passphrase = promoted
    assert not Notice.objects.exists(), "the first lead made the desk"
    User.objects.filter(pk=user.pk).update(email="olu@example.org")
    member, _ = enrolled("nia", "Caseworker")
    User.objects.filter(pk=member.user_id).update(email="nia@example.org")
    member.user.refresh_from_db()
    for act in (partial(keyholders.grant, compared=member.recipient), keyholders.revoke):
        act(member=member, by=user, passphrase=passphrase)
        assert told() == {"nia@example.org"}, act
    member, _ = enrolled("oz", "Caseworker")
    keyholders.rotate(by=user, passphrase=passphrase)
    assert not Notice.objects.exists(), "nobody's access has changed"
    keyholders.revoke(member=member, by=user, passphrase=passphrase)  # one who waits
    assert Notice.objects.exists()


def test_granted_member_opens_everything_old_and_new(promoted, send):
    user, passphrase = promoted
    tip = send("An old one.")
    member, words = enrolled("nia", "Caseworker")
    keyholders.grant(member=member, compared=member.recipient, by=user, passphrase=passphrase)
    keys = keyholders.unlock(user=member.user, passphrase=words)
    assert (
        opening.read(tip=tip, by=member.user, keys=keys).entries[0].answers["what"] == "An old one."
    )
    event = AuditEvent.objects.get(act="granted")
    assert (event.actor, event.subject) == ("olu", "nia")
    assert Member.objects.get(pk=member.pk).granted is not None


@pytest.mark.promise("keys", name="own-words")
def test_leaver_opens_nothing_newer_even_with_the_keys_they_kept(promoted, send):
    """A leaver opens nothing newer, even with the keys that they kept."""
    user, passphrase = promoted
    member, words = enrolled("nia", "Caseworker")
    keyholders.grant(member=member, compared=member.recipient, by=user, passphrase=passphrase)
    kept = keyholders.unlock(user=member.user, passphrase=words)
    old = send("Before.")
    keyholders.revoke(member=member, by=user, passphrase=passphrase)
    new = send("After.")
    with pytest.raises(WrongWords):
        keyholders.unlock(user=member.user, passphrase=words)
    for tip, opens in ((old, True), (new, False)):
        entry = Entry.objects.get(tip=tip)
        try:
            envelope.open_sealed(
                bytes(entry.sealed), identities=kept.identities, bound=entry.bound()
            )
        except envelope.WrongKey:
            assert not opens
        else:
            assert opens  # the control: what they could open before, they may have kept
    assert kept.outdated()


def test_nobody_takes_their_own_access_away(promoted):
    user, passphrase = promoted
    with pytest.raises(Refused, match="Another team lead"):
        keyholders.revoke(member=Member.objects.get(user=user), by=user, passphrase=passphrase)


def test_only_a_team_lead_changes_the_key_file_even_with_a_key(promoted):
    user, passphrase = promoted
    member, words = enrolled("nia", "Caseworker")
    other, _ = enrolled("oz", "Caseworker")
    keyholders.grant(member=member, compared=member.recipient, by=user, passphrase=passphrase)
    for act in (partial(keyholders.grant, compared=other.recipient), keyholders.revoke):
        with pytest.raises(Refused, match="Only a team lead"):
            act(member=other, by=member.user, passphrase=words)
    with pytest.raises(Refused, match="Only a team lead"):
        keyholders.rotate(by=member.user, passphrase=words)


@pytest.mark.parametrize("reason", ["role", "inactive"])
def test_only_somebody_who_may_read_is_granted(promoted, reason):
    user, passphrase = promoted
    member, _ = enrolled("nia", "Auditor" if reason == "role" else "Caseworker")
    member.user.is_active = reason != "inactive"
    member.user.save()
    stored = Member.objects.get(pk=member.pk)
    with pytest.raises(Refused, match="role that reads tips"):
        keyholders.grant(member=stored, compared=stored.recipient, by=user, passphrase=passphrase)


def test_lost_words_take_the_key_away_and_a_new_one_needs_a_new_grant(promoted, send):
    user, passphrase = promoted
    member, words = enrolled("nia", "Caseworker")
    keyholders.grant(member=member, compared=member.recipient, by=user, passphrase=passphrase)
    keyholders.revoke(member=member, by=user, passphrase=passphrase)
    assert keyholders.state_of(member.user) == "none"
    again = keyholders.enrol(user=member.user, costs=CHEAP)
    assert keyholders.state_of(member.user) == "waiting"
    for typed, error in ((words, WrongWords), (again, Refused)):
        with pytest.raises(error):
            keyholders.unlock(user=member.user, passphrase=typed)
    renewed = Member.objects.get(user=member.user)
    keyholders.grant(member=renewed, compared=renewed.recipient, by=user, passphrase=passphrase)
    assert len(keyholders.unlock(user=member.user, passphrase=again).identities) == 2


def test_recovery_sheet_lets_a_member_in_when_no_team_lead_can(roles):
    first, _ = enrolled("lena", "Team lead")
    recovery = keyholders.found_desk(first=first)
    member, words = enrolled("nia", "Team lead")
    again = keyholders.recover(identity=recovery, user=member.user, costs=CHEAP)
    assert len(keyholders.unlock(user=member.user, passphrase=again).identities) == 1
    with pytest.raises(WrongWords):
        keyholders.unlock(user=member.user, passphrase=words)
    with pytest.raises(Refused, match="do not have access"):
        keyholders.recover(identity=keyring.new_identity(), user=member.user, costs=CHEAP)


def test_revoking_ends_the_leavers_sessions(promoted):
    user, passphrase = promoted
    member, _ = enrolled("nia", "Caseworker")
    keyholders.grant(member=member, compared=member.recipient, by=user, passphrase=passphrase)
    theirs, mine = sign_in(member.user), sign_in(user)
    keyholders.revoke(member=member, by=user, passphrase=passphrase)
    assert theirs.get("/admin/").status_code == 302
    assert mine.get("/admin/").status_code == 200
    assert sessions.listed(user=member.user, here="") == []


def test_who_has_access_cannot_replace_their_key_by_accident(promoted):
    user, _ = promoted
    with pytest.raises(Refused, match="You already have access"):
        keyholders.enrol(user=user, costs=CHEAP)
