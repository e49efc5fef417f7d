"""A key that the ring opens for though it belongs to nobody: noticed at unlock, told to leads, taken away."""

from django.contrib.auth.models import User

from reports.domain import desk
from reports.domain.keys import keyholders, ring
from reports.domain.keys.keyholders import Keys
from reports.models import AuditEvent, Member
from reports.sealing import keyring
from tests.factories import CHEAP, make_user
from tests.reports.admin.conftest import sign_in


def opened(boss: tuple[User, str]) -> Keys:
    return keyholders.unlock(user=boss[0], phrase=boss[1])


def colleague(boss: tuple[User, str], name: str = "nia") -> Member:
    """Return a member with access."""
    keyholders.enrol(user=make_user(name, "Officer"), costs=CHEAP)
    member = Member.objects.select_related("user").get(user__username=name)
    keyholders.grant(member=member, by=boss[0], phrase=boss[1])
    return member


def test_members_and_the_recovery_sheet_are_no_strays(boss) -> None:
    colleague(boss)
    assert opened(boss).strays == ()
    assert not AuditEvent.objects.filter(act="found-stray-key").exists()


def test_account_that_was_removed_by_hand_leaves_a_stray_which_unlocking_notices(boss) -> None:
    member = colleague(boss)
    member.user.delete()
    assert opened(boss).strays == (member.recipient,)
    event = AuditEvent.objects.latest("seq")
    assert (event.actor, event.act, event.detail) == ("lena", "found-stray-key", {"count": 1})


def test_key_that_was_changed_in_the_database_leaves_a_stray(boss) -> None:
    member = colleague(boss)
    Member.objects.filter(pk=member.pk).update(recipient=keyring.recipient_of(keyring.new_identity()))
    assert opened(boss).strays == (member.recipient,)


def test_lead_takes_strays_away_and_the_desk_has_a_new_key(boss) -> None:
    gone = [colleague(boss, name) for name in ("nia", "sam")]
    for member in gone:
        member.user.delete()
    stays, before = colleague(boss, "olu"), desk.public_key()
    keys = keyholders.expel(by=boss[0], phrase=boss[1])
    assert (keys.strays, opened(boss).strays) == ((), ())
    assert desk.public_key().recipient != before.recipient
    found = ring.opened(identity=keyholders.identity_of(user=boss[0], phrase=boss[1]))
    assert set(found.recipients) == {Member.objects.get(user=boss[0]).recipient, stays.recipient, found.recovery}
    assert AuditEvent.objects.filter(act="expelled-stray-keys").count() == 1


def test_people_page_shows_strays_to_leads_and_leads_to_the_act(boss) -> None:
    member = colleague(boss)
    member.user.delete()
    lead = sign_in(boss[0])
    page = lead.post("/admin/unlock/", {"phrase": boss[1]}, follow=True).content.decode()
    assert "The desk opens for a key that belongs to nobody here. Tell a lead today." in page
    page = lead.get("/admin/people/").content.decode()
    assert keyring.fingerprint(member.recipient) in page
    assert "/admin/people/strays/" in page
    assert lead.post("/admin/people/strays/", {"phrase": boss[1]})["Location"] == "/admin/people/"
    assert "belongs to nobody here" not in lead.get("/admin/people/").content.decode()
