"""Members, their phrases and the ring: who can open tips, and for how long a session stays unlocked.

phrase -> member's identity -> ring -> desk identities. A password opens nothing.
"""

import base64
import fcntl
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone

from reports.domain import audit, desk
from reports.domain.errors import DeskBroken, NotGranted, Refused, StaleRing, WrongWords
from reports.models import AuditEvent, Member, RingMark
from reports.sealing import keyring

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TRIES = 5  # wrong phrases a member may type ...
TRIES_WITHIN = timedelta(minutes=15)  # ... in this time

# Who may do what. Django's own rights (view, add, change, delete) and the desk's, by role.
ROLES: dict[str, tuple[str, ...]] = {
    "Editor": (
        *(
            f"newsroom.{act}_{kind}"
            for kind in ("article", "appeal", "topic", "area")
            for act in ("add", "change", "view")
        ),
        *(
            f"newsroom.{act}_{kind}"
            for kind in ("relatedlink", "storystep")
            for act in ("add", "change", "delete", "view")
        ),
    ),
    "Officer": ("reports.view_tip", "reports.read_tip", "reports.triage_tip", "reports.reveal_contact"),
    "Lead": (
        *("reports.view_tip", "reports.read_tip", "reports.triage_tip", "reports.reveal_contact"),
        *("reports.run_desk", "reports.view_member", "reports.view_auditevent"),
        *("auth.view_user", "auth.add_user", "auth.change_user"),
    ),
    "Auditor": ("reports.view_auditevent",),
}


@dataclass(frozen=True)
class Keys:
    """What an unlocked session holds; it lives in the sealed session and nowhere else."""

    identities: tuple[str, ...] = field(repr=False)
    since: float  # seconds since 1970: when the phrase was typed
    seen: float  # seconds since 1970: the last request
    audit_key: bytes = field(default=b"", repr=False)  # vouches for the record when the desk locks again

    def still_open(self, *, now: float) -> bool:
        """Return whether neither the idle nor the absolute limit has passed."""
        return now - self.seen < settings.IDLE_LOCK and now - self.since < settings.ABSOLUTE_LOCK


def ensure_roles() -> None:
    """Make the four roles with exactly their rights; the migration and the tests call this, again and again."""
    for name, rights in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        wanted = [right.split(".") for right in rights]
        found = Permission.objects.filter(
            content_type__app_label__in={app for app, _ in wanted}, codename__in={code for _, code in wanted}
        )
        group.permissions.set(found)


def enrol(*, user: "User", costs: keyring.Costs | None = None) -> str:
    """Make a user's own key and return the phrase that opens it: shown once, stored nowhere."""
    phrase = keyring.new_phrase()
    wrapped = keyring.wrap(phrase, costs=costs)
    stored = {
        "version": wrapped.version,
        "salt": base64.b64encode(wrapped.salt).decode(),
        "box": base64.b64encode(wrapped.box).decode(),
    }
    with transaction.atomic():
        Member.objects.update_or_create(user=user, defaults={"recipient": wrapped.recipient, "wrapped": stored})
        audit.record(by=user, act="enrolled", subject=user.get_username())
    return phrase


def found_desk(*, first: Member) -> str:
    """Make the first ring and `desk.pub`, and return the recovery identity: printed once, stored nowhere."""
    recovery = keyring.new_identity()
    with _ring_locked():
        desk.require_empty()
        ring = keyring.new_ring(recipients=[first.recipient, keyring.recipient_of(recovery)])
        _write_ring(ring, by=first.user, act="founded")
    return recovery


def unlock(*, user: "User", phrase: str) -> Keys:
    """Open the ring with a member's phrase and return what the session holds.

    Raises WrongWords, NotGranted, StaleRing or DeskBroken; five wrong phrases in 15 minutes pause the member.
    """
    recent = AuditEvent.objects.filter(
        act="unlock-refused", actor=user.get_username(), at__gt=timezone.now() - TRIES_WITHIN
    )
    if recent.count() >= TRIES:
        raise Refused("Too many wrong phrases. Wait a quarter of an hour, or ask a lead.")
    try:
        ring = _open_ring(_identity_of(user, phrase))
    except WrongWords:
        audit.record(by=user, act="unlock-refused")
        raise
    audit.checkpoint(by=user, act="unlocked", key=ring.audit_key, ring=ring.version)
    now = time.time()
    return Keys(tuple(ring.identities), since=now, seen=now, audit_key=ring.audit_key)


def _identity_of(user: "User", phrase: str) -> str:
    """Return a member's own identity."""
    member = Member.objects.filter(user=user).first()
    if member is None:
        raise NotGranted("You have no key to this desk yet. A lead can give you one.")
    wrapped = keyring.Wrapped(
        recipient=member.recipient,
        salt=base64.b64decode(member.wrapped["salt"]),
        box=base64.b64decode(member.wrapped["box"]),
        version=member.wrapped["version"],
    )
    try:
        return keyring.unwrap(wrapped, phrase)
    except keyring.WrongPhrase as error:
        raise WrongWords("These words do not open your key. Check each word and try again.") from error
    except keyring.KeyringError as error:
        raise DeskBroken(f"{error} Ask a lead to give you a new key.") from error


def _open_ring(identity: str) -> keyring.Ring:
    """Return the ring; refuses one that is not the newest, or whose key is not the one that seals."""
    path = desk.folder() / "ring.age"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DeskBroken(f"{path} cannot be read. Put it back from a backup; tips stay safe meanwhile.") from error
    mark = RingMark.objects.order_by("-version").first()
    if mark and mark.digest != hashlib.sha256(data).hexdigest():
        raise StaleRing(f"{path} is not the file that the desk last wrote. Put version {mark.version} back.")
    try:
        ring = keyring.open_ring(data, identity=identity)
    except keyring.NotAMember as error:
        raise NotGranted("Your words are right, but the desk is not open to you yet. Ask a lead for access.") from error
    except keyring.KeyringError as error:
        raise DeskBroken(f"{path} is damaged. Put it back from a backup; tips stay safe meanwhile.") from error
    if desk.public_key().recipient != ring.current.recipient:
        raise DeskBroken(
            "desk.pub is not this desk's key: tips may be sealed to a stranger. Stop the form and find out."
        )
    return ring


def _write_ring(ring: keyring.Ring, *, by: "User", act: str) -> None:
    """Write the ring and `desk.pub`, and remember the ring's hash; the caller holds the ring's lock.

    The database comes last in the transaction: a crash before its commit leaves a ring that says it is stale, which
    stops everything loudly, and never a `desk.pub` that no ring opens.
    """
    data = keyring.seal_ring(ring)
    with transaction.atomic():
        RingMark.objects.create(version=ring.version, digest=hashlib.sha256(data).hexdigest())
        audit.record(by=by, act=act, ring=ring.version)
        desk.write(desk.folder() / "ring.age", data)
        desk.write(desk.folder() / "desk.pub", keyring.desk_pub(ring).encode(), mode=0o644)


@contextmanager
def _ring_locked() -> Iterator[None]:
    """Hold the ring's lock: one writer at a time."""
    with open(desk.folder() / ".lock", "w") as lock:  # noqa: PTH123 - flock wants the handle
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
