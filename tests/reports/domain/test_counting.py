from reports.domain import counting
from reports.domain.counting import Count
from reports.models import Deletions


def test_counts_as_far_as_anybody_needs_to_know(db, django_assert_num_queries):
    Deletions.objects.bulk_create(Deletions(month=f"20{year}-01-01") for year in range(10, 15))
    rows = Deletions.objects.order_by("month")
    with django_assert_num_queries(3) as asked:
        counted = [counting.up_to(rows, most=most) for most in (4, 5, 6)]
    assert counted == [Count(4, more=True), Count(5), Count(5)]
    assert [str(count) for count in counted] == ["4+", "5", "5"]
    assert "LIMIT 5" in asked.captured_queries[0]["sql"]
