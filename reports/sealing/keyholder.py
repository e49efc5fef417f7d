"""A keyholder's own key: an age identity, wrapped under six words that only they know.

Argon2id (RFC 9106) makes each guess at the words slow; ChaCha20-Poly1305 (RFC 8439) seals the identity. The sign-in
password opens nothing.
"""

import secrets
import struct
from dataclasses import dataclass
from hashlib import sha256

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from reports.sealing import bech32
from reports.sealing.wordlist import WORDS, correct, split

PASSPHRASE_WORDS = 6
VERSION = 1

_SALT_SIZE = 16  # bytes, as RFC 9106 section 3.1 advises
_NONCE = bytes(12)  # may be fixed: each key comes from a fresh salt and seals once
_COSTS = struct.Struct(">IHH")


class KeyringError(Exception):
    """Something is wrong with a key, a passphrase or the keyring."""


class WrongPassphrase(KeyringError):
    """The words do not open the key, or the stored key was changed."""


@dataclass(frozen=True)
class Costs:
    """The cost of one guess at a passphrase (Argon2id): memory in KiB, passes over it, and parallel lanes."""

    memory: int
    passes: int
    lanes: int


ARGON2 = Costs(memory=128 * 1024, passes=3, lanes=1)  # about 0.3 s; the words alone are 77 bits


@dataclass(frozen=True)
class Wrapped:
    """A keyholder's identity under their passphrase, safe to store.

    `recipient` is its public half (`age1...`). `salt` is 16 bytes. `box` is the costs in eight bytes (memory,
    passes, lanes), then the sealed identity. `version` names this layout.
    """

    recipient: str
    salt: bytes
    box: bytes
    version: int = VERSION


def new_passphrase() -> str:
    """Return six random words, 77 bits, with spaces between."""
    return " ".join(secrets.choice(WORDS) for _ in range(PASSPHRASE_WORDS))


def normalise_passphrase(text: str) -> str:
    """Return a typed passphrase as it was given out: lower case, single spaces, one-letter slips mended."""
    return " ".join(correct(word) or word for word in split(text))


def new_identity() -> str:
    """Return a new age identity, `AGE-SECRET-KEY-1...`."""
    return str(pyrage.x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """Return the public half of `identity`, `age1...`. Raises KeyringError if it is not an identity."""
    try:
        return str(pyrage.x25519.Identity.from_str(identity).to_public())
    except pyrage.IdentityError as error:
        raise KeyringError("That is not an age identity.") from error


def check_recipient(text: str) -> str:
    """Return the recipient `text`, spelt in lower case. Raises KeyringError if nothing can be sealed to it."""
    try:
        recipient = str(pyrage.x25519.Recipient.from_str(text))
    except pyrage.RecipientError as error:
        raise KeyringError("That is not an age recipient.") from error
    try:  # age seals nothing to a point of small order, which gives everybody the same secret
        X25519PrivateKey.generate().exchange(
            X25519PublicKey.from_public_bytes(bech32.decode(recipient))
        )
    except ValueError as error:
        raise KeyringError("That is not an age recipient.") from error
    return recipient


def fingerprint(recipient: str) -> str:
    """Return five groups of five digits, which two people read aloud to compare a recipient.

    They are 83 bits of SHA-256. Raises KeyringError if `recipient` is not a recipient.
    """
    digest = sha256(
        b"streetlight/1 fingerprint " + check_recipient(recipient).encode("ascii")
    ).digest()
    digits = f"{int.from_bytes(digest) % 10**25:025d}"
    return " ".join(digits[start : start + 5] for start in range(0, 25, 5))


def wrap(passphrase: str, *, costs: Costs | None = None) -> Wrapped:
    """Return a new identity wrapped under `passphrase` (from `new_passphrase`), at `costs` (else ARGON2).

    Raises KeyringError unless the passphrase has six words and the costs are large enough.
    """
    if len(split(passphrase)) != PASSPHRASE_WORDS:
        raise KeyringError(f"An unlock phrase has {PASSPHRASE_WORDS} words.")
    costs = costs or ARGON2
    identity = new_identity()
    salt = secrets.token_bytes(_SALT_SIZE)
    recipient = recipient_of(identity)
    head = _COSTS.pack(costs.memory, costs.passes, costs.lanes)
    cipher = ChaCha20Poly1305(_stretch(passphrase, salt, costs))
    box = cipher.encrypt(_NONCE, identity.encode("ascii"), _label(head, recipient))
    return Wrapped(recipient=recipient, salt=salt, box=head + box)


def unwrap(wrapped: Wrapped, passphrase: str) -> str:
    """Return the identity (`AGE-SECRET-KEY-1...`) inside `wrapped`, at the costs stored with it.

    Raises WrongPassphrase, or KeyringError if the stored key is damaged or of an unknown version.
    """
    if wrapped.version != VERSION:
        raise KeyringError(f"This key has version {wrapped.version}, which is not known here.")
    head = wrapped.box[: _COSTS.size]
    box = wrapped.box[_COSTS.size :]
    if len(head) < _COSTS.size:
        raise KeyringError("The stored key is damaged.")
    cipher = ChaCha20Poly1305(_stretch(passphrase, wrapped.salt, Costs(*_COSTS.unpack(head))))
    try:
        return cipher.decrypt(_NONCE, box, _label(head, wrapped.recipient)).decode("ascii")
    except InvalidTag as error:
        raise WrongPassphrase("These words do not open this key.") from error


def spend(passphrase: str) -> None:
    """Take as long as `unwrap` does with wrong words, so that the time does not show that somebody has no key."""
    _stretch(passphrase, bytes(_SALT_SIZE), ARGON2)


def _stretch(passphrase: str, salt: bytes, costs: Costs) -> bytes:
    """Return 32 bytes of Argon2id; raises KeyringError if salt or costs are too small."""
    try:
        argon2 = Argon2id(
            salt=salt,
            length=32,
            iterations=costs.passes,
            lanes=costs.lanes,
            memory_cost=costs.memory,
        )
    except ValueError as error:
        raise KeyringError("The salt or the costs of this key are too small.") from error
    return argon2.derive(normalise_passphrase(passphrase).encode())


def _label(head: bytes, recipient: str) -> bytes:
    """Return the associated data, so that neither costs nor recipient can be swapped."""
    return b"streetlight/1 keyholder " + head + recipient.encode()
