"""Restoring: a backup, the desk's part and the recovery sheet make of an empty machine the desk that was.

An older database meets a newer key file and a newer head of the record. The key file is written anew with the place
that the record has now, and the restore is an event on the record that says up to where it had been known.

Beside a desk whose database is gone, the newest key file is kept, and so is the outbox: what waits in it is received.

From the first thing that is put in place to the last, a file says that the restore is under way: until it has come to
its end nothing is received, read or changed, and it can begin again however it was interrupted.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.utils import timezone

from core.file_names import is_name
from newsroom.domain import request_rebuild
from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.backup import check, contents, database, mirror_upkeep
from reports.domain.backup.backups import APART, DESK, OWN, Manifest, newest_in
from reports.domain.errors import Refused
from reports.domain.health import clock
from reports.domain.intake import outbox
from reports.domain.keys import key_file, keyholders
from reports.domain.mailbox import senders_side
from reports.domain.people import joining, roles
from reports.domain.retention import schedule
from reports.domain.storage import deletion_records, lost_database, mirror
from reports.models import Arrival, AuditAct, AuditEvent, BackupMark, Entry, Tip
from reports.sealing import keyring

_MIGRATION = re.compile(r"(?:newsroom|reports)/migrations/\w+")
MEGABYTE = 1_000_000
SETTINGS = (
    "restored-settings"  # in the state folder: the old machine's, to be compared with this one's
)


@dataclass(frozen=True)
class Restored:
    """A finished restore: its event, and how many tips and receipts were deleted and stopped again."""

    event: int
    tips: int
    deleted: int
    stopped: int
    strays: int  # keys that the key file opens for and that belong to nobody in the older database


def require_empty() -> None:
    """Raise Refused where something would be overwritten: a desk, people, tips, a record, or waiting arrivals.

    What a restore left that did not come to its end may be overwritten by the next. A desk whose database is gone has
    arrivals waiting, and keeps them.
    """
    if state_files.is_restoring():
        return
    is_lost = lost_database.is_lost()
    if not is_lost:
        state_files.require_empty()
    if _is_used() or (outbox.waiting() and not is_lost):
        message = f"This server is not empty: {settings.STATE_DIR} or its database is in use. Nothing was changed."
        raise Refused(message)


def require_empty_database() -> None:
    """Raise Refused where the database, which is elsewhere and cannot be moved away with the files, is in use."""
    if _is_used():
        message = "The database is in use. Make an empty one, and name it in DATABASE_URL. Nothing was changed."
        raise Refused(message)


def _is_used() -> bool:
    """Return whether the database holds people, tips or a record."""
    if lost_database.file_is_absent():
        return False
    try:
        with lost_database.opened_all_the_same():
            tables = set(connection.introspection.table_names())
            models = [model for model in (User, Tip, AuditEvent) if model._meta.db_table in tables]  # noqa: SLF001
            return any(model.objects.exists() for model in models)
    except DatabaseError as error:
        message = f"The database does not answer ({str(error).strip()}). Nothing was changed."
        raise Refused(message) from error


def put_in_place(*, source: Path, identity: str) -> tuple[Manifest, int]:
    """Read a backup and the desk's part beside it to their ends, then put them in the place of nothing.

    `source` is a backup or a folder of them; `identity` is the recovery sheet's. Return what the backup says of itself,
    and the newest event that the lost machine's record had come to when the desk's part was written. Raises Refused
    with the reason; nothing was changed then.
    """
    require_empty()
    with laid_out(source=source, identity=identity) as (manifest, main, desk_part, buried, _tags):
        state_files.begin(state_files.RESTORING)
        (state_files.folder() / state_files.SETUP).unlink(
            missing_ok=True
        )  # of one that was stopped here before it made a key
        database.replace(main / "database")
        _put_files(main)
        return manifest, _put_desk(desk_part, buried)


@contextmanager
def laid_out(
    *, source: Path, identity: str
) -> Iterator[tuple[Manifest, Path, Path, list[deletion_records.DeletionRecords], set[str]]]:
    """Yield what a backup says of itself, its folder, the desk's part's, all deletion records, and its entries' tags.

    Nothing is changed. Both were read to their ends, and this machine can take them. Raises Refused with the reason.
    """
    with (
        _opened(source) as (reader, beside),
        contents.laid_out(reader, identity=identity) as main,
        contents.laid_out(beside, identity=identity) as desk_part,
    ):
        manifest = contents.manifest(main)
        check.require_engine(manifest)
        _require_known(manifest.migrations)
        buried = _take_newest(desk_part, identity)
        _counts, tags = database.contents_of(main / "database")
        _require_newer_key_file(
            _version(_known(desk_part / "keyring.age"), identity), main / "database"
        )
        yield manifest, main, desk_part, buried, tags


def came_since(tags: set[str]) -> tuple[int, int]:
    """Return how many tips this machine's database has, and how many entries that a backup with these tags lacks.

    Both are 0 for a database that does not answer or has no tables.
    """
    if lost_database.file_is_absent():
        return 0, 0
    try:
        with lost_database.opened_all_the_same():
            here = set(Entry.objects.values_list("tag", flat=True))
            here |= set(Arrival.objects.values_list("tag", flat=True))
            return Tip.objects.count(), len(here - tags)
    except DatabaseError:
        return 0, 0


@contextmanager
def _opened(source: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Yield a backup, or the newest in a folder, and the desk's part beside it."""
    path = newest_in(source) if source.is_dir() else source
    with contents.opened(path) as reader, contents.opened(path.with_name(DESK)) as beside:
        yield reader, beside


