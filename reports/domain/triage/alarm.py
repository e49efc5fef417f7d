"""The alarm of an urgent tip: it rings until a member takes the tip, and again where they have not decided it.

It begins at the quarter hour after the tip came, so that its times do not tell when that was. It rings at each quarter
hour for the first hour, then each hour up to the fourth, then every four hours: quieter, and never silent. One that
was taken and waits for its sender's answer rings once a day: nobody can do more, and it must not be forgotten. A row
that someone has locked holds up no other's alarm; where its own could not begin, it rings at each quarter hour.

Urgent tips that are moved to the end of the queue, as a program seems to have sent them or a member chose so, share one
alarm: however many come, it rings on the hour at most, and every four hours once the newest of them is older than that.
It never falls silent while one of them is unread and nobody has taken it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.figures import counting
from reports.domain.intake.arrivals import QUARTER, next_quarter
from reports.models import AuditAct, Entry, Message, Status, Tip
from reports.models.tips import REPEATS, UNDECIDED, TipQuerySet

HOUR = timedelta(hours=1)
TEAM_LEADS_AFTER = HOUR  # from then on the team leads hear it too
SLOW_AFTER = 4 * HOUR
TAKEN_FOR = timedelta(hours=2)  # how long taking a tip silences it while it is not decided
DAY = timedelta(days=1)  # how long while its sender was asked and has not answered

# Asked by whoever has it, or had it last: a question does not quieten what nobody ever took.
_QUESTION = Message.objects.filter(tip=OuterRef("pk"), asks=True, taken_back=None).order_by()
_ASKED = Q(Exists(_QUESTION), status=Status.NEEDS_MORE, answered=False, stopped=None) & ~Q(
    acknowledged_by=""
)

# Who closes an urgent tip has taken it, and an answer keeps a tip from being spam: in a closed one both have come since
CAME_SINCE = Q(urgent=True, acknowledged_at=None) | Q(
    status=Status.SPAM, unread=True, answered=True
)


def last_ring(*, since: datetime, now: datetime, slow: bool = False) -> datetime | None:
    """Return when an alarm that began at `since` last had to ring; None before it begins. A `slow` one: once a day."""
    passed = now - since
    if passed < timedelta():
        return None
    if slow:
        step = DAY
    elif passed < TEAM_LEADS_AFTER:
        step = QUARTER
    elif passed < SLOW_AFTER:
        step = HOUR
    else:
        step = SLOW_AFTER
    return since + passed // step * step


def start(*, now: datetime) -> None:
    """Set when the alarms of urgent tips start that nobody has taken."""
    reopen(tips=Tip.objects.all())
    Tip.objects.filter(repeated_at__lte=now - REPEATS).update(repeated_at=None)
    with transaction.atomic():
        urgent = Tip.objects.urgent_waiting() | Tip.objects.urgent_at_end()
        silent = urgent.filter(Q(alarm_at=None) | Q(alarm_at__gt=next_quarter(now))).order_by("pk")
        free = list(silent.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Tip.objects.filter(pk__in=free).update(alarm_at=next_quarter(now))


def lapse(*, now: datetime) -> None:
    """Let tips ring again that a member took TAKEN_FOR ago and has not decided.

    While their sender was asked and has not answered it is a DAY. Who took them stays on the row, so that the desk's
    pages can say it. One that somebody will have taken later than now was taken outside Streetlight, or by a clock that
    was wrong.
    """
    with transaction.atomic():
        late = Q(acknowledged_at__lte=now - DAY) | ~_ASKED
        taken = Tip.objects.taken()
        overdue = taken.filter(late, acknowledged_at__lte=now - TAKEN_FOR) | taken.filter(
            acknowledged_at__gt=now
        )
        for tip in overdue.select_for_update(skip_locked=True).order_by("pk"):
            Tip.objects.filter(pk=tip.pk).update(acknowledged_at=None, alarm_at=None)
            audit_log.record(
                by=None, act=AuditAct.RANG_AGAIN, subject=tip.reference, who=tip.acknowledged_by
            )


def ringing(*, now: datetime, after: datetime | None) -> tuple[datetime, bool] | None:
    """Return the newest instant later than `after` at which an alarm had to ring, and whether the team leads hear it.

    None where all that had to ring has done so.
    """
    on = Tip.objects.urgent_waiting().order_by()
    slow = ExpressionWrapper(_ASKED, output_field=BooleanField())
    begun = [*on.annotate(slow=slow).values_list("alarm_at", "slow").distinct(), *_asked_for()]
    quarter = next_quarter(now) - QUARTER  # since when one rings that is locked
    rings = []
    for since, is_slow in begun:
        began = since or quarter
        last = last_ring(since=began, now=now, slow=is_slow)
        if last:
            rings.append((last, last - began >= TEAM_LEADS_AFTER))
    due = [
        (at, team_leads)
        for at, team_leads in [*rings, *_shared(now=now)]
        if after is None or at > after
    ]
    if due:
        return (max(at for at, _team_leads in due), any(team_leads for _at, team_leads in due))
    return None


def _shared(*, now: datetime) -> list[tuple[datetime, bool]]:
    """Return the last full hour at which urgent tips at the end of the queue were due a reminder, if any was.

    The team leads hear it every four hours, where one of the tips has waited for that long.
    """
    begun = list(
        Tip.objects.urgent_at_end().order_by().values_list("alarm_at", flat=True).distinct()
    )
    hour = now.replace(minute=0, second=0, microsecond=0)
    slow = hour - hour.hour % (SLOW_AFTER // HOUR) * HOUR
    rings = []
    for since in (since or next_quarter(now) - QUARTER for since in begun):
        at = hour if hour - since < SLOW_AFTER else slow
        if at >= since:
            rings.append((at, at == slow and at - since >= SLOW_AFTER))
    return rings


def _asked_for() -> list[tuple[datetime | None, bool]]:
    """Return since when follow-ups ring that say from outside that they are urgent, until someone opens them.

    One that repeats danger of a tip that someone has goes on until the tip is read.
    """
    calling = Entry.objects.filter(broken=False, alarm_at__isnull=False).order_by()
    return [(since, False) for since in calling.values_list("alarm_at", flat=True).distinct()]


def reopen(*, tips: TipQuerySet) -> None:
    """Move those of these tips back to being read that are closed, and whose sender has sent danger or an answer since.

    An answer does that to spam alone.
    """
    with transaction.atomic():
        woken = tips.filter(CAME_SINCE, status__in=set(Status) - set(UNDECIDED))
        for tip in woken.select_for_update(skip_locked=True).order_by("pk"):
            before = tip.status
            after = Status.READING
            tip.status = after
            Tip.objects.filter(pk=tip.pk).update(status=after, decided=None)
            counting.moved(tip=tip, before=before, after=after, today=timezone.localdate())
            audit_log.record(
                by=None, act=AuditAct.MOVED, subject=tip.reference, before=before, after=after
            )
