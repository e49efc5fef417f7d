import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.domain import intake, triage
from reports.domain.intake import outbox
from reports.models import Status, Tip
from reports.sealing import receipts

QUEUE = "/admin/reports/tip/"


def rows(response) -> list[str]:
    return [row.tip.reference for row in response.context["rows"]]


def queries(client) -> list[str]:
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(QUEUE).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_queue_locked_shows_sealed_rows_counts_and_the_way_to_unlock(signed_in, send):
    tip = send(kind="home", area="olney")
    page = signed_in.get(QUEUE).content.decode()
    assert "Desk locked: 1 sealed tip." in page
    assert 'href="/admin/unlock/?next=/admin/reports/tip/"' in page
    assert page.count('<span class="sealed">sealed</span>') == 2
    assert tip.reference in page
    assert "Olney" not in page.split("<tbody>")[1]


def test_queue_unlocked_opens_what_is_new_and_shows_its_facts(unlocked, send):
    send(kind="home", area="olney")
    body = unlocked.get(QUEUE).content.decode().split("<tbody>")[1]
    assert "Dealing from a home or a shop" in body
    assert "Olney" in body
    assert "week of" in body
    assert "sealed" not in body


def test_queue_begins_with_urgent_then_unread_then_the_rest(unlocked, send, officer):
    read, unread, urgent = send(), send(), send(danger="yes")
    Tip.objects.filter(pk=read.pk).update(unread=False)
    assert rows(unlocked.get(QUEUE)) == [tip.reference for tip in (urgent, unread, read)]
    triage.acknowledge(tip=urgent, by=officer)
    Tip.objects.filter(pk=urgent.pk).update(unread=False)
    assert rows(unlocked.get(QUEUE))[0] == unread.reference


def test_queue_lets_in_what_waits_in_the_outbox(signed_in, phrase):
    intake.accept(token=receipts.new_token(), answers={"what": "A van."})
    assert len(rows(signed_in.get(QUEUE))) == 1
    assert outbox.waiting() == []


def test_queue_shows_what_it_has_when_the_outbox_cannot_be_drained(signed_in, send):
    tip = send()
    intake.accept(token=receipts.new_token(), answers={"what": "Another van."})
    (outbox.folder() / ".lock").unlink()
    (outbox.folder() / ".lock").mkdir()
    assert rows(signed_in.get(QUEUE)) == [tip.reference]
    (outbox.folder() / ".lock").rmdir()
    assert len(outbox.waiting()) == 1


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ("waiting=unread", {"unread", "urgent", "mine", "appealed"}),
        ("waiting=urgent", {"urgent"}),
        ("waiting=answers", {"unread"}),
        ("waiting=mine", {"mine"}),
        ("waiting=nobody", {"unread", "urgent", "read", "appealed"}),
        ("status=spam", {"spam"}),
        ("category=home", {"mine"}),
        ("area=olney", {"unread"}),
        ("urgent=1", {"urgent"}),
        ("appeal=old-story", {"appealed"}),
        ("waiting=nobody&area=olney", {"unread"}),
        ("waiting=unread&category=home&area=olney", set()),
        ("status=reading&urgent=1", set()),
        ("status=rubbish&nothing=1", {"unread", "urgent", "mine", "read", "spam", "appealed"}),
    ],
)
def test_queue_can_be_narrowed(unlocked, send, officer, narrowed, expected):
    tips = {"unread": send(area="olney"), "urgent": send(danger="yes"), "mine": send(kind="home")}
    tips |= {"read": send(), "spam": send(), "appealed": send(appeal="old-story")}
    unlocked.get(QUEUE)
    Tip.objects.filter(pk=tips["mine"].pk).update(assignee=officer)
    Tip.objects.filter(pk=tips["unread"].pk).update(answered=True)
    Tip.objects.filter(pk=tips["read"].pk).update(unread=False)
    Tip.objects.filter(pk=tips["spam"].pk).update(status=Status.SPAM, decided="2026-11-23")
    assert set(rows(unlocked.get(f"{QUEUE}?{narrowed}"))) == {tips[name].reference for name in expected}


def test_queue_needs_as_many_queries_for_three_tips_as_for_one(unlocked, send, officer):
    Tip.objects.filter(pk=send().pk).update(assignee=officer)
    one = queries(unlocked)
    for _ in range(2):
        Tip.objects.filter(pk=send().pk).update(assignee=officer)
    assert len(queries(unlocked)) == len(one)


def test_queue_loads_no_sealed_byte_of_what_it_lists(signed_in, unlock, send):
    send()
    assert [sql for sql in queries(signed_in) if "sealed" in sql] == []
    unlock(signed_in)
    assert [sql for sql in queries(signed_in) if "sealed" in sql] == []
    send()
    with CaptureQueriesContext(connection) as captured:  # the control: an unlocked queue opens what is new
        signed_in.get(QUEUE)
    assert [query for query in captured.captured_queries if "sealed" in query["sql"]]


def test_queue_has_no_search_one_small_script_and_no_history_of_its_own(unlocked, send):
    tip = send()
    page = unlocked.get(QUEUE).content.decode()
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/js/desk.js" defer>']
    assert 'name="q"' not in page
    assert unlocked.get(f"{QUEUE}{tip.pk}/history/")["Location"] == f"{QUEUE}{tip.pk}/change/"


def test_empty_queue_says_so(signed_in, phrase):
    assert "No tip has come yet." in signed_in.get(QUEUE).content.decode()
    assert "No tip is like that." in signed_in.get(f"{QUEUE}?waiting=unread").content.decode()


@pytest.mark.parametrize(
    "address", [f"after={10**30}.2026-11-23.K7QX-94MW", "before=1.2026-11-23.%00", "appeal=%00", f"label={10**30}"]
)
def test_queue_bears_what_nobody_could_have_meant(unlocked, send, address):
    tip = send()
    assert rows(unlocked.get(f"{QUEUE}?{address}")) == [tip.reference]
