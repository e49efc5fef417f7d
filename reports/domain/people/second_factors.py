"""Second factors at rest: keys of apps are sealed and recovery codes hashed, under a key outside the database.

That key is a file, `desk/factor_key`; backups hold it, sealed as they are. An app's key is sealed by AES-SIV (RFC 5297)
and bound to its owner; of a recovery code, which has 50 random bits, its row holds 80 bits of a keyed hash.
"""

import base64
import hashlib
import hmac
import logging
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.contrib.auth.models import User
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain import state_files

CODE_LETTERS = 10  # of base32: 50 random bits
HASH_LETTERS = 16  # of base32: 80 bits

log = logging.getLogger(__name__)


def path() -> Path:
    """Return the path of the key."""
    return state_files.folder() / "factor_key"


def new_app(*, user: User, key: str) -> TOTPDevice:
    """Store an app with its key (hex) sealed."""
    sealed = AESSIV(_key(b"apps", 64)).encrypt(bytes.fromhex(key), [_owner(user.pk)]).hex()
    device: TOTPDevice = TOTPDevice.objects.create(user=user, name="Authenticator app", key=sealed)
    return device


def new_codes(*, user: User, count: int) -> list[str]:
    """Return new recovery codes and store their hashes; the old ones stop working."""
    codes = [
        base64.b32encode(secrets.token_bytes(7)).decode().lower()[:CODE_LETTERS]
        for _ in range(count)
    ]
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes", confirmed=True)
    StaticToken.objects.bulk_create(
        [StaticToken(device=device, token=_hash(user.pk, code)) for code in codes]
    )
    return codes


def verify(*, device: Device, code: str) -> bool:
    """Return whether a code proves this app or is one of these recovery codes, which it uses up.

    A wrong one counts against the device, and the next is not looked at for a while (`device.verify_is_allowed`).
    """
    if isinstance(device, TOTPDevice):
        return _verify_app(device, code)
    return bool(device.verify_token(_hash(device.user_id, code)))


def app_key(device: TOTPDevice) -> bytes:
    """Return the key that an app holds; raises InvalidTag if it was sealed for another owner or under another key."""
    return AESSIV(_key(b"apps", 64)).decrypt(bytes.fromhex(device.key), [_owner(device.user_id)])


def fits() -> bool:
    """Return whether the key is there, where anything is sealed under it, and opens the apps of all who can sign in.

    A recovery code shows only that the file is missing: what is stored of it is a hash. Nothing is made or changed.
    """
    apps = TOTPDevice.objects.filter(confirmed=True, user__is_active=True)
    if not path().exists():
        return not (
            apps.exists() or StaticToken.objects.filter(device__user__is_active=True).exists()
        )
    try:
        _secret()
        for app in apps:
            app_key(app)
    except (InvalidTag, OSError, ValueError):
        return False
    return True


def _verify_app(device: TOTPDevice, code: str) -> bool:
    """Do what `TOTPDevice.verify_token` does, with a sealed key."""
    if not device.verify_is_allowed()[0]:
        return False
    try:
        totp = TOTP(app_key(device), device.step, device.t0, device.digits, device.drift)
    except InvalidTag:
        log.exception(
            "an app's key does not open with desk/factor_key: restore that file from a backup"
        )
        return False
    totp.time = time.time()
    if not (
        code.isascii()
        and code.isdigit()
        and totp.verify(int(code), device.tolerance, device.last_t + 1)
    ):
        device.throttle_increment()
        return False
    device.last_t = totp.t()
    device.drift = totp.drift
    device.throttle_reset(commit=False)
    device.set_last_used_timestamp(commit=False)
    changed = [
        "last_t",
        "drift",
        "throttling_failure_timestamp",
        "throttling_failure_count",
        "last_used_at",
    ]
    device.save(update_fields=changed)
    return True


def _hash(user_id: int, code: str) -> str:
    digest = hmac.digest(_key(b"codes", 32), _owner(user_id) + b" " + code.encode(), "sha256")
    return base64.b32encode(digest).decode().lower()[:HASH_LETTERS]


def _owner(user_id: int) -> bytes:
    return str(user_id).encode()


def _key(use: bytes, length: int) -> bytes:
    """Return a key for one use, derived from the file's 256 random bits."""
    return hashlib.blake2b(
        b"streetlight/1 second factors " + use, key=_secret(), digest_size=length
    ).digest()


def _secret() -> bytes:
    """Return what the file holds; it is made when missing."""
    if not path().exists():
        with (
            state_files.unfinished(path().parent, secrets.token_hex(32).encode()) as new,
            suppress(FileExistsError),
        ):
            os.link(new, path())  # whichever process is first
        state_files.sync(path().parent)
    return bytes.fromhex(path().read_text(encoding="ascii"))
