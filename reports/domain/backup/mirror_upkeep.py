"""The upkeep of a machine's mirror: what it copies, lets go and brings again, as the backups on record ask for it."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from reports.domain import desk, mailbox, mirror, tombstones
from reports.domain.backup import APART, LATE
from reports.domain.intake import outbox
from reports.models import BackupMark, Node

CLOCKS = timedelta(hours=1)  # by which two machines' clocks may differ

log = logging.getLogger(__name__)


def tend(*, now: datetime) -> None:
    """Do what is due; runs each minute on each machine."""
    newest = BackupMark.objects.first()
    if newest and settings.SITE_ROLE == "public":
        tombstones.begin(number=newest.number, oldest=newest.oldest)
    _bring_again()
    mailbox.burn_again(lookups=tombstones.named(tombstones.BURNED))  # after a restore tips come in by and by
    if mirror.folder() is None:
        return
    for name in APART:
        if (path := desk.folder() / name).exists():
            mirror.copy(name, path.read_bytes())
    outbox.tidy_mirror()
    if settings.SITE_ROLE == "public":  # it sees no backup; the desk's machine knows by name
        _let_go(now)


def bring_again(*, at: datetime) -> int:
    """After a restore at this moment let the mirror's entries come again; burn again, and return how many, receipts."""
    outbox.replay()
    standing = tombstones.standing()
    burned = mailbox.burn_again(lookups=standing.names(tombstones.BURNED)) if standing else 0
    desk.write(desk.folder() / "restored", at.isoformat().encode())
    return burned


def replay() -> int:
    """Let the mirror's entries come again where a database has lost some; return how many are in it once each."""
    count = outbox.replay()
    mailbox.burn_again(lookups=tombstones.named(tombstones.BURNED))
    return count


def keeps_all() -> bool:
    """Return whether the mirror lets nothing go, as the newest verified backups lie on the disk that they are of."""
    if mirror.folder() is None or settings.BACKUPS_ELSEWHERE:
        return False
    newest = BackupMark.objects.exclude(verified_at=None).first()
    return newest is not None and not BackupMark.objects.filter(is_apart=True, taken_at__gt=newest.taken_at - LATE)


def _let_go(now: datetime) -> None:
    """Let go of what came long enough before the newest backup, unless this clock and the database's differ.

    While they did, files got times that cannot be believed: once they agree, all that is kept counts as new.
    """
    differed = desk.folder() / "clock-differed"
    if abs(_time_there() - now) > CLOCKS:
        log.warning("the database's clock differs by more than an hour; the mirror lets nothing go")
        differed.touch()
        return
    if differed.exists():
        if not mirror.keep_longer():
            return  # that disk is away: the next run goes on
        differed.unlink()
    safe = BackupMark.objects.exclude(verified_at=None).filter(is_apart=True).first()
    if safe:
        mirror.release_before((safe.taken_at - CLOCKS).timestamp())


def _time_there() -> datetime:
    """Return the time by the database's clock."""
    told = Node.objects.order_by().annotate(there=Now()).values_list("there", flat=True)[:1]  # of rows that are there
    return next(iter(told), None) or timezone.now()


def _bring_again() -> None:
    """Do it where this machine has not done it yet: after a restore elsewhere, or one that was cut short at its end."""
    newest = BackupMark.objects.exclude(restored_at=None).order_by("-restored_at").first()
    if newest is None or newest.restored_at is None or _noted() == newest.restored_at.isoformat():
        return
    bring_again(at=newest.restored_at)


def _noted() -> str:
    try:
        return (desk.folder() / "restored").read_text(encoding="ascii")
    except OSError:
        return ""
