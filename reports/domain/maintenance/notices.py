"""Content-free notices to the duty keyholder: while the alarm of an urgent tip is on, until a member takes the tip.

Once a day, to the team leads too, that a tip waits whose sender is not sure about danger.

Once a week, to the team leads, the log check code, which proves later that nobody has cut the log short, and to who
looks after the server how it is. To a colleague and to the team leads, that an account has changed.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPException, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db import DatabaseError
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from reports.domain import key_rotation, state_files
from reports.domain.audit import verification
from reports.domain.backup import backups
from reports.domain.health import examination, heartbeat, mail, releases
from reports.domain.health.faults import FAULTS, MAIL, PRIVATE, Fault
from reports.domain.intake import unwatched_line
from reports.domain.people import roles
from reports.domain.rights import READ_TIP, RUN_DESK
from reports.domain.triage import alarm
from reports.models import Notice, Tip

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
KEPT = timedelta(days=30)
MAINTENANCE = "streetlight-maintenance.service"
BACKUP = "streetlight-backup.service"
STANDS = timedelta(minutes=5)  # for which something must have been wrong before it is mailed
HOURS = (9, 15)  # at which members are told that something is unread
NOBODY = "nobody@nowhere.invalid"  # where an answer goes: a name that no network knows (RFC 2606)
# What Debian leaves for whoever looks: that it needs a restart, and when it last looked for security updates.
RESTART = Path("/run/reboot-required")
UPDATED = Path("/var/lib/apt/periodic/unattended-upgrades-stamp")
URGENT = Notice.objects.filter(kind=Notice.Kind.URGENT)

log = logging.getLogger(__name__)


def send_due(*, now: datetime) -> None:
    """Send the notice that is due while the alarm of an urgent tip is on.

    It is one notice however many tips there are; from an hour on the team leads get it as well as the duty keyholder.
    """
    Notice.objects.filter(due_at__lt=now - KEPT).delete()
    alarm.lapse(now=now)
    alarm.start(now=now)
    # One that was sent while the machine's clock was ahead silences none.
    sent = URGENT.exclude(sent_at=None).filter(due_at__lte=now)
    newest = sent.order_by("-due_at").values_list("due_at", flat=True).first()
    with heartbeat.changing() as beat:
        noted = heartbeat.instant(beat.mail.get("urgent", ""))
        if noted and noted < now - KEPT:
            del beat.mail["urgent"]
    due = alarm.ringing(
        now=now, after=max((at for at in (newest, noted) if at and at <= now), default=None)
    )
    if due is None:
        return
    due_at, team_leads_too = due
    to = {state_files.profile().duty_email}
    if team_leads_too:
        to |= set(_addresses(RUN_DESK))
    to.discard("")
    if not _send("Streetlight: urgent tip waiting", "emails/urgent.txt", to=to):
        return
    try:
        Notice.objects.update_or_create(
            kind=Notice.Kind.URGENT, due_at=due_at, defaults={"sent_at": now}
        )
    except (
        DatabaseError
    ):  # as on a full disk: noted in the heartbeat, it does not go out again each minute
        with heartbeat.changing() as beat:
            beat.mail["urgent"] = heartbeat.stamp(due_at)
        raise


def send_unsure(*, now: datetime) -> None:
    """Mail once a day, at nine, that a tip waits whose sender is not sure about danger.

    It goes to the duty keyholder and the team leads. At a fixed hour it does not show when the tip was opened.
    """
    nine = timezone.localtime(now).replace(hour=HOURS[0], minute=0, second=0, microsecond=0)
    if now < nine:
        return
    notice, is_new = Notice.objects.get_or_create(kind=Notice.Kind.UNSURE, due_at=nine)
    if not is_new or not Tip.objects.unsure_waiting().exists():
        return
    to = {state_files.profile().duty_email, *_addresses(RUN_DESK)} - {""}
    if _send("Streetlight: a tip that may be urgent is waiting", "emails/unsure.txt", to=to):
        Notice.objects.filter(pk=notice.pk).update(sent_at=now)
    else:
        notice.delete()


def send_weekly(*, now: datetime) -> None:
    """Mail the team leads the log check code once a week, and while a new desk key is due say so.

    Where none has an address it goes to the duty contact. It is noted before it is mailed: where the database takes no
    row, it does not go out each minute.
    """
    this_week = Notice.objects.filter(
        kind=Notice.Kind.WEEKLY, due_at__gt=now - WEEK, due_at__lte=now
    )
    mark = verification.mark()
    to = _addresses(RUN_DESK) or list(filter(None, [state_files.profile().duty_email]))
    if not mark or not to or this_week.exists():
        return
    subject = "Streetlight: log check code of this week"
    due = key_rotation.due(now=now)
    notice = Notice.objects.create(kind=Notice.Kind.WEEKLY, due_at=now, sent_at=now)
    if not _send(
        subject, "emails/weekly.txt", to=to, mark=mark, due=due, command=settings.MANAGE_COMMAND
    ):
        notice.delete()


def mail_week(*, now: datetime) -> None:
    """Mail who looks after the server on Monday at nine how it is, so that silence says something too.

    A machine that is not on then does it later in that week, and so does one whose mail works again. It is noted before
    it is mailed, as the log check code is.
    """
    path = settings.STATE_DIR / "told-week"
    week = f"{timezone.localdate(now):%G-W%V}"
    local = timezone.localtime(now)
    is_early = local.isoweekday() == 1 and local.hour < HOURS[0]
    is_told = path.exists() and path.read_text(encoding="ascii") == week
    to = mail.operators()
    is_mail_off = settings.DEMO or not to or MAIL.id in heartbeat.read().causes
    if is_early or is_told or is_mail_off:
        return
    newest = backups.verified().first()
    causes = [fault for fault in examination.standing(now=now) if fault.id not in PRIVATE]
    looked = releases.sentences()
    facts = {
        "causes": causes,
        "is_well": not causes
        and newest is not None
        and all(good is not False for good, *_ in looked),
        "verified": newest.verified_at if newest else None,
        "needs_restart": RESTART.exists(),
        "updated": updated if (updated := _updated_by_debian()) and now - updated > WEEK else None,
        "releases": looked,
        "command": settings.MANAGE_COMMAND,
    }
    state_files.write(path, week.encode())
    if not _send("Streetlight: how the server is this week", "emails/server.txt", to=to, **facts):
        path.unlink()


def _updated_by_debian() -> datetime | None:
    """Return when Debian last looked whether to install security updates; None where it never does."""
    try:
        return datetime.fromtimestamp(UPDATED.stat().st_mtime, UTC)
    except OSError:
        return None


def _send(subject: str, template: str, *, to: Iterable[str], **more: object) -> bool:
    """Mail it to these, with no number, no reference, no word of a tip; return whether one was taken, or nobody named.

    A mail server that does not answer costs no other job: the notice stays due, and the next minute tries again.
    """
    text = render_to_string(template, {"origin": settings.SITE_ORIGIN, **more})
    sent = [_mail(address, subject, text) for address in sorted(to)]
    return any(sent) or not sent


def mail_unread(*, now: datetime) -> None:
    """At each of HOURS, once, mail the members who read tips that some are unread.

    It says no number and no word, and an answer reaches nobody. A mail that fails is not tried again before the
    next of these hours.
    """
    hour = timezone.localtime(now)
    mark = settings.STATE_DIR / "told-unread"
    slot = f"{hour:%Y-%m-%dT%H}"
    if hour.hour not in HOURS or (mark.exists() and mark.read_text(encoding="ascii") == slot):
        return
    state_files.write(mark, slot.encode())
    if not Tip.objects.unread().exists():
        return
    becomes, days = unwatched_line.ahead(now=now) or ("", 0)
    text = render_to_string(
        "emails/unread.txt", {"origin": settings.SITE_ORIGIN, "becomes": becomes, "days": days}
    )
    readers = {*_addresses(READ_TIP), state_files.profile().duty_email} - {""}
    for to in sorted(readers):
        _mail(to, "Streetlight: unread tips waiting", text)


def mail_accounts(*, now: datetime) -> None:
    """Mail the owners of accounts that have changed, and the team leads.

    It says neither whose account nor what: the record does. What the mail server does not take is tried for a day, once
    an hour where it took something else, and its addresses are forgotten then.
    """
    made = Notice.objects.filter(kind=Notice.Kind.ACCOUNT)
    made.filter(due_at__lte=now - DAY).exclude(to=[]).update(to=[])
    new = made.filter(due_at__gt=now - DAY, sent_at=None)
    refused_before = made.filter(sent_at__lte=now - HOUR).exclude(to=[])
    due = [*new, *refused_before]
    team_leads = _addresses(RUN_DESK) if new else []
    # Raises where the database takes no row: then nothing goes out, or it would each minute.
    Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(sent_at=F("sent_at"))
    owners = set[str]()
    for notice in due:
        owners.update(notice.to)
    team_leads = [address for address in team_leads if address not in owners]  # one email says it
    facts = {"origin": settings.SITE_ORIGIN}
    subject = "Streetlight: an account has changed"
    for_owners = render_to_string("emails/account.txt", facts | {"own": True})
    for_team_leads = render_to_string("emails/account.txt", facts)
    taken = {to for to in sorted(owners) if _mail(to, subject, for_owners)}
    mailed = sum(_mail(to, subject, for_team_leads) for to in team_leads)
    has_nobody = not owners and not team_leads
    for notice in due:
        notice.to = [to for to in notice.to if to not in taken]
        if taken or mailed or has_nobody or notice.sent_at:
            notice.sent_at = now
    Notice.objects.bulk_update(due, ["to", "sent_at"])


def mail_faults(*, now: datetime) -> int:
    """Mail those who look after the machine what is wrong with the site; return how many causes were told.

    Each cause is told once a day, and not before it has stood for a few minutes; where mail does not work, or is
    another machine's business, nothing is tried.
    """
    beat = heartbeat.read()
    day = timezone.localdate(now).isoformat()
    due = []
    for key, since in beat.causes.items():
        is_told = beat.mailed.get(key) == day
        if key in FAULTS and not is_told and now - datetime.fromisoformat(since) >= STANDS:
            due.append(FAULTS[key])
    if (
        not due
        or MAIL.id in beat.causes
        or settings.SITE_ROLE == "public"
        or not mail_operators(causes=due)
    ):
        return 0
    with heartbeat.changing() as beat:
        of_today = {key: last for key, last in beat.mailed.items() if last == day}
        beat.mailed = of_today | {fault.id: day for fault in due}
    return len(due)


def mail_failure(*, unit: str, now: datetime) -> None:
    """Mail once a day that a unit of systemd failed.

    A run of maintenance that came to its end has told why by itself. It is noted before it is mailed: where that is
    possible nowhere, OSError keeps a mail from going out each minute.
    """
    if unit == BACKUP:
        with heartbeat.changing() as beat:
            beat.backup_failed = heartbeat.stamp(now)
    beat = heartbeat.read()
    day = timezone.localdate(now).isoformat()
    has_error = any(key.startswith("streetlight.E") for key in beat.causes)
    has_told = unit == MAINTENANCE and has_error and not heartbeat.is_late(now=now)
    if has_told or beat.mailed.get(unit) == day:
        return
    with heartbeat.changing() as beat:
        beat.mailed[unit] = day
    if not mail_operators(unit=unit):
        with heartbeat.changing() as beat:
            beat.mailed.pop(unit, None)


def mail_operators(*, causes: Iterable[Fault] = (), unit: str = "") -> bool:
    """Mail causes, a unit that failed, or else a trial to who looks after the machine; return whether it was taken."""
    facts = {
        "origin": settings.SITE_ORIGIN,
        "manage": settings.MANAGE_COMMAND,
        "causes": causes,
        "unit": unit,
    }
    text = render_to_string("emails/ill.txt", facts)
    subject = "Streetlight: test email"
    if causes or unit:
        subject = "Streetlight: the site needs attention"
    sent = [_mail(address, subject, text) for address in mail.operators()]
    return bool(sent) and all(sent)


def _addresses(right: str) -> list[str]:
    """Return the addresses of the members with this right who have one."""
    may = roles.with_right(right).filter(is_staff=True)
    return list(may.exclude(email="").values_list("email", flat=True))


def _mail(to: str, subject: str, text: str) -> bool:
    """Mail it, so that an answer reaches nobody; return whether the mail server took it, which the heartbeat keeps.

    A server that is not there, or says no, has no email from us: the next minute tries again. One that falls silent
    once it has the text may deliver it all the same, so nothing is tried again before `mail.AGAIN` has passed.
    """
    now = timezone.now()
    if mail.is_unsure(now=now):
        return False
    backend = mailers["default"]
    is_handed_over = False
    try:
        backend.open()
        is_handed_over = True
        backend.send_messages(
            [EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [to], reply_to=[NOBODY])]
        )
    except (OSError, SMTPException) as error:
        log.exception("an email could not be sent")
        is_silent = isinstance(error, TimeoutError | SMTPServerDisconnected)
        mail.note(error=error, now=now, is_unsure=is_handed_over and is_silent)
        return False
    finally:
        backend.close()
    mail.note(error=None, now=now)
    return True
