"""A form that a member sent after they had been signed out: carried in the next page, as ciphertext alone.

Nothing of it is stored: it is encrypted under a key from `secret_key`, and only the member whose page it was gets it
back, in its boxes, not saved.
"""

import base64
import json
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import signing

ROOM = 256 * 1024  # bytes of everything in a form
LASTS = 24 * 3600  # seconds

_SALT = "streetlight page of a story"


class CarriedForm(NamedTuple):
    """Whose form it was, the address of its page, and the lists of its boxes by name."""

    member: int
    at: str
    typed: dict[str, list[str]]


def sign_page(*, member: int, at: str) -> str:
    """Return the value of a page's signed field, which names the editor and the page."""
    return signing.dumps([member, at], salt=_SALT)


def page_of(signed: str) -> tuple[int, str] | None:
    """Return the editor and the address that a signed field names; None for one that we have not signed."""
    try:
        member, at = signing.loads(signed, salt=_SALT)
    except signing.BadSignature:
        return None
    return member, at


def seal(form: CarriedForm) -> str:
    """Return a form as a token that says nothing; "" for one that is too large."""
    plain = json.dumps(form).encode()
    if len(plain) <= ROOM:
        return _cipher().encrypt(plain).decode()
    return ""


def opened(token: str) -> CarriedForm | None:
    """Return what a token carries; None for one that is not ours, or older than a day."""
    try:
        return CarriedForm(*json.loads(_cipher().decrypt(token.encode(), ttl=LASTS)))
    except InvalidToken:
        return None


def _cipher() -> Fernet:
    key = HKDF(SHA256(), 32, None, b"streetlight/1 carried form of a story").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))
