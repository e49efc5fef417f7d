"""A thief at work on stolen goods, with all that the project's own code can do: `python -m tests.system.proofs.thief`.

The goods lie in this machine's folders: database, log, secret key, backups, mirror, and what was left in RUN_DIR.
"""

import base64
import json
import re
import sys
from contextlib import suppress
from pathlib import Path

import django

IDENTITY = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{58}")


def found(goods, cookie):
    """Return every desk identity that lies in the goods, or in the session of the cookie."""
    texts = [path.read_bytes() for path in goods.rglob("*") if path.is_file()]
    return {name.decode() for text in (*texts, *session(cookie)) for name in IDENTITY.findall(text)}


def session(cookie):
    """Yield what the cookie opens of its session's row, and what each key at hand opens in that."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from django.conf import settings

    from reports.security.sessions import SessionStore, row_key

    data = dict(SessionStore(cookie).items())
    assert data.get("_auth_user_id"), "the cookie does not open the row, so nothing is shown"
    yield json.dumps(data).encode()
    raw = base64.b64decode(data["desk"]["sealed"])
    files = [
        json.loads(path.read_bytes())["key"]
        for path in settings.RUN_DIR.glob("*")
        if len(path.name) == 40
    ]
    secret = (settings.STATE_DIR / "secret_key").read_bytes()
    for key in [
        *map(bytes.fromhex, files),
        secret[:32],
        row_key(cookie).encode()[:32],
        cookie.encode()[:32],
    ]:
        with suppress(InvalidTag):
            yield AESGCM(key).decrypt(raw[:12], raw[12:], row_key(cookie).encode())


def opened(identities):
    """Return how many tips and drafts open with these."""
    from reports.models import Draft, Entry
    from reports.sealing import envelope

    counts = {"tips": 0, "drafts": 0}
    for kind, rows in (
        ("tips", Entry.objects.select_related("tip")),
        ("drafts", Draft.objects.all()),
    ):
        for row in rows:
            with suppress(envelope.EnvelopeError):
                envelope.open_sealed(
                    bytes(row.sealed), identities=sorted(identities), bound=row.bound()
                )
                counts[kind] += 1
    return counts


def codes():
    """Return what might be a second factor: what the database says, and what its apps would show now."""
    from django_otp.oath import totp
    from django_otp.plugins.otp_static.models import StaticToken
    from django_otp.plugins.otp_totp.models import TOTPDevice

    tokens = list(StaticToken.objects.values_list("token", flat=True))[:2]
    keys = TOTPDevice.objects.values_list("key", flat=True)
    return [*(f"{totp(bytes.fromhex(key)):06d}" for key in keys), *tokens]


def work(goods, cookie):
    """Return what came of it."""
    from django.contrib.sessions.models import Session

    identities = found(Path(goods), cookie) if cookie else set()
    return opened(identities) | {
        "rows": list(Session.objects.values_list("pk", flat=True)),
        "codes": codes(),
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(work(**json.load(sys.stdin))))
