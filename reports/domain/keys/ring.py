"""The ring's file: opened when it is the newest, written under its lock, whole or not at all, whatever crashes.

Writing: the new ring lies beside the old one (`ring.age.next`), then the database says that it counts, then it takes
the old one's place and `desk.pub` follows. A crash leaves one of two states, and `finish` knows both: the database
does not know the file beside, which is then nothing; or it does, and the rest is done later.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import audit, desk
from reports.domain.errors import DeskBroken, NotGranted, StaleRing
from reports.models import AuditAct, Member, RingMark
from reports.sealing import keyring

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@contextmanager
def locked() -> Iterator[None]:
    """Hold the ring's lock: one writer at a time."""
    with open(desk.folder() / ".lock", "w") as lock:  # noqa: PTH123 - flock wants the handle
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def opened(*, identity: str) -> keyring.Ring:
    """Return the ring; refuses one that is not the newest, or whose key is not the one that seals.

    Raises NotGranted, StaleRing or DeskBroken. Nothing is overwritten, but for an older `desk.pub` of this desk's own.
    """
    with locked():
        return open_locked(identity=identity)


def open_locked(*, identity: str) -> keyring.Ring:
    """Do what `opened` does for a caller who holds the lock, to write next."""
    path = desk.folder() / "ring.age"
    data = _newest(path)
    try:
        ring = keyring.open_ring(data, identity=identity)
    except keyring.NotAMember as error:
        fingerprint = keyring.fingerprint(keyring.recipient_of(identity))
        raise NotGranted(
            _(
                "Your words are right, but the desk is not open to you yet. Ask a lead for access. "
                "The fingerprint of your key is %(fingerprint)s."
            )
            % {"fingerprint": fingerprint}
        ) from error
    except keyring.KeyringError as error:
        said = _("%(path)s is damaged. Put it back from a backup; tips stay safe meanwhile.")
        raise DeskBroken(said % {"path": path}) from error
    _compare_desk_pub(ring)
    return ring


def write(
    ring: keyring.Ring, *, was: keyring.Ring | None, by: "User | None", act: AuditAct, subject: str = ""
) -> keyring.Ring:
    """Make this the ring in the place of what it `was`, note for whom of the members it opens; return it as written.

    The caller holds the lock. Files cannot be part of a transaction: the caller must not be inside one, except to
    found a desk. The record waits meanwhile, so that what the ring says of it is true.
    """
    with transaction.atomic():
        audit.take_turn()
        checkpoints, stood_at = audit.stands()
        ring = keyring.placed(ring, was=was, checkpoints=checkpoints, stood_at=stood_at)
        data = keyring.seal_ring(ring)
        digest = hashlib.sha256(data).hexdigest()
        desk.write(desk.folder() / "ring.age.next", data)
        RingMark.objects.create(version=ring.version, digest=digest, key_index=ring.current.index)
        for member in Member.objects.select_for_update():
            _mark_granted(member, inside=member.recipient in ring.recipients)
        audit.record(by=by, act=act, subject=subject, ring=ring.version, key=ring.current.index)
    finish(digest)
    desk.write(desk.folder() / "desk.pub", keyring.desk_pub(ring).encode(), mode=0o644)
    return ring


def finish(digest: str) -> bytes | None:
    """Put the ring of this hash in its place if it still lies beside, and return it."""
    beside = desk.folder() / "ring.age.next"
    try:
        data = beside.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != digest:
        return None
    beside.replace(desk.folder() / "ring.age")
    desk.sync(desk.folder())
    return data


def _newest(path: Path) -> bytes:
    """Return the ring's bytes if they are the ones that the database names."""
    mark = RingMark.objects.order_by("-version").first()
    try:
        data = path.read_bytes()
    except OSError as error:
        data = (mark and finish(mark.digest)) or b""
        if not data:
            said = _("%(path)s cannot be read. Put it back from a backup; tips stay safe meanwhile.")
            raise DeskBroken(said % {"path": path}) from error
    if mark is None or mark.digest == hashlib.sha256(data).hexdigest():
        return data
    if finished := finish(mark.digest):
        return finished
    said = _("%(path)s is not the file that the desk last wrote. Put version %(version)s back.")
    raise StaleRing(said % {"path": path, "version": mark.version})


def _compare_desk_pub(ring: keyring.Ring) -> None:
    """Refuse a `desk.pub` of a stranger; an older one of this desk is brought up to date, and that is recorded."""
    found = desk.public_key().recipient
    if found == ring.current.recipient:
        return
    if found not in {key.recipient for key in ring.keys}:
        raise DeskBroken(
            _("desk.pub is not this desk's key: tips may be sealed to a stranger. Stop the form and find out.")
        )
    desk.write(desk.folder() / "desk.pub", keyring.desk_pub(ring).encode(), mode=0o644)
    audit.record(by=None, act=AuditAct.DESK_PUB_RENEWED, key=ring.current.index)


def _mark_granted(member: Member, *, inside: bool) -> None:
    if inside and member.granted is None:
        member.granted = timezone.localdate()
    elif not inside:
        member.granted = None
    member.save(update_fields=["granted"])
