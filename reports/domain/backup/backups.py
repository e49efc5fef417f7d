"""Backups: all that a new machine needs beside the recovery sheet, sealed to the sheet's key.

A backup is one archive (`reports/sealing/archive.py`): the database, the secret key, the settings without their
secrets, and the profile. What opens tips lies apart, in `streetlight-desk.age`: the key file, of which only the
newest is kept, so that a key which left the key file opens no older backup either.

Both also open with a key of the backup's own, which stays on this machine until the next backup is made: so a timer can
verify the newest without the sheet, and whoever takes the machine and the backups opens no older one.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from reports.domain import key_rotation, state_files
from reports.domain.backup import database
from reports.domain.errors import Refused
from reports.domain.health import clock
from reports.domain.keys import key_file
from reports.domain.storage import deletion_records, lost_database
from reports.models import AuditEvent, BackupMark
from reports.sealing import archive, keyring

FORMAT = 1
DESK = "streetlight-desk.age"
APART = (
    "keyring.age",
    "desk.pub",
    "backup.pub",
    "deletion_records",
    "audit-head.json",
)  # in the desk's folder
OWN = ("profile.json", "factor_key")  # in the desk's folder too
LONGEST = timedelta(hours=3)  # that a backup can take: its unit ends it sooner
PASSING = (".backup-", ".archive-", ".said-")  # how files begin that nobody needs once it is done
LATE = timedelta(days=2)  # since the newest verified backup, after which the desk should be told
# What a manifest had before the first release: its entries were called arrivals.
BEFORE_0_3 = frozenset(
    {"number", "taken_at", "engine", "migrations", "tips", "arrivals", "events", "format"}
)
SECRET = re.compile(
    "(?:SECRET_KEY|PASSWORD|DATABASE_URL)$"
)  # names of settings whose values stay out

_NAME = re.compile(r"streetlight-([0-9]{6})-[0-9-]{10}\.age")


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    number: int
    taken_at: str  # ISO
    engine: str
    migrations: list[str]
    tips: int
    entries: int
    events: int
    format: int = FORMAT

    @classmethod
    def from_bytes(cls, data: bytes) -> "Manifest":
        """Return the manifest; raises Refused if it is not ours."""
        try:
            facts = json.loads(data)
            if isinstance(facts, dict) and set(facts) == BEFORE_0_3:
                raise Refused("Streetlight 0.2 made this backup, and only 0.2 can restore it.")
            known = cls(**facts)
            datetime.fromisoformat(known.taken_at)
        except (ValueError, TypeError) as error:
            raise Refused("This is not a Streetlight backup.") from error
        if known.format != FORMAT:
            raise Refused("This backup was made by another version of Streetlight.")
        return known


@dataclass(frozen=True)
class Witness:
    """What opens the newest backup on the machine that made it."""

    number: int
    path: str
    identity: str = field(repr=False)


def make(*, to: Path, keep: int = 0) -> str:
    """Make a backup in a folder, of which the newest `keep` stay there, and return its name.

    Raises Refused. The key file and what belongs to it are written anew beside it. Where the key file is not the
    newest, the database is in the folder all the same; the desk's part there and all older backups stay.
    """
    state_files.require_restored()  # or a backup of half a desk would take a whole one's place
    identity = keyring.new_identity()
    recipients = [_recipient(), keyring.recipient_of(identity)]
    if not to.is_dir():
        raise Refused(f"There is no folder {to}. Check that its disk is connected.")
    there = [number for number, _path in _there(to)]
    number = max([BackupMark.objects.aggregate(newest=Max("number"))["newest"] or 0, *there]) + 1
    name = f"streetlight-{number:06}-{timezone.localdate():%Y-%m-%d}.age"
    oldest = [*there, number][-keep:][0]  # that stays in the folder; where `keep` is 0, all do
    deletion_records.start_backup(
        number=number
    )  # before the copy: what is deleted from now on may be in it
    taken_at = database.clock()
    oldest_key = key_rotation.oldest_key()
    with (
        _whole(to / name) as writer,
        database.copy() as (stream, counts),
    ):  # a copy that fails at its end leaves none
        migrations = lost_database.recorded_migrations(connection)
        manifest = Manifest(
            number, taken_at.isoformat(), database.engine(), migrations, **asdict(counts)
        )
        archive.seal(_members(manifest, stream), writer, recipients=recipients)
    with _whole(to / DESK) as writer:
        parts = []
        for part in APART:
            data = desk_file(part)
            if data:
                parts.append((part, data))
        archive.seal(parts, writer, recipients=recipients)
    for half in to.glob(".streetlight-*"):
        _clear(half, now=taken_at)
    for known, older in _there(to):
        if known < oldest:
            older.unlink()
    state_files.write(
        witness_path(), json.dumps(asdict(Witness(number, str(to / name), identity))).encode()
    )
    remembered = _oldest_to_remember(oldest, now=taken_at)
    BackupMark.objects.create(
        number=number, taken_at=taken_at, oldest=remembered, oldest_key=oldest_key
    )
    deletion_records.start_backup(number=number, oldest=remembered)
    return name


def desk_file(name: str) -> bytes:
    """Return the content of one of APART, b"" for none.

    Raises Refused for a key file or deletion records that are not good.
    """
    if name == "keyring.age":
        if settings.SITE_ROLE != "public":
            return key_file.newest()
        return b""
    if name == deletion_records.path().name:
        deletion_records.standing()
    path = state_files.folder() / name
    if path.exists():
        return path.read_bytes()
    return b""


def witness_path() -> Path:
    """Return the path of what opens the newest backup here."""
    return state_files.folder() / "backup-check.json"


def clear_leftovers(*, now: datetime) -> None:
    """Delete what a backup that was killed half-way left in the state folder: a copy of the database, most likely."""
    for path in settings.STATE_DIR.iterdir():
        if path.name.startswith(PASSING):
            _clear(path, now=now)


def verified() -> QuerySet[BackupMark]:
    """Return the verified backups, the newest first, but those that were taken while the clock was ahead."""
    return BackupMark.objects.exclude(verified_at=None).filter(taken_at__lte=timezone.now())


def is_late(*, now: datetime) -> bool:
    """Return whether the newest verified backup is too old, or there is none and the desk is older than that."""
    founded = AuditEvent.objects.order_by("seq").values_list("at", flat=True).first()
    since = verified().aggregate(at=Max("taken_at"))["at"] or founded
    return not settings.DEMO and since is not None and now - since > LATE


def verified_since(at: datetime) -> bool:
    """Return whether a backup was verified at this moment or later."""
    return verified().filter(verified_at__gte=at).exists()


def newest_in(folder: Path) -> Path:
    """Return the newest backup in a folder; raises Refused where there is none."""
    if there := _there(folder):
        return there[-1][1]
    raise Refused(f"There is no backup in {folder}.")


def _recipient() -> str:
    """Return the recovery sheet's recipient; raises Refused where it is unknown."""
    try:
        return keyring.check_recipient(
            (state_files.folder() / "backup.pub").read_text(encoding="ascii").strip()
        )
    except (OSError, ValueError, keyring.KeyringError) as error:
        raise Refused(
            "This server does not know the recovery sheet's public key yet. Unlock the desk once here. If that "
            "does not help, run desk_recover with the sheet."
        ) from error


