"""A signature counts if the member's own key made it, and the ring names that key today."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import audit, handover
from reports.domain.errors import Refused
from reports.domain.handover import departure, packs, signatures
from reports.domain.keys.keyholders import Keys
from reports.models import AuditAct, AuditEvent, Member, Pack, Signature, Tip
from tests.reports.handing import own_key, sign, signed, signed_earlier

pytestmark = pytest.mark.proof(
    "signatures",
    "Nobody signs a pack or proposes an outcome in another's name, with every key of the desk and the database too",
    goal="0 of 7 ways count for a pack, 0 of 8 for an outcome",
)


NOT_SIGNED = "It is not signed by two members whose own keys open this desk today"

type Forge = Callable[[Signature, User, User], None]


@pytest.fixture
def pack(tip: Tip, officer: User) -> Pack:
    return handover.draft(tips=[tip], by=officer)


def without_a_key(forged: Signature, officer: User, second: User) -> None:
    forged.proof = ""


def with_nonsense(forged: Signature, officer: User, second: User) -> None:
    forged.proof = "of no key"


def with_a_key_of_nobodys(forged: Signature, officer: User, second: User) -> None:
    signatures.put(forged, own=replace(own_key(second), seed=bytes(32)))


def with_my_key_under_their_name(forged: Signature, officer: User, second: User) -> None:
    signatures.put(forged, own=own_key(officer))


def with_what_they_signed_elsewhere(forged: Signature, officer: User, second: User) -> None:
    elsewhere = Signature(pack=Pack(reference="H-AAAA-BBBB"), user=second, name="lena", lead=True, digest=forged.digest)
    signatures.put(elsewhere, own=own_key(second))
    forged.proof = elsewhere.proof


def at_another_time(forged: Signature, officer: User, second: User) -> None:
    signatures.put(forged, own=own_key(second))
    forged.signed_at -= timedelta(days=2)


def as_a_lead(forged: Signature, officer: User, second: User) -> None:
    forged.lead = False
    signatures.put(forged, own=own_key(second))
    forged.lead = True


FORGED: list[Forge] = [
    without_a_key,
    with_nonsense,
    with_a_key_of_nobodys,
    with_my_key_under_their_name,
    with_what_they_signed_elsewhere,
    at_another_time,
    as_a_lead,
]


def put_in(pack: Pack, forge: Forge, *, officer: User, second: User, keys: Keys) -> None:
    """Put a colleague's signature in, as somebody does who holds every key of the desk and writes to the database."""
    digest = packs.content(pack=pack, keys=keys).digest
    forged = Signature(pack=pack, user=second, name="lena", lead=True, digest=digest)
    forge(forged, officer, second)
    forged.save()
    audit.record(by=second, act=AuditAct.SIGNED_PACK, subject=pack.reference, rows=audit.Rows([forged]))
    Pack.objects.update(state="signed_once")


@pytest.mark.parametrize("forge", FORGED)
def test_a_signature_that_a_colleague_forged_falls_at_the_next(
    pack: Pack, officer: User, second: User, keys: Keys, forge: Forge
) -> None:
    put_in(pack, forge, officer=officer, second=second, keys=keys)
    sign(pack, by=officer, keys=keys)
    assert (Pack.objects.get().state, Signature.objects.get().user) == ("signed_once", officer)
    assert AuditEvent.objects.filter(act="signatures-void", subject=pack.reference).count() == 1


@pytest.fixture
def nobody_looks_at_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weaken the desk."""
    monkeypatch.setattr(signatures, "by_own_keys", lambda **_kwargs: True)


@pytest.mark.parametrize("forge", FORGED)
@pytest.mark.usefixtures("nobody_looks_at_keys")
@pytest.mark.proof("signatures", control=True)
def test_control_where_nobody_looks_at_keys_each_of_these_counts(
    pack: Pack, officer: User, second: User, keys: Keys, forge: Forge
) -> None:
    put_in(pack, forge, officer=officer, second=second, keys=keys)
    sign(pack, by=officer, keys=keys)
    assert (Pack.objects.get().state, Signature.objects.count()) == ("signed", 2)


def test_nobody_signs_with_the_key_of_another(pack: Pack, officer: User, second: User, keys: Keys) -> None:
    with pytest.raises(Refused, match="Only a keyholder can sign"):
        sign(pack, by=officer, keys=keys, own=own_key(second))


def export(pack: Pack, by: User, keys: Keys, **change: Any) -> departure.File:
    """Export the pack as the database has it."""
    own = replace(own_key(by), **change)
    now = Pack.objects.get(pk=pack.pk)
    return departure.export(pack=now, kind="json", partner=None, by=by, keys=keys, own=own)


def test_what_somebody_signed_whose_key_was_taken_away_does_not_leave(
    tip: Tip, officer: User, second: User, keys: Keys
) -> None:
    pack = signed(tip, by=officer, second=second, keys=keys)
    with pytest.raises(Refused, match=NOT_SIGNED):
        export(pack, officer, keys, recipients=frozenset({own_key(officer).recipient}))
    assert (Pack.objects.get().state, Signature.objects.count()) == ("drafted", 0)


def test_a_lone_keyholder_cannot_have_signed_earlier_than_they_did(pack: Pack, officer: User, keys: Keys) -> None:
    sign(pack, by=officer, keys=keys)
    Signature.objects.update(signed_at=timezone.now() - timedelta(days=2))
    seen, own = packs.content(pack=pack, keys=keys).digest, own_key(officer)
    with pytest.raises(Refused, match="It has changed since you looked, or since it was signed"):
        handover.sign_alone(pack=pack, seen=seen, by=officer, keys=keys, own=own, now=timezone.now())
    assert (Pack.objects.get().state, Signature.objects.count()) == ("drafted", 0)


def call_alone(pack: Pack, keys: Keys) -> None:
    """Call a pack signed by one alone, as somebody does who writes to the database."""
    pack.alone = True
    file = packs.sha256(handover.document(packs.content(pack=pack, keys=keys), pack))
    Pack.objects.update(state="signed", alone=True, digest=file)


def test_one_signature_that_was_not_made_to_count_alone_does_not(pack: Pack, officer: User, keys: Keys) -> None:
    sign(pack, by=officer, keys=keys)
    signed_earlier(Signature.objects.get(), own=own_key(officer))
    call_alone(pack, keys)
    with pytest.raises(Refused, match=NOT_SIGNED):
        export(pack, officer, keys)


def test_nobody_is_the_only_keyholder_while_the_ring_opens_for_somebody_else(
    pack: Pack, officer: User, second: User, keys: Keys
) -> None:
    sign(pack, by=officer, keys=keys)
    own, seen = own_key(officer), packs.content(pack=pack, keys=keys).digest
    Member.objects.filter(user=second).update(granted=None)
    later = timezone.now() + timedelta(days=2)
    with pytest.raises(Refused, match="The desk opens for a key that is no member’s here"):
        handover.sign_alone(pack=pack, seen=seen, by=officer, keys=keys, own=own, now=later)
    own = replace(own, recipients=frozenset({own.recipient}))  # the control: their key was taken away
    handover.sign_alone(pack=pack, seen=seen, by=officer, keys=keys, own=own, now=later)


def test_nobody_exports_with_the_words_of_another(tip: Tip, officer: User, second: User, keys: Keys) -> None:
    pack = signed(tip, by=officer, second=second, keys=keys)
    with pytest.raises(Refused, match="These are not your words"):
        departure.export(pack=pack, kind="json", partner=None, by=officer, keys=keys, own=own_key(second))
