import re

import pytest
from django.db import connection

from reports.admin.tiles import waiting
from reports.domain.reading import counting
from reports.domain.reading.counting import Count
from reports.domain.working import triage
from reports.models import Deletions, Tip
from tests.reports.domain.reading.test_queue import many


def test_counts_as_far_as_anybody_needs_to_know(db, django_assert_num_queries):
    Deletions.objects.bulk_create(Deletions(month=f"20{year}-01-01") for year in range(10, 15))
    rows = Deletions.objects.order_by("month")
    with django_assert_num_queries(3) as asked:
        counted = [counting.up_to(rows, most=most) for most in (4, 5, 6)]
    assert counted == [Count(4, more=True), Count(5), Count(5)]
    assert [str(count) for count in counted] == ["4+", "5", "5"]
    assert "LIMIT 5" in asked.captured_queries[0]["sql"]


def test_count_for_each_member_is_what_up_to_counts(send, officer, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 2)
    count = counting.for_each(Tip.objects.visible_to)
    seen = []
    for _ in range(4):
        seen.append(count(officer))
        assert seen[-1] == counting.up_to(Tip.objects.visible_to(officer), most=2)
        send()
    assert seen == [Count(0), Count(1), Count(2), Count(2, more=True)]


def test_count_for_each_member_is_their_own(send, officer, lead):
    count = counting.for_each(lambda user: Tip.objects.filter(assignee=user.pk))
    tip = send()
    assert (count(officer), count(lead)) == (Count(0), Count(0))
    triage.assign(tip=tip, to=officer, by=lead)
    assert (count(officer), count(lead)) == (Count(1), Count(0))


@pytest.mark.parametrize("what", ["urgent", "unread", "answers", "mine", "nobodys"])
def test_what_waits_is_counted_along_an_index_that_finds_it(officer, what):
    Tip.objects.bulk_create(many(6_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = getattr(waiting, what).__wrapped__(officer)[:100].explain()
    assert re.search(r"USING INDEX tip_|Index (Only )?Scan .*(using|on) tip_", plan)
    assert not re.search(r"SCAN reports_tip$|TEMP B-TREE|Seq Scan on reports_tip", plan, re.MULTILINE)
