"""The receipt: a number of 90 bits that a tipster holds as seven words, and the keys that come from it.

The token itself is never stored. Everything stored is derived from it one way (HKDF-SHA256, RFC 5869), under a label
of its own, so that none of it leads to the words or to another derived value.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyrage import x25519

from reports.sealing import bech32
from reports.sealing.wordlist import INDEX, NEVER_DRAWN, WORDS, correct, split

BITS = 90
WORD_COUNT = 7

_TOKEN = re.compile(r"[A-Za-z0-9_-]{15}")


class ReceiptError(ValueError):
    """The text is not a receipt; `position` is the word at fault (1 to 7), if it is one word.

    The message never repeats what was typed: it may be one letter away from somebody's secret.
    """

    def __init__(self, message: str, *, position: int | None = None) -> None:
        """Take the message to show, in plain words, and the word at fault."""
        super().__init__(message)
        self.position = position


def new_token() -> str:
    """Return a fresh token: a random number below 2**90 as 15 characters of URL-safe base64.

    A number that has one of NEVER_DRAWN among its words is drawn again, so every other one is equally likely.
    """
    while True:
        token = _to_token(secrets.randbits(BITS))
        if NEVER_DRAWN.isdisjoint(words(token)):
            return token


def is_token(text: str) -> bool:
    """Return whether `text` has the shape of a token; every text of that shape is one."""
    return _TOKEN.fullmatch(text) is not None


def words(token: str) -> tuple[str, ...]:
    """Return the token as seven words of the list: its number in base 7,776, highest place first.

    Raises ReceiptError if `token` is malformed.
    """
    number = int.from_bytes(urlsafe_b64decode("A" + _checked(token)))
    return tuple(
        WORDS[number // len(WORDS) ** place % len(WORDS)] for place in reversed(range(WORD_COUNT))
    )


def parse(text: str) -> str:
    """Return the token of seven typed words, in any case, with anything but letters between them.

    One mistyped letter in a word is corrected where only one listed word can be meant. Raises ReceiptError.
    """
    typed = split(text)
    if len(typed) != WORD_COUNT:
        raise ReceiptError(f"A receipt has {WORD_COUNT} words. We counted {len(typed)}.")
    number = 0
    for position, word in enumerate(typed, start=1):
        meant = correct(word)
        if meant is None:
            raise ReceiptError(
                f"We do not know word {position}. Please check its spelling.", position=position
            )
        number = number * len(WORDS) + INDEX[meant]
    if number >> BITS:  # seven words can encode slightly more than 90 bits
        raise ReceiptError("No receipt starts with that word. Please check the order.", position=1)
    return _to_token(number)


def lookup(token: str) -> str:
    """Return the hash that a tip is stored under, 64 hexadecimal characters. Raises ReceiptError."""
    return _derive(token, "lookup").hex()


def tipster_identity(token: str) -> x25519.Identity:
    """Return the age identity of the token's holder, to which replies are sealed. Raises ReceiptError."""
    return x25519.Identity.from_str(
        bech32.encode("age-secret-key-", _derive(token, "tipster")).upper()
    )


def tipster_recipient(token: str) -> str:
    """Return the public half of `tipster_identity`, `age1...`. Raises ReceiptError."""
    return str(tipster_identity(token).to_public())


def tag(token: str, content: bytes) -> str:
    """Return the tag that tells a repeat from a follow-up: 128 bits of HMAC-SHA256 over `content`, in hexadecimal.

    The key comes from the token, so stolen tags do not confirm guesses at the content. Raises ReceiptError.
    """
    return hmac.digest(_derive(token, "content"), content, "sha256")[:16].hex()


def _derive(token: str, purpose: str) -> bytes:
    """Return 32 bytes for one purpose (HKDF-SHA256, RFC 5869; no salt, as the token is random already)."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"streetlight/1 {purpose}".encode())
    return hkdf.derive(_checked(token).encode("ascii"))


def _checked(token: str) -> str:
    if not is_token(token):
        raise ReceiptError("That is not a receipt.")
    return token


# Twelve bytes are 96 bits, or 16 characters of base64: six bits more than 90. The first character, "A", is zero.
def _to_token(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(12)).decode("ascii")[1:]
