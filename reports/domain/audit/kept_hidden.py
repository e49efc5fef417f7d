"""Whether signed events bear out what the program hides by itself, as a related tip is deleted.

It does that while nobody unlocked the desk, so without a MAC. It is true if the member was recused from a tip, if that
tip was related to this one, and if that tip was deleted then: the first two have signed events.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import Q

from reports.models import AuditAct, AuditEvent

ACTS = (AuditAct.RECUSED, AuditAct.RECUSAL_LIFTED, AuditAct.KEPT_HIDDEN, AuditAct.PURGED)


def borne_out(subjects: Iterable[str], *, right: Callable[[AuditEvent], bool]) -> set[int]:
    """Return the numbers of those events of KEPT_HIDDEN of these tips, and of their related ones, that are true.

    `right` tells whether an event's MAC is right.
    """
    events, related = _together(set(subjects), right=right)
    deleted = {event.subject: event.seq for event in events if event.act == AuditAct.PURGED}
    hidden = set[tuple[str, str]]()  # which tip from whom
    true = set[int]()  # the numbers
    for event in events:
        if event.act == AuditAct.RECUSED and right(event):
            hidden.add((event.subject, event.actor))
            continue
        member = ""
        if isinstance(event.detail, dict):
            member = str(event.detail.get("to", ""))
        if event.act == AuditAct.RECUSAL_LIFTED:
            hidden.discard((event.subject, member))
        if event.act == AuditAct.KEPT_HIDDEN:
            gone = [other for other in related[event.subject] if deleted.get(other, 0) > event.seq]
            if any((other, member) in hidden for other in gone):
                hidden.add((event.subject, member))
                true.add(event.seq)
    return true


def _together(
    subjects: set[str], *, right: Callable[[AuditEvent], bool]
) -> tuple[list[AuditEvent], dict[str, set[str]]]:
    """Return the events of these tips and of all that signed events relate to them, and which those are of each."""
    events = list[AuditEvent]()
    related = defaultdict[str, set[str]](set)
    known = set[str]()
    new = subjects
    while new:
        known |= new
        counts = Q(act__in=ACTS) | ~Q(mac="")
        for event in AuditEvent.objects.filter(counts, subject__in=new):
            if event.act in ACTS and (event.act != AuditAct.RECUSED or event.mac):
                events.append(event)
            if event.mac and isinstance(event.rows, dict) and right(event):
                related[event.subject] |= {
                    row.split(" ")[2] for row in event.rows if _is_relation(row)
                }
        reached = set[str]()
        for subject in new:
            reached |= related[subject]
        new = reached - known
    return sorted(events, key=lambda event: event.seq), related


def _is_relation(row: str) -> bool:
    """Return whether an event names a relation to another tip by this."""
    return row.startswith("relation ") and row.count(" ") == 2
