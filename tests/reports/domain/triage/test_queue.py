"""The queue's pages: whole, in order, without a gap, whatever they are narrowed to; and never a look without an end."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from reports.domain.triage import queue
from reports.domain.triage.queue import Narrowing, Place
from reports.models import Recusal, Status, Tip, new_reference

pytestmark = pytest.mark.engine

AREAS, KINDS = ("olney", "bradwell", "monkston"), ("home", "street")


@pytest.fixture
def tips(officer):
    """Store 300 opened tips of every sort."""
    day = date(2026, 11, 23)
    made = [
        Tip(
            reference=new_reference(),
            lookup=uuid.uuid4().hex,
            received=day - timedelta(weeks=number % 7),
            status=Status.values[number % 9],
            urgent=number % 5 == 0,
            acknowledged_at=timezone.now() if number % 10 == 0 else None,
            unread=number % 4 == 0,
            assignee=officer if number % 3 == 0 else None,
            decided=day if number % 11 == 0 else None,
            opened=True,
            area=AREAS[number % 3],
            category=KINDS[number % 2],
            appeal="van" if number % 6 == 0 else "",
        )
        for number in range(300)
    ]
    Tip.objects.bulk_create(made)
    return Tip.objects.in_reading_order()


@pytest.fixture
def walk(officer):
    """Return a function that goes through every page from first to last and back again, and returns what they hold."""

    def there_and_back(narrowed, *, oldest=False):
        narrow = {"by": officer, "narrowed": narrowed, "oldest": oldest}
        pages = [queue.page(**narrow)]
        while pages[-1].later:
            pages.append(queue.page(**narrow, after=pages[-1].later))
        back = [pages[-1]]
        while back[0].earlier:
            back.insert(0, queue.page(**narrow, before=back[0].earlier))
        held, held_back = ([tip for page in some for tip in page.tips] for some in (pages, back))
        assert held_back == held
        return held, pages

    return there_and_back


NARROWED = [
    (Narrowing(), {}),
    (Narrowing(facts={"area": "olney"}), {"area": "olney"}),
    (Narrowing(facts={"status": "reading", "category": "street"}), {"status": "reading", "category": "street"}),
    (
        Narrowing(facts={"appeal": "van", "area": "olney"}, urgent=True),
        {"appeal": "van", "area": "olney", "urgent": True},
    ),
    (Narrowing(waiting="mine"), {"assignee__username": "olu", "decided": None}),
    (Narrowing(waiting="nobody", facts={"area": "bradwell"}), {"assignee": None, "decided": None, "area": "bradwell"}),
    (Narrowing(waiting="urgent", facts={"category": "home"}), {"rank": 2, "category": "home"}),
    (Narrowing(facts={"area": ""}), {}),
]


def reading_order(tips, *, oldest):
    """Return these tips as a page should have them: by rank, then the newest or the oldest first."""
    newest = sorted(tips, key=lambda tip: (tip.received, tip.reference), reverse=not oldest)
    return sorted(newest, key=lambda tip: -tip.rank)


@pytest.mark.parametrize("oldest", [False, True])
@pytest.mark.parametrize(("narrowed", "asked"), NARROWED)
def test_pages_hold_every_tip_once_in_order_and_say_where_they_stand(tips, officer, walk, narrowed, *, asked, oldest):
    expected = reading_order(tips.filter(**asked), oldest=oldest)
    held, pages = walk(narrowed, oldest=oldest)
    assert held == expected
    assert {len(page.tips) for page in pages[:-1]} <= {queue.PAGE}
    assert not any(page.looked for page in pages)
    assert queue.counted(by=officer, narrowed=narrowed) == (len(expected), False)
    before = 0
    for page in (page for page in pages if page.tips):
        first = Place.of(page.tips[0])
        assert queue.counted_before(by=officer, narrowed=narrowed, first=first, oldest=oldest) == (before, False)
        before += len(page.tips)


def test_unread_is_what_the_first_screen_counts_as_unread(tips, walk):
    assert walk(Narrowing(waiting="unread"))[0] == list(tips.unread())
    oldest = [tip for tip in reading_order(tips.filter(rank__gte=1), oldest=True) if tip.unread]
    assert walk(Narrowing(waiting="unread"), oldest=True)[0] == oldest


@pytest.mark.parametrize("oldest", [False, True])
def test_rare_combination_looks_at_a_bounded_number_and_can_look_further(tips, walk, monkeypatch, oldest):
    monkeypatch.setattr(queue, "LOOK", 5)
    facts = {"area": "olney", "status": "spam", "category": "home"}
    held, pages = walk(Narrowing(facts=facts), oldest=oldest)
    assert held == reading_order(tips.filter(**facts), oldest=oldest)
    assert any(page.looked for page in pages)


@pytest.mark.parametrize("oldest", [False, True])
def test_one_week_is_read_whole_by_rank(tips, walk, monkeypatch, oldest):
    monkeypatch.setattr(queue, "PAGE", 7)
    week = date(2026, 11, 9)
    held, _pages = walk(Narrowing(week=week, facts={"status": "reading"}), oldest=oldest)
    assert held == reading_order(tips.filter(received=week, status="reading"), oldest=oldest)


def test_what_a_member_has_is_narrowed_further(tips, officer, walk):
    theirs = tips.filter(assignee=officer, decided=None)
    assert walk(Narrowing(member=officer.pk))[0] == list(theirs)
    assert walk(Narrowing(member=officer.pk, facts={"category": "home"}))[0] == list(theirs.filter(category="home"))


def test_what_is_hidden_from_a_member_is_left_out_and_a_count_stops_at_its_bound(tips, officer, lead, monkeypatch):
    first, narrowed = tips[0], Narrowing(facts={"area": "olney", "category": "home"})
    Recusal.objects.create(tip=first, user=officer, key_index=1, sealed=b"")
    assert first not in queue.page(by=officer, narrowed=Narrowing()).tips
    assert queue.page(by=lead, narrowed=Narrowing()).tips[0] == first
    assert queue.counted(by=officer, narrowed=Narrowing()) == (299, False)
    exact = queue.counted(by=officer, narrowed=narrowed).number
    monkeypatch.setattr(queue, "COUNTED", 40)
    assert queue.counted(by=officer, narrowed=Narrowing()) == (40, True)
    found = queue.counted(by=officer, narrowed=narrowed)
    assert (found.more, found.number < exact) == (True, True)


def test_place_is_written_and_read_back_and_other_text_is_none():
    place = Place(1, date(2026, 11, 23), "K7QX-94MW")
    assert str(place) == "1.2026-11-23.K7QX-94MW"
    assert Place.parse(str(place)) == place
    wrong = "", "1", "1.2026-11-23", "x.2026-11-23.K7QX-94MW", "1.never.K7QX-94MW", "1.2026-13-23.K7QX-94MW"
    assert {Place.parse(text) for text in wrong} == {None}


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Collect each query that runs meanwhile, and its values."""
    queries: list[tuple[str, Any]] = []

    def collect(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        yield queries


def plans(queries: list[tuple[str, Any]]) -> Iterator[str]:
    """Yield how the engine goes about each of these queries, with its values bound as Django binds them."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    for sql, params in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {sql}", params)
            yield "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("oldest", [False, True])
@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        (Narrowing(), "tip_by_rank"),
        (Narrowing(waiting="unread", facts={"area": "olney"}), "tip_unread"),
        (Narrowing(waiting="answers"), "tip_answered"),
        (Narrowing(waiting="mine", facts={"area": "olney", "status": "reading"}), "tip_undecided"),
        (Narrowing(waiting="nobody"), "tip_undecided"),
        (Narrowing(facts={"status": "spam"}, urgent=True), "tip_by_status"),
        (Narrowing(facts={"status": "spam", "category": "home"}), "tip_by_category"),
        (Narrowing(facts={"status": "spam", "category": "home", "area": "olney"}), "tip_by_area"),
        (Narrowing(facts={"area": "olney", "appeal": "van"}), "tip_by_appeal"),
    ],
)
def test_every_page_is_read_from_an_index_in_order_and_nothing_is_sorted(officer, in_order, narrowed, index, oldest):
    place = Place(1, date(2026, 11, 23), "K7QX-94MW")
    for where in ({}, {"after": place}, {"before": place}):
        with asked() as queries:
            queue.page(by=officer, narrowed=narrowed, oldest=oldest, **where)
        assert queries
        for plan in plans(queries):
            assert re.search(rf"reports_tip USING (COVERING )?INDEX {index}\b|using {index} on reports_tip ", plan)
            assert not re.search(SORTED, plan)
            assert oldest or not where or re.search(BEYOND, plan)


SORTED = "TEMP B-TREE|Sort Key"
# A place is sought, not walked to. SQLite begins at the lowest rank where that is nearer.
BEYOND = r"rank,received,reference\)[<>]|rank[=>]|Index Cond: .*ROW\(rank, received, "


@pytest.fixture
def in_order(tips):
    """Let SQLite have tips of every sort; PostgreSQL chooses by its statistics, which a test has not."""
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL chooses by its statistics")
