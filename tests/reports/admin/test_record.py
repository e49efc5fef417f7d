"""The record can be asked what somebody did with a tip in some days; it folds, and leaves out what is hidden."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from reports.admin import record
from reports.domain import audit, triage
from reports.domain.tips import recusal
from reports.models import AuditEvent
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

RECORD, TOWN = "/admin/reports/auditevent/", timezone.get_default_timezone()


@pytest.fixture
def auditor(roles):
    """Return an auditor's browser."""
    return sign_in(make_user("ada", "Auditor"))


@pytest.fixture
def june(officer, lead, monkeypatch):
    """Put events of three days on the record."""
    days = {10: officer, 11: lead, 12: officer}
    for day, who in days.items():
        monkeypatch.setattr(timezone, "now", lambda day=day: datetime(2026, 6, day, 23, 30, tzinfo=TOWN))
        audit.record(by=who, act="read", subject="K7QX-94MW")
        audit.record(by=who, act="noted", subject="9999-9999")
    monkeypatch.undo()


def asked(client, query: str) -> list[tuple[str, str, str]]:
    lines = client.get(f"{RECORD}?{query}").context["lines"]
    return [(line.event.actor, line.event.act, *line.subjects.values()) for line in lines]


def test_what_somebody_did_with_a_tip_in_some_days(auditor, june):
    query = "subject=k7qx-94mw&actor=olu&since=2026-06-01&until=2026-06-11"
    assert asked(auditor, query) == [("olu", "read", "K7QX-94MW")]
    assert len(asked(auditor, "subject=K7QX-94MW")) == 3
    assert asked(auditor, "act=noted&since=2026-06-12&until=2026-06-12") == [("olu", "noted", "9999-9999")]
    assert asked(auditor, "since=2026-07-01&until=2026-07-02") == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("since=2026-06-12&until=2026-06-11", "This day is before the first one."),
        ("since=yesterday", "Enter a valid date."),
        ("actor=nobody-here", "Select a valid choice."),
    ],
)
def test_question_that_makes_no_sense_is_said_and_shows_nothing(auditor, june, query, problem):
    page = auditor.get(f"{RECORD}?{query}")
    assert problem in page.content.decode()
    assert page.context["lines"] == []


def test_acts_to_choose_from_are_words(auditor):
    choices = dict(auditor.get(RECORD).context["form"].fields["act"].choices)
    assert choices["read-picture"] == "looked at a picture"
    assert choices["assigned"] == "gave it to …"
    assert not [words for words in choices.values() if "{" in str(words)]


def test_equal_events_in_a_row_are_one_line_with_their_number(auditor, officer):
    for _ in range(3):
        audit.record(by=officer, act="read", subject="K7QX-94MW")
    audit.record(by=officer, act="read", subject="9999-9999")
    lines = auditor.get(RECORD).context["lines"]
    assert [([*line.subjects], line.times) for line in lines[:2]] == [(["9999-9999"], 1), (["K7QX-94MW"], 3)]
    assert "(3 times, the first on" in auditor.get(RECORD).content.decode()


def test_tips_that_were_glimpsed_in_one_list_are_one_line_that_names_them_all(auditor, officer):
    references = ["K7QX-94MW", "9999-9999", "ABCD-2345"]
    audit.record_each(by=officer, act="glimpsed", subjects=references)
    line = auditor.get(RECORD).context["lines"][0]
    assert sorted(line.subjects) == sorted(references)
    page = auditor.get(RECORD).content.decode()
    assert "3 tips" in page
    assert all(f">{reference}</a>" in page for reference in references)


def test_search_is_named_by_a_short_number_and_found_by_it(auditor, officer):
    audit.record(by=officer, act="searched", subject="0b6d2a5e-0000-4000-8000-000000000000")
    page = auditor.get(RECORD)
    assert [*page.context["lines"][0].subjects.values()] == ["search 0b6d2a5e"]
    assert 'href="?subject=0b6d2a5e-0000-4000-8000-000000000000"' in page.content.decode()


def test_record_has_pages_that_keep_the_question(auditor, officer, monkeypatch):
    monkeypatch.setattr(record, "PAGE", 2)
    for number in range(5):
        audit.record(by=officer, act="noted", subject=f"tip {number}")
    page = auditor.get(f"{RECORD}?act=noted")
    seen = [subject for line in page.context["lines"] for subject in line.subjects]
    while page.context["onward"]:
        page = auditor.get(f"{RECORD}{page.context['onward']}")
        seen += [subject for line in page.context["lines"] for subject in line.subjects]
    assert seen == [f"tip {number}" for number in (4, 3, 2, 1, 0)]
    assert page.context["top"] == "?act=noted"


def test_record_is_taken_as_a_table_and_that_goes_on_it(auditor, june):
    answer = auditor.post(f"{RECORD}csv/", {"actor": "olu"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert head == ["number", "at", "who", "did", "act", "to what", "hash"]
    assert rows[0][2:6] == ["olu", "wrote a note", "noted", "9999-9999"]
    assert rows[0][1].startswith("2026-06-12T23:30:00")
    assert {row[2] for row in rows} == {"olu"}
    last = AuditEvent.objects.latest("seq")
    assert (last.act, last.actor, last.detail) == ("exported-record", "ada", {"count": len(rows)})
    assert auditor.get(f"{RECORD}csv/")["Location"] == RECORD


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_a_formula(auditor, officer, cell):
    audit.record(by=officer, act="set-up", subject=cell)
    rows = list(csv.reader(io.StringIO(auditor.post(f"{RECORD}csv/", {"act": "set-up"}).content.decode())))
    assert rows[1][5] == f"'{cell}"


def test_table_has_nothing_of_a_tip_that_is_hidden(lead, officer, send):
    tip = send()
    triage.note(tip=tip, text="A note.", by=officer)
    client = sign_in(lead)
    assert tip.reference in client.post(f"{RECORD}csv/").content.decode()
    recusal.Recusal.objects.create(tip=tip, user=lead, key_index=1, sealed=b"")
    assert tip.reference not in client.post(f"{RECORD}csv/").content.decode()
    assert asked(client, f"subject={tip.reference}") == []


def test_officer_may_not_take_the_record(signed_in):
    assert signed_in.post(f"{RECORD}csv/").status_code == 403
    assert signed_in.get(f"{RECORD}?subject=x").status_code == 403
    assert not AuditEvent.objects.filter(act="exported-record").exists()


def test_days_are_the_town_s(auditor, officer, monkeypatch):
    late = datetime(2026, 6, 30, 23, 59, tzinfo=TOWN)
    monkeypatch.setattr(timezone, "now", lambda: late + timedelta(minutes=2))
    audit.record(by=officer, act="noted", subject="in July")
    monkeypatch.undo()
    assert asked(auditor, "act=noted&until=2026-06-30") == []
    assert asked(auditor, "act=noted&since=2026-07-01") == [("olu", "noted", "in July")]


@pytest.mark.parametrize("detail", [[], "x", 7, None])
def test_one_event_that_cannot_be_read_hides_no_other(auditor, june, monkeypatch, detail):
    init = AuditEvent.__init__

    def changed(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if self.act == "noted":  # as somebody who changed the database past the program would have it
            self.detail = detail

    monkeypatch.setattr(AuditEvent, "__init__", changed)
    page = auditor.get(RECORD)
    assert page.status_code == 200
    assert "This event cannot be read." in page.content.decode()
    words = [line.words for line in page.context["lines"]]
    assert words.count("This event cannot be read.") < len(words), "the control: the others are said as ever"
