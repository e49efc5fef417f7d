"""Looking through the whole record, in steps of bounded length, for anything changed, removed, put in or cut off."""

import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Max
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.audit import triggers
from reports.domain.errors import Refused
from reports.models import AuditAct, AuditEvent, Checkpoint

STEP = 1_000  # events (about 30 ms)
TOLD = 50  # findings that are told one by one
MOMENT, MOMENTS = 0.05, 10  # seconds, and how many of them a writer gets to write the head
MARK = 20  # hexadecimal digits of a mark
VOUCHED = (AuditAct.UNLOCKED, AuditAct.LOCKED)  # acts that write a checkpoint


@dataclass(frozen=True)
class Look:
    """How far a look through the record has come. It fits into a session: numbers and sentences only."""

    end: int  # the last event when the look began
    at: int = -1  # the last event that was looked at
    previous: str = audit.GENESIS
    checkpoints: int = 0  # checkpoints met so far
    found: tuple[str, ...] = ()
    more: int = 0  # findings beyond TOLD
    keyed: bool = True  # whether the checkpoints' MACs could be tried
    done: bool = False

    @property
    def whole(self) -> bool:
        """Return whether nothing was found."""
        return self.done and not self.found

    def told(self, findings: Sequence[str]) -> "Look":
        """Return the look with these findings added."""
        room = TOLD - len(self.found)
        return replace(self, found=(*self.found, *findings[:room]), more=self.more + len(findings[room:]))


def begin() -> Look:
    """Return a look that has not begun, up to the event that is now the last."""
    return Look(end=AuditEvent.objects.aggregate(end=Max("seq"))["end"] or 0)


def step(look: Look, *, proof: audit.Vouchers | None, limit: int = STEP) -> Look:
    """Look at the next events and return how far that came; `proof`, out of the ring, proves the checkpoints."""
    look = replace(look, keyed=look.keyed and proof is not None)
    events = list(AuditEvent.objects.filter(seq__gt=look.at, seq__lte=look.end).order_by("seq")[:limit])
    last = events[-1].seq if len(events) == limit else look.end
    vouched = list(Checkpoint.objects.filter(seq__gt=look.at, seq__lte=last).order_by("seq"))
    found = _links(events, look) + _seals(vouched, events, look, proof)
    moved = replace(
        look,
        at=last,
        previous=events[-1].hash if events else look.previous,
        checkpoints=look.checkpoints + len(vouched),
    )
    if last < look.end:
        return moved.told(found)
    return replace(moved.told(found + _end() + _ring_knows(proof)), done=True)


def all_at_once(*, proof: audit.Vouchers | None = None) -> Look:
    """Return the end of a whole look."""
    look = begin()
    while not look.done:
        look = step(look, proof=proof)
    return look


def mark() -> str:
    """Return the record's mark of this moment, to be kept outside the machine: the first 80 bits of its newest hash.

    It says neither how many events there are nor what they are. Empty while there is none.
    """
    last = AuditEvent.objects.order_by("-seq").values_list("hash", flat=True).first() or ""
    return " ".join(last[at : at + 5] for at in range(0, MARK, 5)) if last else ""


def knows(text: str) -> bool:
    """Return whether the record still holds the event of a mark that was noted; raises Refused for what is no mark."""
    typed = "".join(text.lower().split())
    if not re.fullmatch(f"[0-9a-f]{{{MARK}}}", typed):
        raise Refused(_("A mark is four groups of five: digits, and letters from a to f. Check it with your note."))
    return AuditEvent.objects.filter(hash__startswith=typed).exists()


def _links(events: Sequence[AuditEvent], look: Look) -> list[str]:
    """Return what is wrong with the events themselves, and with the chain between them."""
    found, previous, expected = [], look.previous, max(look.at + 1, 1)
    for event in events:
        if event.seq > expected:
            found.append(_missing(expected, event.seq - 1))
        elif event.seq < expected:
            found.append(_("Event %(seq)s was put in before the first.") % {"seq": event.seq})
        if event.hash != audit.digest(event):
            found.append(_("Event %(seq)s was changed.") % {"seq": event.seq})
        elif event.seq == expected and event.previous != previous:
            said = _("Event %(seq)s does not follow the one before it: one of the two was replaced.")
            found.append(said % {"seq": event.seq})
        previous, expected = event.hash, event.seq + 1
    return found


