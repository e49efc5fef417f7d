import re

import pytest
from django.db import connection

from reports.admin import home
from reports.domain import triage
from reports.domain.triage import bounded_count
from reports.domain.triage.bounded_count import Count, count
from reports.models import Deletions, Recusal, Tip, shown_to
from tests.reports.domain.triage.plans import asked, plans
from tests.reports.domain.triage.test_queue import many


def test_counts_as_far_as_anybody_needs_to_know(db, monkeypatch, django_assert_num_queries):
    Deletions.objects.bulk_create(Deletions(month=f"20{year}-01-01") for year in range(10, 15))
    counted = []
    with django_assert_num_queries(3) as queries:
        for most in (4, 5, 6):
            monkeypatch.setattr(bounded_count, "MOST", most)
            counted.append(count(Deletions.objects.order_by("month")))
    assert counted == [Count(4, more=True), Count(5), Count(5)]
    assert [str(one) for one in counted] == ["4+", "5", "5"]
    assert "LIMIT 5" in queries.captured_queries[0]["sql"]


def test_parts_are_counted_until_it_is_enough(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(bounded_count, "MOST", 3)
    Deletions.objects.bulk_create(Deletions(month=f"20{year}-01-01") for year in range(10, 15))
    months = Deletions.objects.order_by("month")
    assert count(*(months.filter(month__lt=f"20{year}-01-01") for year in (11, 12))) == Count(3)
    with django_assert_num_queries(1):
        assert count(months.filter(month__gt="2010-01-01"), months, months) == Count(3, more=True)


def test_count_for_each_member_is_of_what_they_see(send, officer, monkeypatch):
    monkeypatch.setattr(bounded_count, "MOST", 2)
    seen = []
    for _ in range(4):
        seen.append(count(Tip.objects.visible_to(officer)))
        send()
    assert seen == [Count(0), Count(1), Count(2), Count(2, more=True)]


def test_count_for_each_member_is_their_own(send, officer, lead):
    tip = send()
    assert (home.mine(officer, shown_to(officer)), home.mine(lead, shown_to(lead))) == (Count(0), Count(0))
    triage.assign(tip=tip, to=officer, by=lead)
    assert (home.mine(officer, shown_to(officer)), home.mine(lead, shown_to(lead))) == (Count(1), Count(0))


@pytest.mark.parametrize("what", ["urgent", "unread", "answers", "mine", "nobodys"])
def test_what_waits_is_counted_along_an_index_that_finds_it(officer, what):
    Tip.objects.bulk_create(many(6_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    tips = shown_to(officer)
    with asked() as queries:
        getattr(home, what)(officer, tips)
    (plan,) = plans(queries)
    assert re.search(r"USING (COVERING )?INDEX tip_|Index (Only )?Scan .*(using|on) tip_", plan)
    assert not re.search(r"SCAN reports_tip$|TEMP B-TREE|Seq Scan on reports_tip", plan, re.MULTILINE)


def test_hidden_tips_are_counted_off_and_no_others(send, officer, lead):
    hidden, shown = send(), send()
    counts = [home.unread(officer, shown_to(officer))]
    Recusal.objects.create(tip=hidden, user=officer, key_index=1, sealed=b"")
    counts += [home.unread(officer, shown_to(officer)), home.unread(lead, shown_to(lead))]
    assert [count.number for count in counts] == [2, 1, 2]
    assert list(Tip.objects.visible_to(officer)) == [shown]
