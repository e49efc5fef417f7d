"""Signatures with a member's own key: an Ed25519 seed whose key, on Curve25519, is that member's age identity.

So the recipient that the ring names, whose fingerprint two people compared, is the key that signatures are checked
with: the ring has no other line for it, and none can be put beside it. Ed25519 is RFC 8032; the map from its curve to
that of X25519 is RFC 7748, section 4.1. That one key may do both is shown by E. Thormarker, "On using the same key
pair for Ed25519 and an X25519 based KEM" (2021).
"""

import hashlib
import json
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reports.sealing import bech32

type Fact = str | int | bool | None

SEED_SIZE = 32  # bytes

_PRIME = 2**255 - 19
_CONTEXT = b"streetlight/1 signature "
_ORDER_EIGHT = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
# Points of small order, with either value of the bit that X25519 leaves out (RFC 7748, section 6.1): they seal nothing.
WEAK = frozenset(
    bech32.encode("age", (u + top).to_bytes(32, "little"))
    for u in (0, 1, *_ORDER_EIGHT, _PRIME - 1, _PRIME, _PRIME + 1)
    for top in (0, 1 << 255)
)


def new_seed() -> bytes:
    """Return a new seed, 32 random bytes."""
    return secrets.token_bytes(SEED_SIZE)


def identity_of(seed: bytes) -> str:
    """Return the age identity (`AGE-SECRET-KEY-1...`) that is the same key: the scalar of RFC 8032, section 5.1.5."""
    return bech32.encode("age-secret-key-", hashlib.sha512(seed).digest()[:32]).upper()


def sign(facts: Sequence[Fact], *, seed: bytes) -> str:
    """Return the proof that a key signed these facts: public key and signature, 192 hexadecimal digits."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return (key.public_key().public_bytes_raw() + key.sign(_message(facts))).hex()


def signer_of(facts: Sequence[Fact], *, proof: str) -> str | None:
    """Return the recipient (`age1...`) whose key signed these facts; None if none did, whatever a database holds.

    Some keys sign anything, as everybody knows them: only one that the ring names counts.
    """
    try:
        signed = bytes.fromhex(proof)
        Ed25519PublicKey.from_public_bytes(signed[:32]).verify(signed[32:], _message(facts))
        return bech32.encode("age", _on_curve25519(signed[:32]))
    except (InvalidSignature, TypeError, ValueError):  # not text, not hex, no key, or one that is on no Curve25519
        return None


def _message(facts: Sequence[Fact]) -> bytes:
    return _CONTEXT + json.dumps(facts, separators=(",", ":")).encode()


def _on_curve25519(public: bytes) -> bytes:
    """Return the u of an Ed25519 public key, whose y it holds beside a sign: u = (1 + y) / (1 - y)."""
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    return ((1 + y) * pow(1 - y, -1, _PRIME) % _PRIME).to_bytes(32, "little")
