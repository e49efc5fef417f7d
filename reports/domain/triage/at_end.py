"""Tips that say the same, and tips that are moved to the end of the queue: below all others, until someone reads them.

To moved to the end of the queue is no decision and no spam: nothing is deleted, an urgent one rings on (`alarm`), and
what its sender adds brings it back. Tips that seem to be a program's come so; others a member sets aside, all that say
the same at once.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count

from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening, recusal
from reports.models import AuditAct, Tip, TipQuerySet
from reports.models.tips import AT_END

MOST = 1_000  # tips that one press moves to the end of the queue or back up


def counts(*, tips: Iterable[Tip], by: User) -> dict[UUID, int]:
    """Return how many unread tips say the same as each of these, itself included, by its key; 0 for one by itself.

    Those that are moved to the end of the queue are counted apart from those that are not.
    """
    alike = {tip.pk: (tip.alike, tip.rank == AT_END) for tip in tips if tip.alike and tip.unread}
    if not alike:
        return {}
    same = Tip.objects.saying_the_same(*(text for text, _at_end in alike.values())).visible_to(by)
    numbers: dict[tuple[str, bool], int] = defaultdict(int)
    for text, rank, number in same.order_by().values_list("alike", "rank").annotate(Count("pk")):
        numbers[text, rank == AT_END] += number
    return {pk: numbers[key] for pk, key in alike.items() if numbers[key] > 1}


def alike(reference: str, *, by: User) -> str:
    """Return the hash of a tip's whole text, by its reference; empty for one that is read or hidden, and for none."""
    visible = Tip.objects.visible_to(by).filter(reference=reference)
    return visible.values_list("alike", flat=True).first() or ""


def copies(*, tip: Tip, by: User, keys: Keys) -> TipQuerySet:
    """Return the other unread tips that say the same as this one, which may have been read, as they should be read."""
    same = Tip.objects.saying_the_same(opening.alike(tip=tip, keys=keys)).visible_to(by)
    return same.exclude(pk=tip.pk).in_reading_order()


def move_to_end(*, tip: Tip, by: User, press: str = "") -> int:
    """Move a tip to the end with all that say the same, MOST at once; return how many. Needs no unlocked desk.

    Raises Refused where no other says the same (any more): a tip by itself is read and decided.
    """
    recusal.require_free(tip=tip, by=by)
    same = Tip.objects.saying_the_same(tip.alike).visible_to(by)
    chosen = same.filter(at_end=False, unsure=False) if len(same[:2]) > 1 else same.none()
    return _change(chosen, at_end=True, by=by, press=press)


def move_back_up(*, tip: Tip, by: User, press: str = "") -> int:
    """Move a tip back up from the end, with all that say the same, MOST at once; return how many."""
    recusal.require_free(tip=tip, by=by)
    own = Tip.objects.filter(pk=tip.pk)
    same = Tip.objects.saying_the_same(tip.alike)
    return _change((own | same).filter(at_end=True, unread=True), at_end=False, by=by, press=press)


def _change(tips: TipQuerySet, *, at_end: bool, by: User, press: str) -> int:
    """Write it, with an event for each, and return of how many; raises Refused for none."""
    act = AuditAct.MOVED_BACK_UP
    refusal = "This tip is not at the end of the queue, or someone has read it since."
    if at_end:
        act = AuditAct.MOVED_TO_END
        refusal = "No other unread tip says the same. Open this one, read it and decide."
    with transaction.atomic():
        rows = list(tips.visible_to(by).select_for_update().order_by("pk")[:MOST])
        if not rows:
            raise Refused(refusal)
        Tip.objects.filter(pk__in=[row.pk for row in rows]).update(at_end=at_end)
        subjects = [row.reference for row in rows]
        details = dict.fromkeys(subjects, {"press": press} if press else {})
        audit_log.record_each(by=by, act=act, subjects=subjects, details=details)
    return len(rows)
