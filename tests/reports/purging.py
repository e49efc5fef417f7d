"""A tip that is deleted, without the days that the schedule takes; and one that was decided long ago."""

from datetime import datetime, time

import time_machine
from django.utils import timezone

from reports.domain.audit import audit_log, proven_events
from reports.domain.audit.named_rows import Named
from reports.domain.intake import outbox
from reports.domain.retention import schedule
from reports.models import Tip
from tests.reports.handing import newest_keys


def decide(tip, *, status, week):
    """Let a tip have been read, and moved in this week, with the event that says so."""
    Tip.objects.filter(pk=tip.pk).update(status=status, decided=week, unread=False)
    then = timezone.make_aware(datetime.combine(week, time(12)))
    keys = newest_keys()
    rows = Named(keys=keys) if keys else None
    with time_machine.travel(then):
        audit_log.record(
            by=None, act="moved", subject=tip.reference, rows=rows, before="reading", after=status
        )
    unlock_again()


def unlock_again():
    """Try the MACs of what was signed, as a member does who unlocks the desk."""
    keys = newest_keys()
    proven_events.prove(proof=keys.audit_keys if keys else None)


def purge(*, tip):
    """Delete a tip as `schedule.delete_due` deletes one that is due, under the same lock."""
    with outbox.locked(wait=True):
        schedule._delete(tip)
