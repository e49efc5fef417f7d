"""The queue's pages: whole, in order, without a gap, whatever they are narrowed to; and never a look without an end."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from reports.domain.triage import queue
from reports.domain.triage.queue import Narrowing, Place
from reports.models import Recusal, Status, Tip, new_reference
from tests.reports.domain.triage.plans import asked, plans

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


def walk(narrowed, by, *, looks=False):
    """Return every page from first to last."""
    pages, after = [], None
    while not pages or after:
        pages.append(queue.page(by=by, narrowed=narrowed, after=after))
        assert pages[-1].looked in ((True, False) if looks else (False,))
        after = pages[-1].later
    return pages


def all_of(pages):
    return [tip for page in pages for tip in page.tips]


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


@pytest.mark.parametrize(("narrowed", "asked"), NARROWED)
def test_pages_hold_every_tip_once_in_reading_order(tips, officer, narrowed, asked):
    pages = walk(narrowed, officer)
    assert all_of(pages) == list(tips.filter(**asked))
    assert {len(page.tips) for page in pages[:-1]} <= {queue.PAGE}


def test_unread_is_what_the_first_screen_counts_as_unread(tips, officer):
    assert all_of(walk(Narrowing(waiting="unread"), officer)) == list(tips.unread())


@pytest.mark.parametrize(("narrowed", "asked"), NARROWED)
def test_the_way_back_is_the_way_there(tips, officer, narrowed, asked):
    pages = walk(narrowed, officer)
    before, found = pages[-1].earlier, []
    while before:
        page = queue.page(by=officer, narrowed=narrowed, before=before)
        found = page.tips + found
        before = page.earlier
    assert found == all_of(pages[:-1])


@pytest.mark.parametrize("look", [5, 40, 100])
def test_rare_combination_looks_at_a_bounded_number_and_can_look_further(tips, officer, monkeypatch, look):
    monkeypatch.setattr(queue, "LOOK", look)
    narrowed = Narrowing(facts={"area": "olney", "status": "spam", "category": "home"})
    pages = walk(narrowed, officer, looks=True)
    assert all_of(pages) == list(tips.filter(area="olney", status="spam", category="home"))
    assert any(page.looked for page in pages) == (look < 100)
    last = pages[-1].earlier
    back = []
    while last:
        page = queue.page(by=officer, narrowed=narrowed, before=last)
        back, last = page.tips + back, page.earlier
    assert back == all_of(pages[:-1])


def test_page_leaves_out_what_is_hidden_from_the_member(tips, officer, lead):
    first = tips[0]
    Recusal.objects.create(tip=first, user=officer, key_index=1, sealed=b"")
    assert first not in queue.page(by=officer, narrowed=Narrowing()).tips
    assert queue.page(by=lead, narrowed=Narrowing()).tips[0] == first


def test_place_past_the_end_is_an_empty_page_with_a_way_back(tips, officer):
    end = Place(0, date(1990, 1, 1), "2222-2222")
    page = queue.page(by=officer, narrowed=Narrowing(), after=end)
    assert (page.tips, page.earlier, page.later) == ([], end, None)
    start = Place(9, date(2030, 1, 1), "ZZZZ-ZZZZ")
    back = queue.page(by=officer, narrowed=Narrowing(), before=start)
    assert (back.tips, back.earlier, back.later) == ([], None, start)


@pytest.mark.parametrize(
    "text", ["", "1", "1.2026-11-23", "x.2026-11-23.K7QX-94MW", "1.never.K7QX-94MW", "1.2026-13-23.K7QX-94MW"]
)
def test_text_that_is_no_place_is_none(text):
    assert Place.parse(text) is None


def test_place_is_written_and_read_back():
    place = Place(1, date(2026, 11, 23), "K7QX-94MW")
    assert str(place) == "1.2026-11-23.K7QX-94MW"
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        (Narrowing(), "tip_by_rank"),
        (Narrowing(waiting="unread"), "tip_unread"),
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
def test_every_page_is_read_from_an_index_in_order_and_nothing_is_sorted(officer, in_order, narrowed, index):
    place = Place(1, date(2026, 11, 23), "K7QX-94MW")
    for where in ({}, {"after": place}, {"before": place}):
        with asked() as queries:
            queue.page(by=officer, narrowed=narrowed, **where)
        assert len(queries) in (1, 2)
        for plan in plans(queries):
            assert re.search(rf"reports_tip USING (COVERING )?INDEX {index}\b|using {index} on reports_tip ", plan)
            assert not re.search(SORTED, plan)
            assert not where or re.search(BEYOND, plan)


SORTED = "TEMP B-TREE|Sort Key"
# A place is sought, not walked to. SQLite begins at the lowest rank where that is nearer.
BEYOND = r"rank,received,reference\)[<>]|rank[=>]|Index Cond: .*ROW\(rank, received, "


@pytest.fixture
def in_order(tips):
    """Let PostgreSQL know its tables, or it takes any index, and sort only where it has no other way."""
    if connection.vendor == "postgresql":
        Tip.objects.bulk_create(many(6_000))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            for way in ("sort", "incremental_sort", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")


@pytest.mark.django_db
def test_unread_tips_are_found_behind_any_number_of_urgent_ones_that_have_been_read(officer):
    tips = many(queue.LOOK + 100)
    for number, tip in enumerate(tips):
        tip.urgent, tip.unread = number > 2, number <= 2
        tip.status = Status.SPAM if number == 0 else Status.READING
    Tip.objects.bulk_create(tips)
    page = queue.page(by=officer, narrowed=Narrowing(waiting="unread"))
    assert ([tip.pk for tip in page.tips], page.looked, page.later) == ([tips[1].pk, tips[2].pk], False, None)


@pytest.mark.parametrize("waiting", ["", "mine", "nobody", "unread", "urgent", "answers"])
def test_nothing_is_sorted_once_the_database_knows_what_its_tables_hold(tips, officer, waiting):
    made = many(6_000)
    for tip in made[::2]:
        tip.assignee = officer
    Tip.objects.bulk_create(made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with asked() as queries:
        queue.page(by=officer, narrowed=Narrowing(waiting=waiting))
    assert queries
    assert [plan for plan in plans(queries) if re.search(SORTED, plan) or "Seq Scan on reports_tip " in plan] == []


def many(count):
    """Return tips of many statuses and weeks of decision, a quarter of them undecided."""
    day = date(2026, 11, 23)
    return [
        Tip(
            lookup=uuid.uuid4().hex,
            received=day - timedelta(weeks=number % 300),
            status=Status.values[1 + number % 8],
            decided=day - timedelta(weeks=number % 300) if number % 4 else None,
            unread=number % 500 == 0,
            opened=True,
        )
        for number in range(count)
    ]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="only there Django makes such indexes")
@pytest.mark.django_db
def test_no_index_of_tips_is_for_patterns():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'reports_tip'")
        indexes = [definition for (definition,) in cursor.fetchall()]
    assert len(indexes) > 8
    assert [one for one in indexes if "pattern_ops" in one] == []


def reading_order(tips, *, oldest):
    """Return these tips as a page should have them: by rank, then the newest or the oldest first."""
    newest = sorted(tips, key=lambda tip: (tip.received, tip.reference), reverse=not oldest)
    return sorted(newest, key=lambda tip: -tip.rank)


@pytest.mark.parametrize(("narrowed", "asked"), [*NARROWED, (Narrowing(waiting="unread"), {"rank__gte": 1})])
def test_oldest_first_keeps_what_waits_on_top_there_and_back(tips, officer, narrowed, asked):
    expected = reading_order(tips.filter(**asked), oldest=True)
    if narrowed.waiting == "unread":
        expected = [tip for tip in expected if tip.unread]
    last = queue.page(by=officer, narrowed=narrowed, oldest=True)
    found = last.tips
    while last.later:
        last = queue.page(by=officer, narrowed=narrowed, oldest=True, after=last.later)
        found = found + last.tips
    assert found == expected
    back, before = last.tips, last.earlier
    while before:
        page = queue.page(by=officer, narrowed=narrowed, oldest=True, before=before)
        back, before = page.tips + back, page.earlier
    assert back == expected


@pytest.mark.parametrize("oldest", [False, True])
@pytest.mark.parametrize("status", ["", "reading"])
def test_one_week_is_read_whole_by_rank_there_and_back(tips, officer, monkeypatch, oldest, status):
    monkeypatch.setattr(queue, "PAGE", 7)
    week = date(2026, 11, 9)
    narrowed = Narrowing(week=week, facts={"status": status} if status else {})
    expected = reading_order(tips.filter(received=week, **narrowed.facts), oldest=oldest)
    last = queue.page(by=officer, narrowed=narrowed, oldest=oldest)
    found = last.tips
    while last.later:
        last = queue.page(by=officer, narrowed=narrowed, oldest=oldest, after=last.later)
        found = found + last.tips
    assert found == expected
    assert queue.counted(by=officer, narrowed=narrowed) == (len(expected), False)
    while last.earlier:
        last = queue.page(by=officer, narrowed=narrowed, oldest=oldest, before=last.earlier)
    assert last.tips == expected[:7]


def test_what_a_member_has_is_narrowed_further(tips, officer, lead):
    having = queue.page(by=lead, narrowed=Narrowing(member=officer.pk)).tips
    assert having == list(tips.filter(assignee=officer, decided=None))[: queue.PAGE]
    narrowed = Narrowing(member=officer.pk, facts={"category": "home"})
    assert all(tip.category == "home" for tip in queue.page(by=lead, narrowed=narrowed).tips)


@pytest.mark.parametrize("narrowed", [Narrowing(week=date(2026, 11, 9)), Narrowing(week=date(2026, 11, 9), member=1)])
def test_a_week_and_a_member_are_read_from_an_index_and_nothing_is_sorted(officer, in_order, narrowed):
    with asked() as queries:
        queue.page(by=officer, narrowed=narrowed)
        queue.counted(by=officer, narrowed=narrowed)
    of_tips = [plan for plan in plans(queries) if "reports_tip" in plan]
    assert len(of_tips) > 2
    for plan in of_tips:
        assert re.search(r"reports_tip USING (COVERING )?INDEX tip_\w+|using tip_\w+ on reports_tip ", plan)
        assert not re.search(SORTED, plan)


def test_rare_combination_is_looked_through_from_the_oldest_too(tips, officer, monkeypatch):
    monkeypatch.setattr(queue, "LOOK", 5)
    narrowed = Narrowing(facts={"area": "olney", "status": "spam", "category": "home"})
    page = queue.page(by=officer, narrowed=narrowed, oldest=True)
    found, looked = page.tips, page.looked
    while page.later:
        page = queue.page(by=officer, narrowed=narrowed, oldest=True, after=page.later)
        found = found + page.tips
    assert looked
    assert found == reading_order(tips.filter(area="olney", status="spam", category="home"), oldest=True)


@pytest.mark.parametrize("oldest", [False, True])
@pytest.mark.parametrize(("narrowed", "asked"), NARROWED)
def test_every_page_can_say_where_it_stands_and_of_how_many(tips, officer, narrowed, asked, oldest):
    total, after, before = tips.filter(**asked).count(), None, 0
    assert queue.counted(by=officer, narrowed=narrowed) == (total, False)
    for _page in range(1 + total // queue.PAGE):
        if before >= total:
            break
        page = queue.page(by=officer, narrowed=narrowed, oldest=oldest, after=after)
        first = Place.of(page.tips[0])
        assert queue.counted_before(by=officer, narrowed=narrowed, first=first, oldest=oldest) == (before, False)
        before, after = before + len(page.tips), page.later


def test_count_stops_at_its_bound_and_leaves_out_what_is_hidden(tips, officer, monkeypatch):
    narrowed = Narrowing(facts={"area": "olney", "category": "home"})
    exact = tips.filter(area="olney", category="home").count()
    Recusal.objects.create(tip=tips.filter(area="olney", category="home")[0], user=officer, key_index=1, sealed=b"")
    assert queue.counted(by=officer, narrowed=Narrowing()) == (299, False)
    assert queue.counted(by=officer, narrowed=narrowed) == (exact - 1, False)
    monkeypatch.setattr(queue, "COUNTED", 40)
    assert queue.counted(by=officer, narrowed=Narrowing()) == (40, True)
    found = queue.counted(by=officer, narrowed=narrowed)
    assert found.more
    assert found.number < exact


@pytest.mark.parametrize("waiting", ["", "mine", "nobody", "unread", "urgent", "answers"])
def test_oldest_first_and_counts_are_read_from_an_index_and_nothing_is_sorted(officer, in_order, waiting):
    place = Place(1, date(2026, 11, 23), "K7QX-94MW")
    narrowed = Narrowing(waiting=waiting)
    with asked() as queries:
        for where in ({}, {"after": place}, {"before": place}):
            queue.page(by=officer, narrowed=narrowed, oldest=True, **where)
        queue.counted_before(by=officer, narrowed=narrowed, first=place, oldest=True)
        queue.counted(by=officer, narrowed=narrowed)
    of_tips = [plan for plan in plans(queries) if "reports_tip" in plan]
    assert len(of_tips) > 2
    for plan in of_tips:
        assert re.search(r"reports_tip USING (COVERING )?INDEX tip_\w+|using tip_\w+ on reports_tip ", plan)
        assert not re.search(SORTED, plan)
