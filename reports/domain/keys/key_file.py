"""The key file: opened only if it is the newest, written under a lock, whole or not at all.

The new key file is written as `keyring.age.next`, then the database records its hash, then it replaces the old file and
`desk.pub` follows. A crash leaves one of two states, and `finish` handles both: the database does not know the new
file, which is then ignored; or it does, and the replacement is done later.
"""

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.errors import DeskBroken, Refused
from reports.domain.people import accounts
from reports.domain.storage import mirror
from reports.models import AuditAct, AuditEvent, Draft, KeyFileMark, Member
from reports.sealing import keyring

# The acts that write the key file: the event of each names the desk's key by its fingerprint, as `desk.pub` must be.
KEY_EVENTS = (
    AuditAct.FOUNDED,
    AuditAct.GRANTED,
    AuditAct.REVOKED,
    AuditAct.ROTATED,
    AuditAct.RETIRED_KEY,
    AuditAct.RECOVERED,
    AuditAct.EXPELLED_STRAY_KEYS,
    AuditAct.RESTORED,
)


def locked() -> AbstractContextManager[None]:
    """Hold the key file's lock: one writer at a time."""
    return state_files.locked(".lock")


def newest() -> bytes:
    """Return the key file if it is the one that the desk last wrote; raises DeskBroken."""
    with locked():
        return _newest(state_files.folder() / "keyring.age")


def open_locked(*, identity: str) -> keyring.Keyring:
    """Return the key file to a caller that holds its lock; refuse an older one, or one whose key is not `desk.pub`'s.

    Raises DeskBroken, or Refused where it does not open. Nothing is overwritten, but for an older `desk.pub` of this
    desk's own.
    """
    path = state_files.folder() / "keyring.age"
    data = _newest(path)
    try:
        key_file = keyring.open_keyring(data, identity=identity)
    except keyring.NotAMember as error:
        fingerprint = keyring.fingerprint(keyring.recipient_of(identity))
        raise Refused(
            "Your words are right, but you do not have access yet. Ask a team lead for access. The fingerprint of "
            f"your key is {fingerprint}."
        ) from error
    except keyring.KeyringError as error:
        message = f"{path} is damaged. Put it back from a backup. Tips are safe."
        raise DeskBroken(message) from error
    _compare_desk_pub(key_file)
    _keep_backup_key(key_file)
    return key_file


def write(
    key_file: keyring.Keyring,
    *,
    was: keyring.Keyring | None,
    by: User | None,
    act: AuditAct,
    subject: str = "",
    **detail: int,
) -> keyring.Keyring:
    """Write the key file in place of the one it `was`, mark the members that it opens for, and return it as written.

    Whose access that gives or takes is told of it, and the team leads are; of a new desk nobody, as its first lead is
    there. The caller holds the lock. Files cannot be part of a transaction: the caller must not be inside one, except
    to found a desk. The audit log is locked meanwhile, so that the key file's place in it is true.
    """
    with transaction.atomic():
        audit_log.take_turn()
        if (
            was is not None and key_file.audit_key != was.audit_key
        ):  # it closes what the older key may sign
            audit_log.prove(key=was.audit_key)
        checkpoints, stood_at = audit_log.stands()
        key_file = keyring.placed(key_file, was=was, checkpoints=checkpoints, stood_at=stood_at)
        data = keyring.seal_keyring(key_file)
        digest = hashlib.sha256(data).hexdigest()
        state_files.write(state_files.folder() / "keyring.age.next", data)
        KeyFileMark.objects.create(
            version=key_file.version, digest=digest, key_index=key_file.current.index
        )
        members = Member.objects.select_for_update()
        changed = [
            each
            for each in members
            if _mark_granted(each, inside=each.recipient in key_file.recipients)
        ]
        if changed and was is not None:
            accounts.mail_change(*(member.user.email for member in changed))
        facts: dict[str, Any] = {
            "key_file": key_file.version,
            "key": key_file.current.index,
            **detail,
        }
        audit_log.record(
            by=by,
            act=act,
            subject=subject,
            fingerprint=keyring.fingerprint(key_file.current.recipient),
            **facts,
        )
    finish(digest)
    mirror.copy("keyring.age", data)  # before anything is sealed to its newest key
    mirror.copy("desk.pub", keyring.desk_pub(key_file).encode())
    state_files.write(state_files.folder() / "desk.pub", keyring.desk_pub(key_file).encode())
    _keep_backup_key(key_file)
    return key_file


