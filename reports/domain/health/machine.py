"""What the machine itself says: the room on its disks, and when the site's certificate ends."""

import errno
import os
import socket
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings

from reports.domain import desk
from reports.domain.health import heartbeat
from reports.domain.intake import outbox

LEAST_ROOM = 0.1  # of a disk
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
PATIENCE = 5  # seconds for a certificate
EVERY = timedelta(hours=1)  # that it is asked for


def room() -> dict[Path, float]:
    """Return how much of each disk that holds state is free, as a share of the scarcer of its bytes and its files."""
    return {path: _free(path) for path in _disks()}


def full() -> list[Path]:
    """Return the folders of state whose disk takes nothing more: it, or what it may hold, is full."""
    return [path for path in _disks() if _takes_nothing(path)]


def is_full() -> bool:
    """Return whether a disk has less than LEAST_ROOM left."""
    return min(room().values()) < LEAST_ROOM


def note_certificate(*, now: datetime) -> None:
    """Write to the heartbeat, once an hour, when the site's certificate ends; what nobody shows changes nothing."""
    with heartbeat.changing() as beat:
        asked = heartbeat.instant(beat.certificate.get("asked", ""))
        if not settings.HTTPS or (asked and abs(now - asked) < EVERY):
            return
        beat.certificate["asked"] = heartbeat.stamp(now)
        with suppress(OSError):
            beat.certificate["ends"] = heartbeat.stamp(certificate_ends())


def certificate_ends() -> datetime:
    """Return when the certificate ends that visitors are shown; raises OSError where nobody shows one.

    nginx on this machine is asked first, under the site's name; behind a balancer, whoever has that name.
    """
    site = urlsplit(settings.SITE_ORIGIN)
    name, port = site.hostname or "", site.port or 443
    try:
        return _ends("127.0.0.1", port, name)
    except OSError:
        return _ends(name, port, name)


def _ends(host: str, port: int, name: str) -> datetime:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # one that has ended must be shown too
    plain = socket.create_connection((host, port), timeout=PATIENCE)
    with plain, context.wrap_socket(plain, server_hostname=name) as secured:
        certificate = secured.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc


def _disks() -> list[Path]:
    """Return a folder for each disk that holds state."""
    folders = [path for path in (settings.STATE_DIR / "outbox", settings.STATE_DIR) if path.is_dir()]
    return list({path.stat().st_dev: path for path in folders}.values())


def _takes_nothing(path: Path) -> bool:
    """Return whether it is as full as the outbox cannot do with; some file systems tell only whoever writes."""
    try:
        space = os.statvfs(path)
        if space.f_bavail * space.f_frsize < outbox.ROOM:
            return True
        with desk.unfinished(path, bytes(4096)):
            return False
    except OSError as error:
        return error.errno in NO_ROOM


def _free(path: Path) -> float:
    space = os.statvfs(path)
    return min(space.f_bavail / max(1, space.f_blocks), space.f_favail / space.f_files if space.f_files else 1.0)
