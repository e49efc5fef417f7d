"""Sealed sessions: a stolen session table lets nobody sign in, and nobody can read it.

A row's key is a hash of the cookie, and its data is encrypted under a key derived from the cookie. Django's own
sessions store the cookie itself as the key.
"""

import base64
import os
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.core.signing import JSONSerializer
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from reports.domain.people import session_files, sessions

NONCE = 12  # bytes
# In the data.
STARTED = "_started"  # the start (ISO)
OWNER = "_owner"  # the user for whom the owner row was written


def _derive(cookie: str, use: bytes, length: int) -> bytes:
    """Return `length` bytes for one use of the cookie (HKDF, RFC 5869); its 165 random bits need no stretching."""
    return HKDF(SHA256(), length, None, b"streetlight/1 session " + use).derive(cookie.encode())


def row_key(cookie: str) -> str:
    """Return the key (40 hex digits) of the row that holds the session of `cookie`."""
    return _derive(cookie, b"row", 20).hex()


def row_of(request: HttpRequest) -> str:
    """Return the key of the row that holds a request's session."""
    return row_key(request.session.session_key or "")


class SessionStore(db.SessionStore):
    """Django's database sessions with a hashed key and sealed data."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Return the data, encrypted under this session's cookie and bound to its row."""
        cookie = self._get_or_create_session_key()  # type: ignore[attr-defined]  # missing in the stubs
        nonce = os.urandom(NONCE)
        sealed = AESGCM(_derive(cookie, b"data", 32)).encrypt(
            nonce, JSONSerializer().dumps(session_dict), row_key(cookie).encode()
        )
        return base64.b64encode(nonce + sealed).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Return the data; an empty session if it does not decrypt."""
        raw = base64.b64decode(session_data)
        cookie = self.session_key or ""
        try:
            plain = AESGCM(_derive(cookie, b"data", 32)).decrypt(
                raw[:NONCE], raw[NONCE:], row_key(cookie).encode()
            )
        except InvalidTag:
            return {}
        data: dict[str, Any] = JSONSerializer().loads(plain)
        return data

    def _get_session_from_db(self) -> Session | None:
        if self.session_key is None:
            return None
        rows = Session.objects.select_related("owner_row").filter(expire_date__gt=timezone.now())
        session = rows.filter(session_key=row_key(self.session_key)).first()
        if session is None:
            self._session_key = None
        else:
            sessions.touch(session)
        return session

    def exists(self, session_key: str) -> bool:
        """Return whether the session of a cookie (`session_key`) is stored."""
        return Session.objects.filter(session_key=row_key(session_key)).exists()

    def save(self, must_create: bool = False) -> None:
        """Store the session; once somebody has signed in, also its owner, so that all of a user's can be ended."""
        if self.session_key is None:
            super().save(must_create)  # calls this method again, with a key
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        user = data.get(SESSION_KEY)
        known = data.get(OWNER)
        if user is None or (user == known and not must_create):
            super().save(must_create)
            return
        if user != known:
            data |= {OWNER: user, STARTED: timezone.now().isoformat()}
        with transaction.atomic():
            super().save(must_create)
            sessions.own(
                row=row_key(self.session_key),
                user_id=user,
                started=datetime.fromisoformat(data[STARTED]),
            )

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row to store; it never expires later than SESSION_ABSOLUTE after signing in."""
        ends = self.get_expiry_date()
        if STARTED in data:
            ends = min(
                ends,
                datetime.fromisoformat(data[STARTED])
                + timedelta(seconds=settings.SESSION_ABSOLUTE),
            )
        return Session(
            session_key=row_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=ends,
        )

    def delete(self, session_key: str | None = None) -> None:
        """Delete a cookie's session (this one without an argument), and what opens the desk's keys in it."""
        cookie = session_key or self.session_key
        if cookie:
            session_files.forget([row_key(cookie)])
            Session.objects.filter(session_key=row_key(cookie)).delete()
