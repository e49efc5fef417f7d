"""Content-free notices to the duty keyholder: while an urgent tip waits, at quarter hours, until one acknowledges.

And once a week the record's mark, which proves later that nobody has cut it short, and whether a new key is due.
"""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.domain import desk, key_rotation
from reports.domain.audit import verification
from reports.domain.intake import unwatched_line
from reports.models import Notice, Tip

QUARTER = timedelta(minutes=15)
WEEK = timedelta(days=7)
KEPT = timedelta(days=30)
HOURS = (9, 15)  # at which members are told that something is unread
NOBODY = "nobody@nowhere.invalid"  # where an answer goes: a name that no network knows (RFC 2606)
_SUBJECT = gettext_lazy("The desk has unread tips")
URGENT = Notice.objects.filter(kind=Notice.Kind.URGENT)

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
        URGENT.filter(sent_at=None).delete()
        return False
    due = URGENT.filter(sent_at=None).order_by("due_at").first()
    if due is None:
        Notice.objects.get_or_create(due_at=next_quarter(now))
        return False
    if due.due_at > now:
        return False
    if not _send(_("The desk needs you"), "emails/urgent.txt"):
        return False
    Notice.objects.filter(pk=due.pk).update(sent_at=now)
    Notice.objects.get_or_create(due_at=next_quarter(now))
    return True


def weekly(*, now: datetime) -> bool:
    """Mail the record's mark once a week, and while a new desk key is due say so; return whether it was sent."""
    last = Notice.objects.filter(kind=Notice.Kind.WEEKLY).order_by("-due_at").first()
    found = verification.mark()
    if not found or not desk.profile().duty_email or (last and now - last.due_at < WEEK):
        return False
    if not _send(_("The desk’s mark of this week"), "emails/weekly.txt", mark=found, due=key_rotation.due(now=now)):
        return False
    Notice.objects.create(kind=Notice.Kind.WEEKLY, due_at=now, sent_at=now)
    return True


def _send(subject: str, template: str, **more: object) -> bool:
    """Mail the duty keyholder: no number, no reference, no word of a tip.

    A mail server that does not answer costs no other chore: the notice stays due, and the next minute tries again.
    """
    if to := desk.profile().duty_email:
        return _mail(to, subject, render_to_string(template, {"origin": settings.SITE_ORIGIN, **more}))
    return True


def tell_unread(*, now: datetime) -> int:
    """At each of HOURS, once, mail the members who read tips that some are unread; return how many were told.

    It says no number and no word, and an answer reaches nobody. A mail that fails is not tried again before the
    next of these hours.
    """
    hour, mark = timezone.localtime(now), settings.STATE_DIR / "told-unread"
    slot = f"{hour:%Y-%m-%dT%H}"
    if hour.hour not in HOURS or (mark.exists() and mark.read_text(encoding="ascii") == slot):
        return 0
    desk.write(mark, slot.encode())
    if not Tip.objects.unread().exists():
        return 0
    becomes, days = unwatched_line.ahead(now=now) or ("", 0)
    text = render_to_string("emails/unread.txt", {"origin": settings.SITE_ORIGIN, "becomes": becomes, "days": days})
    return sum(_mail(to, str(_SUBJECT), text) for to in _readers())


def _readers() -> list[str]:
    """Return the addresses of those who read tips, and the duty person's."""
    may = User.objects.with_perm("reports.read_tip", backend="django.contrib.auth.backends.ModelBackend")
    known = may.filter(is_active=True, is_staff=True).exclude(email="").values_list("email", flat=True)
    return sorted({*known, desk.profile().duty_email} - {""})


def _mail(to: str, subject: str, text: str) -> bool:
    """Mail it, so that an answer reaches nobody; return whether the mail server took it."""
    try:
        EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [to], reply_to=[NOBODY]).send()
    except (OSError, SMTPException):
        log.exception("a notice could not be mailed")
        return False
    return True


def last_sent() -> datetime | None:
    """Return when a notice last went out."""
    sent = URGENT.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    return timezone.localtime(sent) if sent else None
