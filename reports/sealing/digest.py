"""The digest of a tip: its words in order and its entities, sealed with a key of the desk's own, for searching.

The plaintext is UTF-8. Each text has one line: its normalised words with a blank before, between and after them, so
that " word ", " two words " and " pref" are plain searches. One line of entities follows, " #kind:value ... ", which
cannot be mistaken for words. After OURS come lines of the same shape, of what the team wrote about the tip.

The key is HKDF-SHA-256 of a desk identity, so the key file need not hold it: whoever has a desk key can search what is
sealed under it, and nobody else can. Digests are sealed as `nonce (12 bytes) || AES-256-GCM`.
"""

import hmac
import os
import re
from collections.abc import Iterable, Sequence
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from reports.text import entities
from reports.text.entities.houses import forms

WORD = re.compile(r"[^\W_]+")
_BLANK = {code: " " for code in range(128) if not WORD.fullmatch(chr(code))}
_NONCE = 12
OURS = b"\x01"


class DigestError(Exception):
    """A digest does not open with these keys, or belongs to another row."""


class DigestKeys:
    """The keys that an unlocked desk has for digests, newest first."""

    def __init__(self, identities: Sequence[str]) -> None:
        """Derive the keys from the desk's identities (`AGE-SECRET-KEY-1...`), newest first."""
        self._ciphers = [AESGCM(_derive(identity, "digest")) for identity in identities]
        self._alike = _derive(identities[0], "alike")

    def alike(self, plain: bytes, *facts: str) -> str:
        """Return 32 hex digits, equal for digests with the same words and the same facts under the newest key.

        Empty for a digest without a word. Entities are left out: they depend on how the words were written.
        """
        words = b"\n".join(line for line in plain.split(b"\n") if not line.startswith(b" #"))
        if not words.strip():
            return ""
        return hmac.new(
            self._alike, b"\n".join([*(fact.encode() for fact in facts), words]), "sha256"
        ).hexdigest()[:32]

    def seal(self, plain: bytes, *, bound: str) -> bytes:
        """Return `plain` sealed under the newest key and bound to the row that `bound` names."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, plain, bound.encode())

    def open(self, box: bytes, *, bound: str) -> bytes:
        """Return the plaintext of `box`, whichever key sealed it. Raises DigestError if none did."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(box[:_NONCE], box[_NONCE:], bound.encode())
            except (InvalidTag, ValueError):
                continue
        raise DigestError("This digest does not open with these keys, or belongs to another row.")


def _derive(identity: str, use: str) -> bytes:
    info = f"streetlight/1 {use}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(identity.encode())


def digest(texts: Sequence[str], *, facts: Iterable[str] = ()) -> bytes:
    """Return the digest of these texts, with `facts`, made by `name`, beside their entities.

    Passphrases match within one text only; an address may span two.
    """
    lines = [" ".join(_words(entities.normalise(text).text)) for text in texts]
    named_entities = entities.find("\n".join(texts))
    names = chain.from_iterable(map(names_of, named_entities))
    return _lines([*lines, " ".join(dict.fromkeys((*names, *facts)))])


def _words(normalised: str) -> list[str]:
    if normalised.isascii():  # takes a third of the time
        return normalised.translate(_BLANK).split()
    return WORD.findall(normalised)


def extended(older: bytes, newer: bytes) -> bytes:
    """Return the digest of both; lines and entities of the older one are not repeated.

    What the team wrote stays as it is in the older one; a newer one has none.
    """
    theirs, mark, ours = older.partition(OURS)
    lines = dict.fromkeys(line.strip() for line in b"\n".join((theirs, newer)).decode().split("\n"))
    words = list[str]()
    names = dict[str, None]()
    for line in lines:
        if line.startswith("#"):
            names |= dict.fromkeys(line.split(" "))
        else:
            words.append(line)
    return _lines([*words, " ".join(names)]) + mark + ours


def names_of(entity: entities.Entity) -> list[str]:
    """Return the words by which an entity is found: a house also by less than what is said of it."""
    if entity.kind is entities.EntityKind.HOUSE:
        return [name(entity.kind, value) for value in forms(entity.value)]
    return [name(entity.kind, entity.value)]


def name(kind: str, value: str) -> str:
    """Return the one word that stands for an entity in a digest, such as #plate:ab12cde."""
    return f"#{kind}:{entities.normalise(value).text.replace(' ', '/')}"


def _lines(lines: Iterable[str]) -> bytes:
    return "\n".join(f" {line} " for line in lines if line).encode("utf-8", "replace")
