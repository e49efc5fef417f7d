"""Digests of sealed tips: written on opening, extended by follow-ups, gone with the tip."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, transaction

from reports.domain import key_rotation
from reports.domain.intake import outbox, recorded_tips
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.search import scan, searching
from reports.domain.tips import digests, opening
from reports.models import Digest, Tip
from reports.sealing import receipts
from tests.reports.purging import purge
from tests.reports.telling import tell
from tests.reports.unrecorded import record_broken

type Send = Callable[..., Tip]


@pytest.fixture
def leading(caseworker, roles):
    """Return the caseworker, who leads the desk too."""
    caseworker.groups.add(Group.objects.get(name="Team lead"))
    return User.objects.get(pk=caseworker.pk)


def plain(tip, keys):
    ((_, found),) = digests.opened(Digest.objects.filter(tip=tip), keys=keys)
    return found.decode()


def test_opening_writes_what_was_typed_and_no_contact_details(opened, keys):
    tip = opened(
        "A grey van, KX21 VBN", kind="street", people="Big Dave", contact_details="at the bakery"
    )
    assert plain(tip, keys) == " a grey van kx21 vbn \n big dave \n #plate:kx21vbn "


def test_who_wrote_a_tip_down_and_how_it_came_are_not_searchable(caseworker, keys):
    recorded_tips.store(token="", answers={"what": "A van."}, channel="phone", by=caseworker)
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)
    assert plain(Tip.objects.get(), keys) == " a van "
    assert digests.texts(
        {"what": "A van.", "channel": "phone", "recorded_by": "olu", "appeal": "a-story"}
    ) == {"what": "A van."}


def test_digest_in_the_database_shows_no_word_and_little_of_its_length(opened, keys):
    opened("marmalade")
    opened("marmalade " * 90)
    sizes = {len(bytes(row.sealed)) for row in Digest.objects.all()}
    assert sizes == {digests.SIZE + 12 + 16}
    assert not any(b"marmalade" in bytes(row.sealed) for row in Digest.objects.all())


def test_follow_up_extends_the_digest(caseworker, keys):
    tip = tell("A van.", token=(token := receipts.new_token()))
    opening.open_new(by=caseworker, keys=keys)
    tell("A lorry.", token=token)
    opening.open_new(by=caseworker, keys=keys)
    assert plain(tip, keys) == " a van \n a lorry "


@pytest.mark.parametrize("sealed", [None, b"nothing"])
def test_next_search_writes_a_digest_that_is_gone_or_does_not_open_from_the_tip(
    caseworker, keys, sealed
):
    tip = tell("A van.", token=(token := receipts.new_token()))
    opening.open_new(by=caseworker, keys=keys)
    Digest.objects.filter(tip=tip).update(
        sealed=sealed
    ) if sealed else Digest.objects.all().delete()
    tell("A lorry.", token=token)
    opening.open_new(by=caseworker, keys=keys)
    assert list(digests.opened(Digest.objects.all(), keys=keys)) == []
    (hit,) = searching.search(words="van lorry", by=caseworker, keys=keys).hits
    assert hit.tip == tip
    assert plain(tip, keys) == " a van \n a lorry "


def test_digest_that_does_not_open_or_has_changed_is_never_sealed_again(opened, keys):
    row = Digest.objects.get(tip=opened())
    assert not digests.seal_again(
        Digest(tip=row.tip, key_index=1, sealed=b"nothing"), keys=keys, index=2
    )
    Digest.objects.filter(pk=row.pk).update(key_index=7)
    assert not digests.seal_again(row, keys=keys, index=2), "it has changed meanwhile"


@pytest.mark.promise("team")
def test_purged_tips_digest_goes_in_the_same_transaction(opened):
    """What is searched of a purged tip goes in the same transaction."""
    tip, other = opened(), opened()
    with record_broken(), pytest.raises(DatabaseError), transaction.atomic():
        purge(tip=tip)
    assert (Tip.objects.count(), Digest.objects.count()) == (
        2,
        2,
    )  # the purge was undone, and so was this
    purge(tip=tip)
    assert [row.tip for row in Digest.objects.all()] == [other]


@pytest.mark.promise("team")
def test_who_left_cannot_search_what_came_later(opened, leading, passphrase, keys):
    """Who left the desk cannot search what came later."""
    tips = {opened().pk for _ in range(3)}
    newer = keyholders.rotate(by=leading, passphrase=passphrase)
    assert key_rotation.step(by=leading, keys=newer) == 0
    assert scan.look_through(Tip.objects.all(), test=bool, keys=keys) == ({}, 0)
    only_new = Keys(newer.identities[:1], since=0)
    assert scan.look_through(Tip.objects.all(), test=bool, keys=only_new) == (
        dict.fromkeys(tips, True),
        3,
    )
