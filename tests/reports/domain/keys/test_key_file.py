"""The key file: whatever is wrong with it is said with what to do, and nothing is overwritten."""

import hashlib

import pytest

from reports.domain import state_files
from reports.domain.errors import DeskBroken, Refused
from reports.domain.keys import key_file, keyholders, passphrases
from reports.models import AuditEvent, KeyFileMark, Member
from reports.sealing import keyring
from tests.factories import CHEAP, make_user
from tests.reports import forging
from tests.reports.admin.conftest import sign_in

pytestmark = pytest.mark.engine


@pytest.fixture
def newcomer(roles):
    """Return a member who waits for access."""
    user = make_user("nia", "Caseworker")
    keyholders.enrol(user=user, costs=CHEAP)
    return Member.objects.get(user=user)


def files():
    """Return the desk's files as they are, but for those that are only locked."""
    empty = (".lock", ".try")
    return {
        path.name: path.read_bytes()
        for path in state_files.folder().iterdir()
        if not path.name.startswith(empty)
    }


def truncated(data):
    return data[: len(data) // 2]


def swapped(data):
    return keyring.seal_keyring(
        keyring.new_keyring(recipients=[m.recipient for m in Member.objects.all()])
    )


def flipped(data):
    return data[:200] + bytes([data[200] ^ 1]) + data[201:]


@pytest.mark.promise("keys")
@pytest.mark.parametrize(
    "damage", [truncated, swapped, flipped, lambda data: b""], ids=["cut", "swap", "flip", "empty"]
)
@pytest.mark.parametrize("act", ["unlock", "grant", "rotate"])
def test_key_file_that_is_not_the_newest_is_named_and_nothing_is_overwritten(
    boss, newcomer, damage, act
):
    """A damaged, swapped or old key file is named, and nothing is overwritten."""
    user, passphrase = boss
    path = state_files.folder() / "keyring.age"
    path.write_bytes(damage(path.read_bytes()))
    before = files()
    acts = {
        "unlock": lambda: keyholders.unlock(user=user, passphrase=passphrase),
        "grant": lambda: keyholders.grant(
            member=newcomer, compared=newcomer.recipient, by=user, passphrase=passphrase
        ),
        "rotate": lambda: keyholders.rotate(by=user, passphrase=passphrase),
    }
    with pytest.raises(DeskBroken, match=r"keyring\.age .*(Put version 1 back|Put it back)"):
        acts[act]()
    assert files() == before
    assert KeyFileMark.objects.count() == 1


def test_key_file_that_cannot_be_read_says_so_and_stays(boss):
    user, passphrase = boss
    path, pub = (
        state_files.folder() / "keyring.age",
        (state_files.folder() / "desk.pub").read_bytes(),
    )
    aside = path.rename(path.with_name("aside"))
    path.mkdir()  # as unreadable as it gets, for whoever runs the tests
    for act in (
        lambda: keyholders.unlock(user=user, passphrase=passphrase),
        lambda: keyholders.rotate(by=user, passphrase=passphrase),
    ):
        with pytest.raises(
            DeskBroken, match=r"keyring\.age cannot be read\. Put it back from a backup"
        ):
            act()
    assert path.is_dir()
    assert not path.with_name("keyring.age.next").exists()
    assert (state_files.folder() / "desk.pub").read_bytes() == pub
    path.rmdir()
    aside.rename(path)
    keyholders.unlock(user=user, passphrase=passphrase)  # the control


def test_crash_before_the_database_knows_leaves_the_old_key_file(boss, monkeypatch):
    user, passphrase = boss
    with monkeypatch.context() as patch:
        patch.setattr(
            key_file.KeyFileMark.objects, "create", None
        )  # as when the database dies here
        with pytest.raises(TypeError):
            keyholders.rotate(by=user, passphrase=passphrase)
    assert (state_files.folder() / "keyring.age.next").exists()
    assert state_files.public_key().index == 1
    keyholders.unlock(user=user, passphrase=passphrase)
    keyholders.rotate(by=user, passphrase=passphrase)
    assert state_files.public_key().index == 2


@pytest.mark.parametrize("missing", [False, True])
def test_crash_after_the_database_knows_is_finished_at_the_next_unlock(boss, missing, monkeypatch):
    user, passphrase = boss
    with monkeypatch.context() as patch:
        patch.setattr(
            key_file, "finish", lambda digest: (_ for _ in ()).throw(OSError("the machine stops"))
        )
        with pytest.raises(OSError, match="stops"):
            keyholders.rotate(by=user, passphrase=passphrase)
    assert state_files.public_key().index == 1
    if missing:
        (state_files.folder() / "keyring.age").unlink()
    keys = keyholders.unlock(user=user, passphrase=passphrase)
    assert len(keys.identities) == 2
    assert state_files.public_key().recipient == keyring.recipient_of(keys.identities[0])
    assert not (state_files.folder() / "keyring.age.next").exists()
    assert AuditEvent.objects.filter(act="desk-pub-renewed").count() == 1


def test_file_beside_that_the_database_does_not_name_is_never_taken(boss):
    user, passphrase = boss
    before = (state_files.folder() / "keyring.age").read_bytes()
    (state_files.folder() / "keyring.age.next").write_bytes(swapped(b""))
    keyholders.unlock(user=user, passphrase=passphrase)
    assert (state_files.folder() / "keyring.age").read_bytes() == before
    assert key_file.finish(hashlib.sha256(b"another").hexdigest()) is None


def test_member_who_waits_is_told_the_fingerprint_of_the_key_that_their_words_open(boss, roles):
    user = make_user("nia", "Caseworker")
    words = keyholders.enrol(user=user, costs=CHEAP)
    own = keyring.fingerprint(Member.objects.get(user=user).recipient)
    with pytest.raises(Refused, match=own):
        keyholders.unlock(user=user, passphrase=words)
    assert passphrases.own_fingerprint(user=user, passphrase=words) == own


class TestNewestKeyEvent:
    def test_every_act_that_writes_the_key_file_names_the_key(self, boss, newcomer):
        user, passphrase = boss
        keyholders.grant(
            member=newcomer, compared=newcomer.recipient, by=user, passphrase=passphrase
        )
        keyholders.rotate(by=user, passphrase=passphrase)
        keyholders.revoke(member=newcomer, by=user, passphrase=passphrase)
        events = AuditEvent.objects.filter(act__in=key_file.KEY_EVENTS).order_by("seq")
        assert [event.act for event in events] == ["founded", "granted", "rotated", "revoked"]
        named = [event.detail["fingerprint"] for event in events]
        assert named[-1] == keyring.fingerprint(state_files.public_key().recipient)
        assert [name == named[0] for name in named] == [True, True, False, False]

    @pytest.mark.promise("keys", control="test_while_a_key_is_being_made_nothing_differs")
    def test_a_strangers_key_differs_and_the_desks_own_does_not(self, boss):
        """A `desk.pub` that the newest key event does not name is told within a minute."""
        user, passphrase = boss
        assert key_file.desk_pub_differs() is False
        own = (state_files.folder() / "desk.pub").read_bytes()
        keyholders.rotate(by=user, passphrase=passphrase)
        assert key_file.desk_pub_differs() is False
        for other in (
            forging.swap_desk_pub,
            lambda: (state_files.folder() / "desk.pub").write_bytes(own),
        ):
            other()
            assert key_file.desk_pub_differs() is True
        keyholders.unlock(user=user, passphrase=passphrase)  # an older one of its own is put right
        assert key_file.desk_pub_differs() is False

    def test_while_a_key_is_being_made_nothing_differs(self, boss, monkeypatch):
        """The event stands before the file is written.

        Whoever finds a difference then waits for the key file's lock.
        """
        user, passphrase = boss
        finish, locked = key_file.finish, key_file.locked
        before = []

        def look(digest):
            before.append(key_file._differs())
            return finish(digest)

        with monkeypatch.context() as patch:
            patch.setattr(key_file, "finish", look)
            keyholders.rotate(by=user, passphrase=passphrase)
        assert before == [True]  # the control: without the lock it would be called a stranger's
        answers = iter([True, False])  # before the lock, and once it is free
        monkeypatch.setattr(key_file, "_differs", lambda: next(answers))
        waits = []
        monkeypatch.setattr(key_file, "locked", lambda: waits.append("for the lock") or locked())
        assert key_file.desk_pub_differs() is False
        assert waits == ["for the lock"]

    def test_nobody_can_say_without_file_event_or_right(self, boss, settings, unguarded):
        own = state_files.folder() / "desk.pub"
        own.unlink()
        assert key_file.desk_pub_differs() is None
        forging.swap_desk_pub()
        assert key_file.desk_pub_differs() is True  # the control
        settings.SITE_ROLE = "public"
        assert key_file.desk_pub_differs() is None
        settings.SITE_ROLE = "all"
        AuditEvent.objects.filter(act="founded").update(
            detail={"key_file": 1, "key": 1}
        )  # an event that names no key
        assert key_file.desk_pub_differs() is True
        AuditEvent.objects.all().delete()
        assert key_file.desk_pub_differs() is None


def opened(boss):
    return keyholders.unlock(user=boss[0], passphrase=boss[1])


def colleague(boss, name="nia"):
    """Return a member with access."""
    keyholders.enrol(user=make_user(name, "Caseworker"), costs=CHEAP)
    member = Member.objects.select_related("user").get(user__username=name)
    keyholders.grant(member=member, compared=member.recipient, by=boss[0], passphrase=boss[1])
    return member


def test_account_that_was_removed_by_hand_leaves_a_stray_which_unlocking_notices(boss):
    member = colleague(boss)
    member.user.delete()
    assert opened(boss).strays == (member.recipient,)
    event = AuditEvent.objects.latest("seq")
    assert (event.actor, event.act, event.detail) == ("lena", "found-stray-key", {"count": 1})


@pytest.mark.promise("keys")
def test_key_that_was_changed_in_the_database_leaves_a_stray(boss):
    """A key that the key file opens for and that belongs to nobody is noticed at unlock."""
    member = colleague(boss)
    Member.objects.filter(pk=member.pk).update(
        recipient=keyring.recipient_of(keyring.new_identity())
    )
    assert opened(boss).strays == (member.recipient,)


def test_team_lead_takes_strays_away_and_the_desk_has_a_new_key(boss):
    gone = [colleague(boss, name) for name in ("nia", "sam")]
    for member in gone:
        member.user.delete()
    stays, before = colleague(boss, "olu"), state_files.public_key()
    keys = keyholders.expel(by=boss[0], passphrase=boss[1])
    assert (keys.strays, opened(boss).strays) == ((), ())
    assert state_files.public_key().recipient != before.recipient
    found = key_file.open_locked(identity=keyholders.identity_of(user=boss[0], passphrase=boss[1]))
    assert set(found.recipients) == {
        Member.objects.get(user=boss[0]).recipient,
        stays.recipient,
        found.recovery,
    }
    assert AuditEvent.objects.filter(act="expelled-stray-keys").count() == 1


def test_people_page_shows_strays_to_team_leads_and_leads_to_the_act(boss):
    member = colleague(boss)
    member.user.delete()
    team_lead = sign_in(boss[0])
    page = team_lead.post("/admin/unlock/", {"passphrase": boss[1]}, follow=True).content.decode()
    assert "A key that belongs to nobody here can open tips. Tell a team lead today." in page
    page = team_lead.get("/admin/people/").content.decode()
    assert keyring.fingerprint(member.recipient) in page
    assert "/admin/people/strays/" in page
    assert (
        team_lead.post("/admin/people/strays/", {"passphrase": boss[1]})["Location"]
        == "/admin/people/"
    )
    assert "belongs to nobody here" not in team_lead.get("/admin/people/").content.decode()
