"""Queries that are put together once: each member gets their own answer, as of now."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.domain import counting, triage
from reports.domain.bymember import ByMember
from reports.domain.counting import Count
from reports.models import Tip


def test_each_member_gets_their_own_rows_as_of_now(send, officer, lead):
    ask = ByMember(lambda user: Tip.objects.filter(assignee=user.pk).values_list("reference"))
    mine, theirs = send(), send()
    assert (ask(officer), ask(lead)) == ([], [])
    triage.assign(tip=mine, to=officer, by=lead)
    triage.assign(tip=theirs, to=lead, by=officer)
    assert (ask(officer), ask(lead)) == ([(mine.reference,)], [(theirs.reference,)])


def test_it_is_put_together_once_and_asked_each_time(send, officer, lead):
    made = []

    def rows(user):
        made.append(user.pk)
        return Tip.objects.visible_to(user).values_list("pk")

    ask = ByMember(rows)
    with CaptureQueriesContext(connection) as asked:
        ask(officer)
        ask(lead)
    assert len(made) == 1
    assert made[0] not in (officer.pk, lead.pk)
    assert [str(user.pk) in query["sql"] for user, query in zip((officer, lead), asked.captured_queries, strict=True)]


def test_count_for_each_member_is_what_up_to_counts(send, officer, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 2)
    count = counting.for_each(Tip.objects.visible_to)
    seen = []
    for _ in range(4):
        seen.append(count(officer))
        assert seen[-1] == counting.up_to(Tip.objects.visible_to(officer), most=2)
        send()
    assert seen == [Count(0), Count(1), Count(2), Count(2, more=True)]