def _members(manifest: Manifest, stream: archive.Stream) -> Iterator[archive.Member]:
    """Yield all that a backup holds; its manifest first."""
    yield "backup.json", json.dumps(asdict(manifest), indent=1).encode()
    yield "database", stream
    yield "secret_key", settings.SECRET_KEY.encode()
    yield "settings", _settings().encode()
    for path in (*(state_files.folder() / name for name in OWN), settings.STATE_DIR / "node"):
        if path.exists():
            yield path.name, path.read_bytes()


def _settings() -> str:
    """Return this machine's settings as its environment file would say them, those out that are or hold a secret."""
    example = (settings.BASE_DIR / "deploy" / "environment.example").read_text(encoding="utf-8")
    names = re.findall(r"^(?:# )?([A-Z_]+)='", example, flags=re.MULTILINE)
    text = ""
    for one in names:
        for name in (one, f"{one}_FILE"):
            if name in os.environ:
                line = f"{name}='{os.environ[name]}'"
                if SECRET.search(name):
                    line = f"# {name} is secret or holds a secret"
                text += f"{line}\n"
    return text


def _there(folder: Path) -> list[tuple[int, Path]]:
    """Return the backups in a folder by their numbers, the oldest first."""
    return sorted(
        (int(match[1]), path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))
    )


def _oldest_to_remember(there: int, *, now: datetime) -> int:
    """Return the number of the oldest backup of which the deletion records are kept; 0 where the clock is not believed.

    Other folders may hold what this one does not, so age counts; what lies in this one can only lengthen it. After a
    restore nobody knows how old those are that the lost machine made since.
    """
    if clock.is_held(now=now):
        return 0
    since = now - deletion_records.KEPT
    young = BackupMark.objects.filter(Q(taken_at__gte=since) | Q(restored_at__gte=since)).order_by()
    return min(there, young.aggregate(oldest=Min("number"))["oldest"] or there)


def _clear(path: Path, *, now: datetime) -> None:
    """Delete a file or folder that nobody can be at work on any more."""
    with suppress(FileNotFoundError):  # It was in passing, and is gone.
        if now.timestamp() - path.stat().st_mtime > LONGEST.total_seconds():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Yield a writer (0600); the file has its name once it is whole and durable."""
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with open(
            unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)
        ) as writer:
            yield writer
            writer.flush()
            os.fsync(writer.fileno())
        unfinished.rename(path)
        state_files.sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
