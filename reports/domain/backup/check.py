"""Verifying a backup: it is opened to its last byte, its database is looked through, and what is in it is counted."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from reports.domain.backup import contents, database
from reports.domain.backup.backups import DESK, Manifest, Witness, witness_path
from reports.domain.errors import Refused
from reports.domain.storage import mirror
from reports.models import BackupMark

COPIED = timedelta(hours=20)  # within which a backup must be copied, with BACKUPS_ELSEWHERE
POSTGRESQL = Path("/var/lib/postgresql")
NEEDED = frozenset({"backup.json", "database"})


def verify(*, path: Path | None = None, identity: str = "") -> Manifest:
    """Open a backup and the desk's part beside it, count what is in it and return what it holds.

    Raises Refused if anything is wrong with either.

    Without a path it is the newest that was made here. `identity` is the recovery sheet's; without it the backup must
    be the newest, which this machine can open by itself.
    """
    witness = _witness()
    if witness:
        path = path or Path(witness.path)
        identity = identity or witness.identity
    if path is None:
        raise Refused("No backup was made on this server. Name the one to verify with --from PATH.")
    if not identity:
        raise Refused("You need the recovery sheet to open this backup here. Add --sheet.")
    with contents.opened(path) as reader, contents.opened(path.with_name(DESK)) as beside:
        with contents.laid_out(
            beside, identity=identity, only=frozenset({"keyring.age"})
        ) as folder:
            if not (folder / "keyring.age").exists():
                raise Refused(f"There is no key file in {beside.name}.")
        return _verified(reader, identity, apart=is_apart(path))


def is_apart(path: Path) -> bool:
    """Return whether a file lies on another disk than the state folder and the database, as far as this machine sees.

    Of PostgreSQL it knows where Debian keeps it; one on another machine lies nowhere here.
    """
    known: Path = settings.DATABASE_FILE or POSTGRESQL
    return path.stat().st_dev not in {
        one.stat().st_dev for one in (settings.STATE_DIR, known) if one.exists()
    }


def _verified(reader: IO[bytes], identity: str, *, apart: bool) -> Manifest:
    with contents.laid_out(reader, identity=identity, only=NEEDED) as folder:
        manifest = contents.manifest(folder)
        require_engine(manifest)
        counts, tags = database.contents_of(folder / "database")
    if counts != database.Counts(manifest.tips, manifest.entries, manifest.events):
        raise Refused("The database in this backup is incomplete.")
    taken_at = datetime.fromisoformat(manifest.taken_at)
    own = BackupMark.objects.filter(number=manifest.number, taken_at=taken_at)
    if own.update(verified_at=timezone.now()):  # of this desk, and made since the last restore
        _let_go(own, tags, taken_at=taken_at, apart=apart)
    return manifest


def _let_go(own: QuerySet[BackupMark], tags: set[str], *, taken_at: datetime, apart: bool) -> None:
    """Let the mirror go of what a backup holds that does not die with the database."""
    if apart:
        own.update(is_apart=True)
        mirror.release(tags.__contains__)
    elif settings.BACKUPS_ELSEWHERE:  # this one is yet to be copied
        copied = (
            BackupMark.objects.filter(taken_at__lte=taken_at - COPIED)
            .exclude(verified_at=None)
            .first()
        )
        if copied:
            BackupMark.objects.filter(pk=copied.pk).update(is_apart=True)
            mirror.release(tags.__contains__, before=copied.taken_at.timestamp())


def require_engine(manifest: Manifest) -> None:
    """Raise Refused for a backup of another engine than this machine's."""
    if manifest.engine != database.engine():
        message = (
            f"This backup is of {manifest.engine}, but this server uses {database.engine()}. Change "
            "DATABASE_URL to match, then try again."
        )
        raise Refused(message)


def _witness() -> Witness | None:
    try:
        return Witness(**json.loads(witness_path().read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
