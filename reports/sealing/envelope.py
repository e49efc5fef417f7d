"""The envelope: one tip, with its files, padded to a size class and sealed to the desk as an age file.

The plaintext, in order:

    streetlight-envelope 1          format and version
    <n> <n> <n> ...                 bytes of the JSON, then of each file, in decimal
    {"bound":{...},"content":{...}} canonical JSON in UTF-8: sorted keys, no spaces
    <file> <file> ...               one after another
    zero bytes                      up to the size class

A bundle has exactly one such form, and a short one also the one of before, of 4 KiB; nothing else is accepted on
opening.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

import pyrage

type Fact = str | int | bool

SMALLEST = 8704  # bytes; a message of 2,000 characters fits in any script, and nearly every tip without files
FORMER = 4096  # what the smallest was: every envelope opens for ever

_MAGIC = b"streetlight-envelope 1\n"
_AGE_MAGIC = b"age-encryption.org/v1\n"
_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_HEAD = re.compile(_MAGIC + rb"([0-9]{1,15}(?: [0-9]{1,15})*)\n")


class EnvelopeError(Exception):
    """Something is wrong with an envelope or with the keys given for it."""


class WrongKey(EnvelopeError):
    """None of the keys opens the envelope, or it is damaged: age cannot tell the two apart."""


@dataclass(frozen=True)
class Bundle:
    """The plaintext of an envelope: facts bound to its row, content as plain JSON data, and files in order.

    Content and files stay out of the repr, and so out of logs and error pages.
    """

    bound: dict[str, Fact]
    content: dict[str, Any] = field(repr=False)
    files: tuple[bytes, ...] = field(default=(), repr=False)


def seal(bundle: Bundle, *, recipients: Sequence[str]) -> bytes:
    """Return `bundle` as a binary age file that any one of `recipients` (`age1...`) can open.

    Raises EnvelopeError if the bundle is not plain data, or a recipient is missing or invalid.
    """
    try:
        plain = _pack(bundle)
    except (TypeError, ValueError, RecursionError) as error:
        raise EnvelopeError("The bundle is not plain data, so it cannot be sealed.") from error
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
        return bytes(pyrage.encrypt(plain, keys))
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        raise EnvelopeError("An envelope needs one valid recipient or more.") from error


def seal_file(data: bytes, *, recipient: str) -> bytes:
    """Return `data` as a plain age file, not padded, which `age -d` opens.

    Raises EnvelopeError if the recipient (`age1...`) is invalid.
    """
    try:
        return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(recipient)]))
    except pyrage.RecipientError as error:
        raise EnvelopeError("That is not an age recipient.") from error


def open_sealed(sealed: bytes, *, identities: Sequence[str], bound: Mapping[str, Fact]) -> Bundle:
    """Return the bundle inside `sealed`, opened with any one of `identities` (`AGE-SECRET-KEY-1...`).

    The bundle must hold every fact of `bound`, equal in value and type. Raises WrongKey, or EnvelopeError for
    what is no envelope, or another row's.
    """
    if not sealed.startswith(_AGE_MAGIC):
        raise EnvelopeError("This is not a sealed envelope.")
    try:
        keys = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
        plain = bytes(pyrage.decrypt(sealed, keys))
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise WrongKey("The envelope does not open with these keys, or it is damaged.") from error
    bundle = _unpack(plain)
    for name, value in bound.items():
        if name not in bundle.bound or not _same(bundle.bound[name], value):
            raise EnvelopeError(f"The envelope was sealed for another row: {name} differs.")
    return bundle


def readable(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content with "?" for each half of a character: no page can hold one, and anybody can seal one."""
    readable_content: dict[str, Any] = json.loads(
        _CANONICAL.encode(content).encode("utf-8", "replace")
    )
    return readable_content


def size_class(length: int, *, least: int = SMALLEST) -> int:
    """Return the padded size, in bytes, of a plaintext of `length` bytes: `least`, or Padmé's class above that.

    Padmé sizes differ only in their highest bits, about as many as the exponent has. They cost at most 12 %
    (6.3 % above 4 KiB). Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
    Communication with PURBs", PoPETs 2019(4).
    """
    length = max(length, least)
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    return -(-length >> low_bits) << low_bits


def _pack(bundle: Bundle, *, least: int = SMALLEST) -> bytes:
    """Return the padded plaintext of a bundle; raises TypeError, ValueError or RecursionError for no plain data."""
    if not isinstance(bundle.content, dict) or not isinstance(bundle.bound, dict):
        raise TypeError("bound and content are dictionaries")
    if not all(isinstance(value, str | int) for value in bundle.bound.values()):
        raise TypeError("a bound fact is text, a whole number, or true or false")
    parts = (_json({"bound": bundle.bound, "content": bundle.content}), *bundle.files)
    lengths = " ".join(str(len(part)) for part in parts).encode()
    plain = b"".join((_MAGIC, lengths, b"\n", *parts))
    return plain.ljust(size_class(len(plain), least=least), b"\0")


def _unpack(plain: bytes) -> Bundle:
    """Return the bundle of a plaintext; raises EnvelopeError unless packing it gives `plain` again, byte for byte."""
    try:
        return _read(plain)
    except (TypeError, ValueError, LookupError, RecursionError):
        # "from None": the first error may hold the plaintext
        raise EnvelopeError(
            "The envelope opens, but does not hold a bundle in its proper form."
        ) from None


def _read(plain: bytes) -> Bundle:
    body, *files = _parts(plain)
    document = json.loads(body.decode("utf-8", "surrogatepass"))
    bundle = Bundle(bound=document["bound"], content=document["content"], files=tuple(files))
    if plain != _pack(bundle) and plain != _pack(bundle, least=FORMER):
        raise ValueError("not the proper form")
    return bundle


def _parts(plain: bytes) -> list[bytes]:
    """Return the JSON and the files; raises ValueError if the head is wrong. Packing again reveals parts cut short."""
    head = _HEAD.match(plain)
    if not head:
        raise ValueError("not the head of an envelope")
    ends = list(accumulate(map(int, head[1].split()), initial=head.end()))
    return [plain[start:end] for start, end in pairwise(ends)]


def _same(sealed_fact: Fact, row_fact: Fact) -> bool:
    """Return whether two facts are equal in value and type: to Python 1 equals True, here it does not."""
    return sealed_fact == row_fact and isinstance(sealed_fact, bool) == isinstance(row_fact, bool)


def _json(value: object) -> bytes:
    """Return a value as canonical JSON; half a surrogate pair, which a phone can send, survives."""
    return _CANONICAL.encode(value).encode("utf-8", "surrogatepass")
