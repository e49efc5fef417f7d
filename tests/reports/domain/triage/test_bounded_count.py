"""A count goes as far as anybody needs to know, and is of what the member may see."""

import pytest

from reports.admin import home
from reports.domain import triage
from reports.domain.triage import bounded_count
from reports.domain.triage.bounded_count import Count, count
from reports.models import Deletions, Recusal, shown_to


def test_counts_as_far_as_anybody_needs_to_know(db, monkeypatch, django_assert_num_queries):
    Deletions.objects.bulk_create(Deletions(month=f"20{year}-01-01") for year in range(10, 15))
    months, counted = Deletions.objects.order_by("month"), []
    with django_assert_num_queries(3) as queries:
        for most in (4, 5, 6):
            monkeypatch.setattr(bounded_count, "MOST", most)
            counted.append(count(months))
    assert counted == [Count(4, more=True), Count(5), Count(5)]
    assert [str(one) for one in counted] == ["4+", "5", "5"]
    assert "LIMIT 5" in queries.captured_queries[0]["sql"]
    monkeypatch.setattr(bounded_count, "MOST", 3)
    assert count(*(months.filter(month__lt=f"20{year}-01-01") for year in (11, 12))) == Count(3)
    with django_assert_num_queries(1):
        assert count(months.filter(month__gt="2010-01-01"), months, months) == Count(3, more=True)


@pytest.mark.parametrize("what", ["mine", "unread"])
def test_count_for_each_member_is_their_own_without_what_is_hidden(send, officer, lead, what):
    hidden, _shown = send(), send()
    triage.assign(tip=hidden, to=officer, by=lead)
    before = {"mine": (1, 0), "unread": (2, 2)}[what]
    counts = getattr(home, what)
    assert tuple(counts(user, shown_to(user)).number for user in (officer, lead)) == before
    Recusal.objects.create(tip=hidden, user=officer, key_index=1, sealed=b"")
    assert tuple(counts(user, shown_to(user)).number for user in (officer, lead)) == (before[0] - 1, before[1])