def require_room(*, source: Path) -> None:
    """Raise Refused where a backup cannot be read, or its disk has no room to lay it out and put it in place."""
    with _opened(source) as files:
        needed = outbox.ROOM + 2 * sum(os.fstat(file.fileno()).st_size for file in files)
    free = shutil.disk_usage(settings.STATE_DIR).free
    if free < needed:
        message = (
            "The disk of %(path)s has too little room: %(free)s MB are free, and the restore needs %(needed)s MB. "
            "Nothing was changed."
        )
        facts = {
            "path": settings.STATE_DIR,
            "free": free // MEGABYTE,
            "needed": -(-needed // MEGABYTE),
        }
        raise Refused(message % facts)


def settle(*, manifest: Manifest, known: int, identity: str) -> Restored:
    """Let key file, record and database fit again, and delete again what had been deleted; the database is migrated.

    Then the restore has come to its end. What the mirror holds comes in last, by maintenance if this is cut short.
    """
    with key_file.locked():
        opened_keyring = keyring.open_keyring(
            (state_files.folder() / "keyring.age").read_bytes(), identity=identity
        )
        of_its_time = AuditKeys(opened_keyring.audit_keys).key_for(audit_log.stands()[0] + 1)
        audit_log.prove(key=of_its_time)  # it closes what the older record's newest key may sign
        fitting = keyring.restored(opened_keyring, checkpoints=audit_log.stands()[0])
        backup = manifest.number
        key_file.write(
            fitting, was=fitting, by=None, act=AuditAct.RESTORED, backup=backup, known=known
        )
        event = AuditEvent.objects.filter(act=AuditAct.RESTORED).values_list("seq", flat=True)[0]
    audit_log.renew_head()
    standing = deletion_records.standing() or deletion_records.DeletionRecords(backup)
    deleted = schedule.delete_again(entries=standing.names(deletion_records.DELETED))
    stopped = senders_side.stop_again(lookups=standing.names(deletion_records.STOPPED))
    taken_at = datetime.fromisoformat(manifest.taken_at)
    now = timezone.now()
    facts: dict[str, Any] = {"taken_at": taken_at, "oldest": 1, "oldest_key": 0, "restored_at": now}
    BackupMark.objects.update_or_create(number=backup, defaults=facts)
    request_rebuild.request_rebuild()
    clock.believe_only(at=taken_at)  # whatever this machine took its own for
    state_files.end(state_files.RESTORING)
    stopped += mirror_upkeep.bring_again(at=now)
    return Restored(event, Tip.objects.count(), deleted, stopped, len(keyholders.strays(fitting)))


def let_in(*, user: User, identity: str) -> tuple[str, str]:
    """Return new words for somebody's desk, and a code with which they set a new password and second factor."""
    return keyholders.recover(identity=identity, user=user), joining.start_again(user=user, by=None)


def team_leads() -> list[str]:
    """Return the user names of those who may run the desk."""
    return [user.get_username() for user in roles.team_leads().order_by("username")]


def needs_secret_key() -> bool:
    """Return whether the settings name another secret key than the restored one, which seals what members left."""
    named = os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")
    return (
        bool(named)
        and (settings.STATE_DIR / "secret_key").read_text(encoding="utf-8") != settings.SECRET_KEY
    )


def _require_known(migrations: list[str]) -> None:
    """Raise Refused for a backup of a version whose migrations this one does not have."""
    for name in migrations:
        if not is_name(name, _MIGRATION) or not (settings.BASE_DIR / f"{name}.py").exists():
            raise Refused(
                "This backup was made by another version of Streetlight. Install that version first."
            )


def _require_newer_key_file(version: int, path: Path) -> None:
    """Raise Refused for a key file that is older than the database."""
    if (known := database.newest_key_file(path)) > version:
        message = f"The key file is version {version}, and the backup knows version {known}. Find the newer file."
        raise Refused(message)


def _take_newest(folder: Path, identity: str) -> list[deletion_records.DeletionRecords]:
    """Take the newest key file of this machine, the backup and the mirror; return the deletion records of all.

    Raises Refused if no key file opens, and for deletion records that are damaged. What waits in this machine's outbox
    is sealed to its own key file, so one that does not open stops the restore.
    """
    own = {name: _known(state_files.folder() / name) for name in APART}
    backed_up = {name: _known(folder / name) for name in APART}
    mirrored = {name: mirror.copied(name) or b"" for name in APART}
    if (
        own["keyring.age"]
        and not _version(own["keyring.age"], identity)
        and not state_files.is_restoring()
    ):
        message = (
            f"This recovery sheet does not open {state_files.folder() / 'keyring.age'}. If the file is "
            "damaged, move it away. Nothing was changed."
        )
        raise Refused(message)
    copies = (own, backed_up, mirrored)
    newest = max(copies, key=lambda files: _version(files["keyring.age"], identity))
    if not _version(newest["keyring.age"], identity):
        raise Refused(
            "This recovery sheet does not open the key file in streetlight-desk.age. Use another file."
        )
    for name in ("keyring.age", "desk.pub"):
        if newest[name]:
            (folder / name).write_bytes(newest[name])
    heads = [files["audit-head.json"] for files in copies]
    (folder / "audit-head.json").write_bytes(max(heads, key=_seq))
    every = []
    places = (state_files.folder(), DESK, settings.OUTBOX_MIRROR)
    for where, files in zip(places, copies, strict=True):
        data = files["deletion_records"]
        if data:
            every.append(deletion_records.parsed(data, where=where))
    return every


def _version(data: bytes, identity: str) -> int:
    """Return a key file's version; 0 for one that does not open."""
    try:
        return keyring.open_keyring(data, identity=identity).version
    except keyring.KeyringError:
        return 0


def _known(path: Path) -> bytes:
    if path.exists():
        return path.read_bytes()
    return b""


def _seq(head: bytes) -> int:
    """Return the newest event that a head of the record knew; 0 for what is none."""
    try:
        return int(json.loads(head)["seq"])
    except (ValueError, TypeError, KeyError):
        return 0


def _put_files(folder: Path) -> None:
    """Put the secret key, the profile, the machine's name and the settings in their places; a profile here stays."""
    state: Path = settings.STATE_DIR
    state_files.write(state / "secret_key", (folder / "secret_key").read_bytes())
    state_files.write(state / SETTINGS, (folder / "settings").read_bytes())
    for path in (*(state_files.folder() / name for name in OWN), state / "node"):
        if (folder / path.name).exists() and not (path.name == "profile.json" and path.exists()):
            state_files.write(path, (folder / path.name).read_bytes())


def _put_desk(folder: Path, buried: list[deletion_records.DeletionRecords]) -> int:
    """Put the key file, the public keys and the deletion records in place.

    Return the newest event that the head knew.
    """
    for name in ("keyring.age", "desk.pub", "backup.pub"):
        if (folder / name).exists():
            state_files.write(state_files.folder() / name, (folder / name).read_bytes())
    for known in buried:
        deletion_records.merge(known)
    return _seq(_known(folder / "audit-head.json"))