def _missing(first: int, last: int) -> str:
    if first == last:
        return _("Event %(seq)s is missing.") % {"seq": first}
    return _("Events %(first)s to %(last)s are missing.") % {"first": first, "last": last}


def _seals(
    vouched: Sequence[Checkpoint], events: Sequence[AuditEvent], look: Look, proof: audit.Vouchers | None
) -> list[str]:
    """Return what is wrong with the checkpoints of these events."""
    hashes = {event.seq: event.hash for event in events}
    found = []
    for count, one in enumerate(vouched, start=look.checkpoints + 1):
        if one.number != count:
            said = _("The checkpoint at event %(seq)s is number %(number)s and should be number %(count)s.")
            found.append(said % {"seq": one.seq, "number": one.number, "count": count})
        if hashes.get(one.seq) != one.hash:
            found.append(_("Event %(seq)s is not the one that its checkpoint vouches for.") % {"seq": one.seq})
        if proof is not None and not _is_ours(one, proof):
            said = _("The checkpoint at event %(seq)s was not written by a keyholder of this desk.")
            found.append(said % {"seq": one.seq})
    have = {one.seq for one in vouched}
    first = Checkpoint.objects.order_by("number").values_list("seq", flat=True).first() or 0
    return found + [
        _("The checkpoint at event %(seq)s was removed.") % {"seq": event.seq}
        for event in events
        if event.act in VOUCHED and event.seq >= first and event.seq not in have
    ]


def _is_ours(one: Checkpoint, proof: audit.Vouchers) -> bool:
    """Return whether the audit key of that time made the checkpoint's MAC; one of before or after does not count."""
    expected = audit.mac(one, key=proof.key_for(one.number))
    return hmac.compare_digest(one.mac.encode(), expected.encode())


def _ring_knows(proof: audit.Vouchers | None) -> list[str]:
    """Return whether the newest event of the time when the ring was last written has gone or is another."""
    if proof is None or proof.stood_at is None:
        return []
    seq, name = proof.stood_at
    if AuditEvent.objects.filter(seq=seq, hash=name).exists():
        return []
    said = _("Event %(seq)s is not the one that the ring knows: the record was cut off before it, or written anew.")
    return [said % {"seq": seq}]


def _end() -> list[str]:
    """Return what is wrong with the record's end, and with what refuses changes to it."""
    said = _("The database no longer refuses changes to the record (%(name)s).")
    found = [said % {"name": name} for name in triggers.missing()]
    last = AuditEvent.objects.aggregate(end=Max("seq"))["end"] or 0
    found += [
        _("A checkpoint vouches for event %(seq)s, which is missing.") % {"seq": one.seq}
        for one in Checkpoint.objects.filter(seq__gt=last).order_by("seq")[:TOLD]
    ]
    return found + _outside(last)


def _outside(last: int) -> list[str]:
    """Return how the record differs from its head, which is kept outside the database."""
    head, path = _settled_head(last), audit.head_path()
    if head is None:
        lost = _("%(path)s is missing or damaged, so events that were cut off at the end would not be noticed.")
        return [lost % {"path": path}] if last else []
    if head.seq > last:
        return [_missing(last + 1, head.seq) + " " + _("%(path)s knows of them.") % {"path": path}]
    found = []
    if head.seq < last:
        said = _("Event %(seq)s was put in by something else, or the machine stopped in that moment: %(path)s")
        found.append(said % {"seq": last, "path": path})
    if head.seq and not AuditEvent.objects.filter(seq=head.seq, hash=head.hash).exists():
        found.append(_("Event %(seq)s is not the one that %(path)s knows.") % {"seq": head.seq, "path": path})
    if head.checkpoints != Checkpoint.objects.count():
        said = _("%(path)s knows of %(count)s checkpoints, and there are not as many.")
        found.append(said % {"path": path, "count": head.checkpoints})
    return found


def _settled_head(last: int) -> audit.Head | None:
    """Return the head, once a writer that has just committed has had a moment to write it."""
    for _moment in range(MOMENTS):
        head = audit.head()
        if not last or (head and head.seq >= last):
            break
        time.sleep(MOMENT)
    return head
