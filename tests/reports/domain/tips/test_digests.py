"""Digests of sealed tips: written on opening, extended by follow-ups, packed in segments, gone with the tip."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, transaction

from reports.domain import key_rotation
from reports.domain.intake import outbox, recorded_tips
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import digests, opening
from reports.models import Digest, Segment, Tip
from reports.sealing import receipts, segment
from tests.reports.purging import purge
from tests.reports.telling import tell
from tests.reports.unrecorded import record_broken

type Send = Callable[..., Tip]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pack as soon as three digests lie loose, at most three in a segment."""
    monkeypatch.setattr(digests, "LOOSE", 3)
    monkeypatch.setattr(segment, "PACKED", 3)


@pytest.fixture
def leading(officer: User, roles: None) -> User:
    """Return the officer, who leads the desk too."""
    officer.groups.add(Group.objects.get(name="Lead"))
    return User.objects.get(pk=officer.pk)


@pytest.fixture
def packed(opened: Send, keys: Keys) -> list[Tip]:
    """Return three tips whose digests lie in a segment."""
    tips = [opened() for _ in range(3)]
    pack(keys)
    assert Segment.objects.get().count == 3
    return tips


def plain(tip: Tip, keys: Keys) -> str:
    ((_, found),) = digests.opened(Digest.objects.filter(tip=tip), keys=keys)
    return found.decode()


def pack(keys: Keys) -> None:
    while digests.prepare(keys=keys):
        pass


def test_opening_writes_what_was_typed_and_no_contact_details(opened: Send, keys: Keys) -> None:
    tip = opened("A grey van, KX21 VBN", kind="street", people="Big Dave", contact_details="at the bakery")
    assert plain(tip, keys) == " a grey van kx21 vbn \n big dave \n #plate:kx21vbn "
    tip.refresh_from_db()
    assert tip.digested


def test_who_wrote_a_tip_down_and_how_it_came_are_not_searchable(officer: User, keys: Keys) -> None:
    recorded_tips.record(token="", answers={"what": "A van."}, channel="phone", by=officer)
    outbox.drain()
    opening.open_new(by=officer, keys=keys)
    assert plain(Tip.objects.get(), keys) == " a van "
    assert digests.texts({"what": "A van.", "channel": "phone", "recorded_by": "olu", "appeal": "a-story"}) == {
        "what": "A van."
    }


def test_digest_in_the_database_shows_no_word_and_little_of_its_length(opened: Send, keys: Keys) -> None:
    opened("marmalade")
    opened("marmalade " * 90)
    sizes = {len(bytes(row.sealed)) for row in Digest.objects.all()}
    assert sizes == {digests.SIZE + 12 + 16}
    assert not any(b"marmalade" in bytes(row.sealed) for row in Digest.objects.all())


@pytest.mark.parametrize("sealed", [None, b"nothing"])
def test_follow_up_extends_the_digest_and_deletes_its_segment_whether_it_opens_or_not(
    opened: Send, officer: User, keys: Keys, sealed: bytes | None
) -> None:
    tip = tell("A van.", token=(token := receipts.new_token()))
    for _ in range(2):
        opened()
    pack(keys)
    if sealed:
        Digest.objects.filter(tip=tip).update(sealed=sealed)
    tell("A lorry.", token=token)
    opening.open_new(by=officer, keys=keys)
    assert plain(tip, keys) == (" a lorry " if sealed else " a van \n a lorry ")
    assert not Segment.objects.exists()  # else the tip would be found twice
    assert Digest.objects.filter(segment=None).count() == 3


def test_a_tip_without_a_digest_gets_its_own_whole(officer: User, keys: Keys) -> None:
    tip = tell("A van.", token=(token := receipts.new_token()))
    opening.open_new(by=officer, keys=keys)
    Digest.objects.all().delete()
    Tip.objects.update(digested=False)
    tell("A lorry.", token=token)
    opening.open_new(by=officer, keys=keys)
    assert (Digest.objects.exists(), digests.ready()) == (False, (0, 1))
    assert [opening.digest_missing(keys=keys) for _ in range(2)] == [1, 0]
    assert (plain(tip, keys), digests.ready()) == (" a van \n a lorry ", (1, 1))


def test_digest_that_does_not_open_is_written_anew_and_never_sealed_again(opened: Send, keys: Keys) -> None:
    tips = [opened() for _ in range(3)]
    row = Digest.objects.get(tip=tips[0])
    assert not digests.seal_again(Digest(tip=row.tip, key_index=1, sealed=b"nothing"), keys=keys, index=2)
    Digest.objects.filter(pk=row.pk).update(key_index=7)
    assert not digests.seal_again(row, keys=keys, index=2), "it has changed meanwhile"
    Digest.objects.filter(pk=row.pk).update(sealed=b"nothing")
    assert digests.prepare(keys=keys)
    assert not Digest.objects.filter(pk=row.pk).exists()
    assert opening.digest_missing(keys=keys) == 1
    assert plain(tips[0], keys) == " a grey van "


def test_purged_tips_segment_goes_in_the_same_transaction(packed: list[Tip]) -> None:
    with record_broken(), pytest.raises(DatabaseError), transaction.atomic():
        purge(tip=packed[0])
    assert Segment.objects.get().count == 3  # the purge was undone, and so was this
    assert Tip.objects.count() == 3
    purge(tip=packed[0])
    assert not Segment.objects.exists()
    assert set(Digest.objects.values_list("tip_id", "segment_id")) == {(tip.pk, None) for tip in packed[1:]}


def test_who_left_cannot_search_what_came_later(packed: list[Tip], leading: User, phrase: str, keys: Keys) -> None:
    newer = keyholders.rotate(by=leading, phrase=phrase)
    progress = key_rotation.step(by=leading, keys=newer)
    assert (progress.left, progress.stuck) == (0, 0)
    assert not Segment.objects.exists()
    assert list(digests.opened(Digest.objects.all(), keys=keys)) == []
    only_new = Keys(newer.identities[:1], since=0)
    assert len(dict(digests.opened(Digest.objects.all(), keys=only_new))) == 3  # the control


def test_segment_that_is_broken_or_has_just_gone_holds_nothing_and_is_packed_again(
    packed: list[Tip], keys: Keys
) -> None:
    row, terms, cipher = Segment.objects.get(), digests.query.terms('"grey van"'), digests.ciphers(keys)
    assert len(digests.holding(row, terms, cipher=cipher)) == 3  # the control
    digests.drop_segments([row.number])
    assert digests.holding(row, terms, cipher=cipher) == []
    pack(keys)
    Segment.objects.update(sealed=b"nothing")
    assert digests.holding(Segment.objects.get(), terms, cipher=cipher) == []
    assert not Segment.objects.exists()
    pack(keys)
    assert Segment.objects.get().count == 3
