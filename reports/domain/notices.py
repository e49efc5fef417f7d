"""Content-free notices to the duty keyholder while an urgent tip waits, at quarter hours, until one acknowledges."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from reports.domain import desk
from reports.models import Notice, Tip

QUARTER = timedelta(minutes=15)
KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def next_quarter(now: datetime) -> datetime:
    """Return the first quarter hour after `now`."""
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    return start + QUARTER


def tend(*, now: datetime) -> bool:
    """Send the notice that is due, plan the next one while anything urgent waits; return whether one was sent.

    A notice goes out at the quarter hour after a tip came, so that its time does not tell when that was.
    """
    Notice.objects.filter(due_at__lt=now - KEPT).delete()
    if not Tip.objects.urgent_waiting().exists():
        Notice.objects.filter(sent_at=None).delete()
        return False
    due = Notice.objects.filter(sent_at=None).order_by("due_at").first()
    if due is None:
        Notice.objects.get_or_create(due_at=next_quarter(now))
        return False
    if due.due_at > now:
        return False
    if not _send():
        return False
    Notice.objects.filter(pk=due.pk).update(sent_at=now)
    Notice.objects.get_or_create(due_at=next_quarter(now))
    return True


def _send() -> bool:
    """Mail the duty keyholder that the desk needs them: no number, no reference, no word of a tip.

    A mail server that does not answer costs no other chore: the notice stays due, and the next minute tries again.
    """
    if to := desk.profile().duty_email:
        text = render_to_string("emails/urgent.txt", {"origin": settings.SITE_ORIGIN})
        try:
            send_mail("The desk needs you", text, settings.DEFAULT_FROM_EMAIL, [to])
        except (OSError, SMTPException):
            log.exception("a notice could not be mailed; it stays due")
            return False
    return True


def last_sent() -> datetime | None:
    """Return when a notice last went out."""
    sent = Notice.objects.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    return timezone.localtime(sent) if sent else None
