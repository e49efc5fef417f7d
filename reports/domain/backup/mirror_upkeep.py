"""The upkeep of a machine's mirror: what it copies, lets go and brings again, as the backups on record ask for it."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings

from reports.domain import state_files
from reports.domain.backup.backups import APART, LATE, desk_file, verified
from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.mailbox import senders_side
from reports.domain.storage import deletion_records, mirror
from reports.models import BackupMark

OLDER = timedelta(days=2)  # than the newest verified backup: what was kept before then is in it


def upkeep() -> None:
    """Do what is due; runs each minute on each machine."""
    newest = BackupMark.objects.first()
    if newest and settings.SITE_ROLE == "public":
        deletion_records.start_backup(number=newest.number, oldest=newest.oldest)
    restored = BackupMark.objects.exclude(restored_at=None).order_by("-restored_at").first()
    if restored and restored.restored_at and _noted() != restored.restored_at.isoformat():
        bring_again(at=restored.restored_at)  # elsewhere, or it was cut short at its end
    senders_side.stop_again(
        lookups=deletion_records.named(deletion_records.STOPPED)
    )  # after a restore tips come in by and by
    if settings.OUTBOX_MIRROR is None:
        return
    for name in APART:
        with suppress(Refused):  # a check tells of it, and the good copy there stays
            if data := desk_file(name):
                mirror.copy(name, data)
    outbox.tidy_mirror()
    safe = verified().filter(is_apart=True).first()
    if (
        safe and settings.SITE_ROLE == "public"
    ):  # it sees no backup; the desk's machine goes by what is in one
        mirror.release(lambda _tag: True, before=(safe.taken_at - OLDER).timestamp())


def bring_again(*, at: datetime) -> int:
    """After a restore at this moment let the mirror's entries come again; stop again, and return how many, receipts.

    A mirror that does not answer is asked by maintenance again.
    """
    answered = outbox.replay()
    stopped = senders_side.stop_again(lookups=deletion_records.named(deletion_records.STOPPED))
    if answered or settings.OUTBOX_MIRROR is None:
        state_files.write(state_files.folder() / "restored", at.isoformat().encode())
    return stopped


def keeps_all() -> bool:
    """Return whether the mirror lets nothing go, as the newest verified backups lie on the disk that they are of."""
    if settings.OUTBOX_MIRROR is None or settings.BACKUPS_ELSEWHERE:
        return False
    newest = verified().first()
    return newest is not None and not verified().filter(
        is_apart=True, taken_at__gt=newest.taken_at - LATE
    )


def _noted() -> str:
    try:
        return (state_files.folder() / "restored").read_text(encoding="ascii")
    except OSError:
        return ""
