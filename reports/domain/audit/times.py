"""Whether the times of events can be true: each is compared with the newest signed event before it.

Only what has a MAC is compared with: someone without a key could else put in one event of next year, and everything
after it would be too old. Ten minutes are allowed, as a clock is corrected by less. A team lead says, in a signed
event, that a clock was wrong.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.audit import audit_log, named_rows, proven_events
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.rights import RUN_DESK
from reports.models import AuditAct, AuditEvent

ALLOWED = timedelta(minutes=10)


class Doubt(NamedTuple):
    """Events in a row whose times cannot be true, by the numbers of the first and the last."""

    first: int
    last: int

    @property
    def sentence(self) -> str:
        """Return it in words."""
        if self.first == self.last:
            return f"Event {self.first} has a time that does not fit the events around it."
        return (
            f"Events {self.first} to {self.last} have times that do not fit the events around them."
        )


def doubts(*, proof: AuditKeys | None, up_to: int) -> list[Doubt]:
    """Return what cannot be true, without what a team lead has said was a wrong clock; `proof` is the key file's.

    Without `proof` every MAC is taken for right.
    """
    found = list[Doubt]()
    for seq in sorted(_doubted(proof=proof, up_to=up_to)):
        if found and found[-1].last == seq - 1:
            found[-1] = Doubt(found[-1].first, seq)
        else:
            found.append(Doubt(seq, seq))
    right = named_rows.tried(proof)
    said = (
        AuditEvent.objects.filter(act=AuditAct.CLOCK_WAS_WRONG, seq__lte=up_to)
        .exclude(mac="")
        .order_by()
    )
    excused = [_span(event) for event in said if right(event)]

    def is_excused(doubt: Doubt) -> bool:
        return any(first <= doubt.first and doubt.last <= last for first, last in excused)

    return [doubt for doubt in found if not is_excused(doubt)]


def say_clock_was_wrong(*, first: int, last: int, by: User, keys: named_rows.Signer | None) -> None:
    """Record, signed, that the clock was wrong at these events: their times are then no finding, and count."""
    if not by.has_perm(RUN_DESK):
        raise Refused("Only a team lead can do that.")
    end = AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    proof = named_rows.audit_keys_of(keys)
    if Doubt(first, last) not in doubts(proof=proof, up_to=end):
        raise Refused("The audit log has changed since then. Check it for tampering again.")
    audit_log.record(
        by=by, act=AuditAct.CLOCK_WAS_WRONG, rows=Named(keys=keys), first=first, last=last
    )


def is_made_older(event: AuditEvent) -> bool:
    """Return whether an event is older than the newest signed one before it, and no team lead has said why."""
    signed = AuditEvent.objects.filter(seq__lt=event.seq).exclude(mac="").order_by("-seq").first()
    if signed is None or event.at >= signed.at - ALLOWED:
        return False
    proven = [line.hash for line in proven_events.read() if line.act == AuditAct.CLOCK_WAS_WRONG]
    said = filter(proven_events.is_intact, AuditEvent.objects.filter(hash__in=proven))
    return not any(first <= event.seq <= last for first, last in map(_span, said))


def _doubted(*, proof: AuditKeys | None, up_to: int) -> Iterator[int]:
    """Yield the numbers of events that are older than the newest signed one before, or later than those around."""
    right = named_rows.tried(proof)
    before = None
    unsigned = list[tuple[int, datetime]]()  # since the newest signed one
    for event in AuditEvent.objects.filter(seq__lte=up_to).order_by("seq").iterator():
        if before and event.at < before - ALLOWED:
            yield event.seq
        if event.mac and right(event):
            yield from _later(unsigned, than=max(before or event.at, event.at))
            before = event.at
            unsigned = []
        else:
            unsigned.append((event.seq, event.at))
    yield from _later(unsigned, than=max(before or timezone.now(), timezone.now()))


def _later(unsigned: list[tuple[int, datetime]], *, than: datetime) -> list[int]:
    return [seq for seq, at in unsigned if at > than + ALLOWED]


def _span(event: AuditEvent) -> tuple[int, int]:
    """Return of which events a team lead has said that the clock was wrong; of none where the event says no numbers."""
    detail = event.detail if isinstance(event.detail, dict) else {}
    first = detail.get("first")
    last = detail.get("last")
    if isinstance(first, int) and isinstance(last, int):
        return (first, last)
    return (0, -1)
