"""The ticket that a page carries instead of a receipt, so that nobody reads the words off the page or its address.

`base64url(nonce + AES-256-GCM(key, token + minute))`: 15 bytes of token and 4 of time, under a key of the server's own.
Only this server accepts it, for one use, and for so many minutes: an hour for an open mailbox page.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MINUTES = 60  # of validity
NONCE = 12  # bytes
_USE = b"streetlight/1 mailbox ticket"


def write(token: str, *, secret: str, minute: int, use: bytes = _USE) -> str:
    """Return a ticket for a token, issued in `minute` (since 1970)."""
    nonce = os.urandom(NONCE)
    sealed = _cipher(secret).encrypt(nonce, token.encode("ascii") + minute.to_bytes(4), use)
    return urlsafe_b64encode(nonce + sealed).decode("ascii").rstrip("=")


def read(
    ticket: str, *, secret: str, minute: int, use: bytes = _USE, minutes: int = MINUTES
) -> str | None:
    """Return the token; None unless `ticket` is this server's, for this use, and written within `minutes`."""
    try:
        raw = urlsafe_b64decode(ticket.encode("ascii") + b"=" * (-len(ticket) % 4))
        plain = _cipher(secret).decrypt(raw[:NONCE], raw[NONCE:], use)
    except (ValueError, InvalidTag):
        return None
    token = plain[:-4].decode("ascii")
    issued = int.from_bytes(plain[-4:])
    if 0 <= minute - issued < minutes:
        return token
    return None


@lru_cache(maxsize=1)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_USE).derive(secret.encode()))
