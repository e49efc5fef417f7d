"""A tip that is ready to be handed over, and two people who may sign for it."""

from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import desk, handover
from reports.domain.handover import grading, own_words, packs, signatures
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.keys.own_keys import OwnKey
from reports.domain.tips import edit_conflict, opening
from reports.models import Member, Pack, Signature, Tip
from reports.sealing import keyring, signing

SEEDS: dict[str, bytes] = {}  # of every key that tests make, by its recipient: tests/conftest.py fills it in
GRADE = {"source": "2", "information": "C", "handling": "P", "conditions": ""}
WORDS: dict[str, Any] = {"text": "A van calls there nightly.", "removed": "Who saw it.", "contact": "", "stays": {}}


def make_ready(tip: Tip, *, by: User, keys: Keys, **words: Any) -> None:
    """Move a tip on, grade it, and write it in the desk's words."""
    opening.open_new(by=by, keys=keys)
    Tip.objects.filter(pk=tip.pk).update(status="reading")
    tip.refresh_from_db()
    grading.grade(tip=tip, **GRADE, seen=edit_conflict.now(), by=by)
    rewrite(tip, by=by, keys=keys, **words)


def rewrite(tip: Tip, *, by: User, keys: Keys, **words: Any) -> None:
    """Write the next version of a tip in the desk's words."""
    own_words.sanitise(tip=tip, **(WORDS | words), seen=edit_conflict.now(), by=by, keys=keys)


def keyholder(user: User) -> User:
    """Let a user count as one who can open tips."""
    recipient = keyring.recipient_of(signing.identity_of(signing.new_seed()))
    Member.objects.update_or_create(user=user, defaults={"recipient": recipient, "granted": timezone.localdate()})
    return user


def own_key(user: User) -> OwnKey:
    """Return a user's own key, as their words would open it at a desk whose ring names all who have one."""
    named = dict(Member.objects.exclude(granted=None).values_list("user", "recipient"))
    recipient = named.get(user.pk, "")
    return OwnKey(user.pk, recipient, frozenset(named.values()), SEEDS.get(recipient))


def newest_keys() -> Keys | None:
    """Return what a session holds of which the desk was unlocked just now; None where there is no desk to unlock."""
    path = desk.folder() / "ring.age"
    return keyholders._keys(_ring(path.read_bytes())) if path.exists() else None


@lru_cache(maxsize=8)
def _ring(data: bytes) -> keyring.Ring:
    """Return the ring, opened with any key that tests have made, the newest first."""
    for seed in reversed(SEEDS.values()):
        with suppress(keyring.KeyringError):
            return keyring.open_ring(data, identity=signing.identity_of(seed))
    raise AssertionError("No key of the tests opens this ring.")


def sign(pack: Pack, *, by: User, keys: Keys, own: OwnKey | None = None) -> None:
    """Sign a pack as it stands."""
    seen = packs.content(pack=pack, keys=keys).digest
    handover.sign(pack=pack, seen=seen, by=by, keys=keys, own=own or own_key(by))


def signed(tip: Tip, *, by: User, second: User, keys: Keys) -> Pack:
    """Return a pack of a ready tip that both have signed."""
    pack = handover.draft(tips=[tip], by=by)
    for member in (by, second):
        sign(pack, by=member, keys=keys)
    return pack


def signed_earlier(signature: Signature, *, own: OwnKey) -> None:
    """Let a member have signed so long ago that a lone keyholder's signature counts."""
    signature.signed_at -= handover.WAIT
    signatures.put(signature, own=own)
    signature.save()
