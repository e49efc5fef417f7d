"""The examination: what the system checks find now, and what pages and monitors make of what they found last."""

import os
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, transaction

from reports.domain.health import faults, heartbeat
from reports.domain.health.faults import EXPLAINS, FAULTS, PRIVATE, Fault
from reports.domain.storage import lost_database


def examine(*, tags: Sequence[str] | None = None) -> list[CheckMessage]:
    """Run the system checks, or those with these tags, and return what they find: the most basic first, each id once.

    Those of the database run only if it answers. Where one finding explains the rest, it is returned alone.
    """
    messages = of_the_database()
    databases = [] if messages else [DEFAULT_DB_ALIAS]
    messages += run_checks(tags=tags, include_deployment_checks=True, databases=databases)
    each = {str(message.id): message for message in messages if not message.is_silenced()}
    for root in EXPLAINS:
        if root in each:
            return [each[root]]
    order = {key: place for place, key in enumerate(FAULTS)}
    return sorted(each.values(), key=lambda message: order.get(str(message.id), len(order)))


def of_the_database() -> list[CheckMessage]:
    """Return what keeps the database from being asked anything; nothing if it answers."""
    try:
        if lost_database.is_lost():
            return [
                faults.LOST.message(what=lost_database.what(), do=lost_database.how_to_restore())
            ]
        with transaction.atomic(), connection.cursor() as cursor:  # SQLite begins it as a writer
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError, OSError) as error:
        return [faults.DATABASE.message(obj=_answer(error))]
    if settings.DATABASE_FILE and not os.access(settings.DATABASE_FILE, os.W_OK):
        return [faults.DATABASE.message(obj="read-only")]
    return []


def _answer(error: Exception) -> str:
    """Return what the database answered who was asked for nothing but a 1, on one line; a class's name tells little."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def sentence(message: CheckMessage) -> str:
    """Return what is wrong as a sentence, with its id and where it was found."""
    where = f": {message.obj}" if message.obj else ""
    return f"{message.msg} ({message.id}{where})"


def standing(*, now: datetime) -> list[Fault]:
    """Return what maintenance found wrong in its last run, and that there was none lately; asks no database."""
    standing_faults = [FAULTS[key] for key in heartbeat.read().causes if key in FAULTS]
    if heartbeat.is_late(now=now):
        standing_faults.insert(0, faults.LATE)
    return standing_faults


def is_well(*, now: datetime) -> bool:
    """Return whether nothing is wrong that anybody may know."""
    return not {fault.id for fault in standing(now=now)} - PRIVATE