def desk_pub_differs() -> bool | None:
    """Return whether `desk.pub` is another key than the newest key event names; None where nobody can say.

    That is on a public machine, whose login reads no event, and where the file or such an event is missing; an event
    that names no key is none of ours. A new key
    is recorded before its file is written: a difference counts once nobody is at work on the key file.
    """
    if settings.SITE_ROLE == "public":
        return None
    differs = _differs()
    if differs:
        with locked():
            differs = _differs()
    return differs


def _differs() -> bool | None:
    newest = AuditEvent.objects.filter(act__in=KEY_EVENTS).aggregate(seq=Max("seq"))["seq"]
    if newest is None:
        return None
    named = (
        AuditEvent.objects.filter(pk=newest).values_list("detail__fingerprint", flat=True).first()
    )
    try:
        return bool(named != keyring.fingerprint(state_files.public_key().recipient))
    except DeskBroken:
        return None


def finish(digest: str) -> bytes | None:
    """Move `keyring.age.next` into place if it has this hash, and return it; else None."""
    beside = state_files.folder() / "keyring.age.next"
    try:
        data = beside.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != digest:
        return None
    beside.replace(state_files.folder() / "keyring.age")
    state_files.sync(state_files.folder())
    return data


def _newest(path: Path) -> bytes:
    """Return the key file's bytes if their hash is the one in the database."""
    mark = KeyFileMark.objects.order_by("-version").first()
    try:
        data = path.read_bytes()
    except OSError as error:
        data = (mark and finish(mark.digest)) or b""
        if not data:
            message = "%(path)s cannot be read. Put it back from a backup. Tips are safe."
            raise DeskBroken(message % {"path": path}) from error
    if mark is None or mark.digest == hashlib.sha256(data).hexdigest():
        return data
    if finished := finish(mark.digest):
        return finished
    message = "%(path)s is not the newest key file. Put version %(version)s back."
    raise DeskBroken(message % {"path": path, "version": mark.version})


def _compare_desk_pub(key_file: keyring.Keyring) -> None:
    """Raise DeskBroken for a stranger's `desk.pub`; update and record an older one of this desk."""
    recipient = state_files.public_key().recipient
    if recipient == key_file.current.recipient:
        return
    if recipient not in {key.recipient for key in key_file.keys}:
        raise DeskBroken(
            "desk.pub is not this desk’s key. Tips may be locked with a stranger’s key. Stop the form and find out why."
        )
    state_files.write(state_files.folder() / "desk.pub", keyring.desk_pub(key_file).encode())
    audit_log.record(by=None, act=AuditAct.DESK_PUB_RENEWED, key=key_file.current.index)


def _keep_backup_key(key_file: keyring.Keyring) -> None:
    """Keep the recovery sheet's public half in a file: backups are made while nobody opens the key file."""
    path = state_files.folder() / "backup.pub"
    text = f"{key_file.recovery}\n".encode()
    if key_file.recovery and not (path.exists() and path.read_bytes() == text):
        state_files.write(path, text)


def _mark_granted(member: Member, *, inside: bool) -> bool:
    """Keep whether the key file opens for a member, and return whether that is new."""
    is_new = inside is not bool(member.granted)
    if inside and member.granted is None:
        member.granted = timezone.localdate()
    elif not inside:
        member.granted = None
        Draft.objects.filter(author=member.user_id).delete()
    member.save(update_fields=["granted"])
    return is_new
