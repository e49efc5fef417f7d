"""Digests of sealed tips: written on opening, extended by follow-ups, packed in segments, gone with the tip."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, transaction

from reports.domain import intake, key_rotation, retention
from reports.domain.intake import outbox, recorded_tips
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import digests, opening
from reports.models import Digest, Segment, Tip
from reports.sealing import receipts, segment
from tests.reports.purging import purge
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


def test_follow_up_extends_the_digest_and_deletes_its_segment(opened: Send, officer: User, keys: Keys) -> None:
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van."})
    outbox.drain()
    for _ in range(2):
        opened()
    pack(keys)
    assert Segment.objects.count() == 1
    intake.accept(token=token, answers={"what": "A lorry."})
    outbox.drain()
    opening.open_new(by=officer, keys=keys)
    tip = Tip.objects.get(lookup=receipts.lookup(token))
    assert plain(tip, keys) == " a van \n a lorry "
    assert not Segment.objects.exists()
    assert Digest.objects.filter(segment=None).count() == 3


def test_follow_up_deletes_the_segment_of_a_digest_that_does_not_open(opened: Send, officer: User, keys: Keys) -> None:
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van."})
    outbox.drain()
    for _ in range(2):
        opened()
    pack(keys)
    Digest.objects.filter(tip__lookup=receipts.lookup(token)).update(sealed=b"nothing")
    intake.accept(token=token, answers={"what": "A lorry."})
    outbox.drain()
    opening.open_new(by=officer, keys=keys)
    assert not Segment.objects.exists()  # else the tip would be found twice
    assert plain(Tip.objects.get(lookup=receipts.lookup(token)), keys) == " a lorry "


def test_tips_opened_before_there_were_digests_get_theirs_whole(send: Send, officer: User, keys: Keys) -> None:
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van."})
    outbox.drain()
    opening.open_new(by=officer, keys=keys)
    Digest.objects.all().delete()
    Tip.objects.update(digested=False)
    intake.accept(token=token, answers={"what": "A lorry."})
    outbox.drain()
    opening.open_new(by=officer, keys=keys)
    tip = Tip.objects.get()
    assert not tip.digested
    assert not Digest.objects.exists()
    assert digests.ready() == (0, 1)
    assert opening.digest_missing(keys=keys) == 1
    assert plain(tip, keys) == " a van \n a lorry "
    assert opening.digest_missing(keys=keys) == 0
    assert digests.ready() == (1, 1)


def test_segments_hold_all_that_is_packed_and_bounded_bytes(
    opened: Send, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "PACKED_BYTES", 30)
    for what in ("one two three four", "five six seven eight", "nine ten eleven twelve"):
        opened(what)
    assert digests.prepare(keys=keys)
    assert Segment.objects.get().count == 1
    assert Digest.objects.filter(segment=None).count() == 2
    assert not digests.prepare(keys=keys)


def test_digest_that_does_not_open_is_written_anew(opened: Send, keys: Keys) -> None:
    for _ in range(3):
        opened()
    swapped = Digest.objects.first()
    assert swapped is not None
    Digest.objects.filter(pk=swapped.pk).update(sealed=b"nothing")
    assert digests.prepare(keys=keys)
    assert not Digest.objects.filter(pk=swapped.pk).exists()
    assert opening.digest_missing(keys=keys) == 1
    assert plain(swapped.tip, keys) == " a grey van "


def test_nothing_is_packed_when_no_digest_opens(opened: Send, keys: Keys) -> None:
    for _ in range(3):
        opened()
    Digest.objects.update(sealed=b"nothing")
    assert digests.prepare(keys=keys)
    assert not Segment.objects.exists()


def test_purged_tips_segment_goes_in_the_same_transaction(opened: Send, officer: User, keys: Keys) -> None:
    tips = [opened() for _ in range(3)]
    pack(keys)
    with record_broken(), pytest.raises(DatabaseError), transaction.atomic():
        purge(tip=tips[0])
    assert Segment.objects.get().count == 3  # the purge was undone, and so was this
    assert Tip.objects.count() == 3
    purge(tip=tips[0])
    assert not Segment.objects.exists()
    assert set(Digest.objects.values_list("tip_id", "segment_id")) == {(tip.pk, None) for tip in tips[1:]}


def test_purge_that_fails_after_the_segment_is_gone_keeps_both(
    opened: Send, officer: User, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    tips = [opened() for _ in range(3)]
    pack(keys)

    def fails(*, today: date) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(retention.ledger, "count", fails)
    with pytest.raises(DatabaseError):
        purge(tip=tips[0])
    assert Segment.objects.get().count == 3
    assert Digest.objects.exclude(segment=None).count() == 3


def test_tip_that_is_loose_is_purged_without_touching_segments(opened: Send, officer: User, keys: Keys) -> None:
    for _ in range(3):
        opened()
    pack(keys)
    purge(tip=opened())
    assert Segment.objects.count() == 1


def test_resealing_seals_digests_again_and_deletes_segments(
    opened: Send, leading: User, phrase: str, keys: Keys
) -> None:
    tips = [opened() for _ in range(3)]
    pack(keys)
    newer = keyholders.rotate(by=leading, phrase=phrase)
    progress = key_rotation.step(by=leading, keys=newer)
    assert (progress.left, progress.stuck) == (0, 0)
    assert not Segment.objects.exists()
    assert {row.key_index for row in Digest.objects.all()} == {2}
    only_new = Keys(newer.identities[:1], since=0)
    assert plain(tips[0], only_new) == " a grey van "


def test_digest_that_does_not_open_is_stuck_when_sealed_again(opened: Send, officer: User, keys: Keys) -> None:
    opened()
    row = Digest.objects.get()
    row.sealed = b"nothing"
    assert not digests.seal_again(row, keys=keys, index=2)


def test_digest_that_changed_meanwhile_is_not_overwritten(opened: Send, keys: Keys) -> None:
    opened()
    row = Digest.objects.get()
    Digest.objects.update(key_index=7)
    assert not digests.seal_again(row, keys=keys, index=2)
    assert Digest.objects.get().key_index == 7


def test_who_left_cannot_search_what_came_later(opened: Send, leading: User, phrase: str, keys: Keys) -> None:
    tip = opened()
    newer = keyholders.rotate(by=leading, phrase=phrase)
    key_rotation.step(by=leading, keys=newer)
    assert list(digests.opened(Digest.objects.all(), keys=keys)) == []
    assert plain(tip, newer) == " a grey van "  # the control


def test_broken_segment_is_deleted_and_its_digests_are_packed_again(opened: Send, keys: Keys) -> None:
    for _ in range(3):
        opened()
    pack(keys)
    Segment.objects.update(sealed=b"nothing")
    row = Segment.objects.get()
    cipher = digests.ciphers(keys)
    assert digests.holding(row, [], cipher=cipher) == []
    assert not Segment.objects.exists()
    pack(keys)
    assert Segment.objects.get().count == 3


def test_segment_that_has_just_gone_holds_nothing(opened: Send, keys: Keys) -> None:
    for _ in range(3):
        opened()
    pack(keys)
    row, terms, cipher = Segment.objects.get(), digests.query.terms('"grey van"'), digests.ciphers(keys)
    assert len(digests.holding(row, terms, cipher=cipher)) == 3  # the control
    digests.drop_segments([row.number])
    assert digests.holding(row, terms, cipher=cipher) == []
