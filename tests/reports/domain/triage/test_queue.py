"""What waits in the queue, in what order, and the one tip that stands for all that say the same."""

import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from reports.domain.retention import schedule
from reports.domain.triage import queue
from reports.models import Recusal, Status, Tip, new_reference, shown_to
from reports.models.tips import AT_END, UNREAD, UNSURE, URGENT, WAITING, WAITS

pytestmark = pytest.mark.engine

DAY, NEWEST, OLDEST = (
    date(2026, 11, 23),
    ("-rank", "-received", "-reference"),
    ("-rank", "received", "reference"),
)


def store(caseworker, number, *, alike=""):
    """Store opened tips of every sort."""
    made = [
        Tip(
            reference=new_reference(),
            lookup=uuid.uuid4().hex,
            received=DAY - timedelta(weeks=at % 7),
            status=Status.values[at % 9 % len(Status)],
            urgent=at % 5 == 0,
            acknowledged_at=timezone.now() if at % 10 == 0 else None,
            unread=at % 4 == 0,
            unsure=at % 13 == 0,
            answered=at % 8 == 0,
            new_answer=at % 16 == 0,
            at_end=at % 12 == 0,
            assignee=caseworker if at % 3 == 0 else None,
            decided=DAY if at % 11 == 0 else None,
            opened=True,
            alike=alike,
        )
        for at in range(number)
    ]
    Tip.objects.bulk_create(made)
    return list(Tip.objects.in_reading_order())


def test_urgent_tips_stand_above_unread_ones_and_what_is_set_at_end_below_all(
    caseworker,
):
    tips = store(caseworker, 100)
    ranks = [tip.rank for tip in tips]
    assert ranks == sorted(ranks, reverse=True)
    assert set(ranks) == {URGENT, UNSURE, UNREAD, 0, AT_END}
    for rank in set(ranks):
        days = [(tip.received, tip.reference) for tip in tips if tip.rank == rank]
        assert days == sorted(days, reverse=True)


def test_each_count_is_of_the_tips_that_wait_and_are_not_hidden_from_the_member(
    caseworker, team_lead
):
    hidden = store(caseworker, 100)[0]
    Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    more = {
        "going": schedule.is_due(by=DAY + timedelta(days=200)),
        "old": schedule.is_to_review(today=date(2027, 5, 5)),
    }
    for user in (caseworker, team_lead):
        tips, conditions = shown_to(user), queue.waiting(by=user) | more
        counts = queue.counts(tips, by=user, **more)
        every = {
            "all": tips.count(),
            "listed": tips.count(),
            "lines": tips.one_of_each(*NEWEST).count(),
        }
        assert counts == every | {
            name: tips.filter(condition).count() for name, condition in conditions.items()
        }
        assert counts["going"] > 0 < counts["old"]
    assert queue.counts(shown_to(caseworker), by=caseworker)["urgent"] == counts["urgent"] - 1
    assert (counts["mine"], counts["urgent"] > 0, counts["asked"] > 0) == (0, True, True)
    assert set(queue.counts(Tip.objects.none(), by=team_lead).values()) == {0}


def test_each_tip_that_waits_is_on_one_tab(caseworker):
    store(caseworker, 1_000)
    spam = Tip.objects.filter(status=Status.SPAM)
    spam.update(decided=DAY)
    tabs = Counter(
        key
        for tab in WAITING.values()
        for key in Tip.objects.filter(tab).values_list("pk", flat=True)
    )
    assert set(tabs.values()) == {1}
    assert set(tabs) == set(Tip.objects.filter(WAITS).values_list("pk", flat=True))
    open_tips = Tip.objects.exclude(pk__in=spam).filter(Q(unread=True) | Q(decided=None))
    assert set(open_tips.values_list("pk", flat=True)) < set(tabs), (
        "urgent ones that are decided too"
    )
    assert all(Tip.objects.filter(tab).exists() for tab in WAITING.values()), "the control"


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
def test_the_first_in_order_stands_for_all_that_say_the_same(caseworker, order):
    store(caseworker, 36, alike="a" * 32)
    store(caseworker, 36, alike="b" * 32)
    store(caseworker, 6)
    for tips in (
        Tip.objects.all(),
        Tip.objects.filter(assignee=caseworker),
        Tip.objects.filter(urgent=False),
    ):
        seen, expected = set(), []
        for tip in tips.order_by(*order):
            same = tip.alike if tip.unread and tip.decided is None else ""
            if not same or same not in seen:
                expected.append(tip)
            seen.add(same)
        assert list(tips.one_of_each(*order).order_by(*order)) == expected
        listed = queue.counts(tips, by=caseworker, listed=(unread := Q(unread=True)))
        lines = tips.filter(unread).one_of_each(*order).count()
        assert (listed["listed"], listed["lines"]) == (tips.filter(unread).count(), lines)
        assert len(expected) < tips.count(), "some stand for others, of those that are left"


def test_a_reference_is_recognised_as_people_type_it(db):
    for reference in ("K7QX-94MW", "QQQQ-2222", "QDQQ-2222"):
        Tip.objects.create(reference=reference, lookup=reference, received="2026-11-02")

    def references(typed):
        return sorted(Tip.objects.with_reference(typed).values_list("reference", flat=True))

    for typed in ("K7QX-94MW", "k7qx94mw", " K7OX – 94mw", "K70X-94MW"):
        assert references(typed) == ["K7QX-94MW"]
    assert references("o0qq-2222") == ["QDQQ-2222", "QQQQ-2222"]
    for typed in ("", "K7QX", "K7QX-94M", "K7QX-94MW2", "K7QX 94MX"):
        assert references(typed) == []
