"""The pages of the audit log: it says in words who did what, can be asked, taken away as a table, and verified."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from reports.admin.audit.log import GROUPS
from reports.admin.pages.history import in_words
from reports.domain.audit import audit_log, triggers
from reports.domain.audit.named_rows import Named
from reports.domain.tips import opening, reasons
from reports.domain.triage import safety
from reports.models import AuditAct, AuditEvent, Recusal, SafetyDecision
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.domain.audit import tampering
from tests.reports.handing import newest_keys

RECORD, TOWN = "/admin/reports/auditevent/", timezone.get_default_timezone()
TAKE = {
    "action": "as_csv",
    "index": 0,
    "select_across": 1,
    "_selected_action": "all",
}  # as the page's button sends it


@pytest.fixture
def auditor(roles):
    """Return an auditor's browser."""
    return sign_in(make_user("ada", "Auditor"))


@pytest.fixture
def summer(caseworker, team_lead):
    """Put events of three months on the record, late on the last day of each."""
    days = {(6, 30): caseworker, (7, 31): team_lead, (8, 31): caseworker}
    for (month, day), who in days.items():
        with time_machine.travel(datetime(2026, month, day, 23, 30, tzinfo=TOWN)):
            audit_log.record(by=who, act="read", subject="K7QX-94MW")
            audit_log.record(by=who, act="noted", subject="9999-9999")


def asked(client, query):
    lines = client.get(f"{RECORD}?{query}").context["lines"]
    return [(line.event.actor, line.event.act, line.subject) for line in lines]


def test_what_somebody_did_with_a_tip_on_some_days(auditor, summer):
    june = "from=2026-06-30&to=2026-06-30"
    assert asked(auditor, f"q=k7qx-94mw&actor=olu&act=&{june}") == [("olu", "read", "K7QX-94MW")]
    for typed in (
        "K7QX-94MW",
        "k7qx94mw",
        "k7qx 94mw",
        "K70X-94MW",
    ):  # a tip that is deleted has no row
        assert len(asked(auditor, f"q={typed}")) == 3, typed
    assert asked(auditor, "act=noted&from=2026-07-31&to=2026-08-30") == [
        ("lena", "noted", "9999-9999")
    ]
    assert asked(auditor, "act=noted&from=2026-07-01&to=2026-07-30") == []
    assert {act for _who, act, _item in asked(auditor, f"act=reading&{june}")} == {"read"}
    assert asked(auditor, "actor=*") == []
    days = ("from=2026-02-31", "to=soon", "from=", "to=9999-12-31", "from=0001-01-01")
    for nothing in (*days, "act=some-act", "actor=nobody"):
        assert len(asked(auditor, f"q=K7QX-94MW&{nothing}")) == 3, (
            "what is no day, or is not offered, narrows nothing"
        )
    assert (
        '<input type="date" name="from" value="2026-06-30" id="filter_from">'
        in auditor.get(f"{RECORD}?{june}").text
    )


def test_unlocking_is_one_row_that_opens_to_its_events(auditor, caseworker, keys, send):
    for _unlock in range(2):
        tips = [send(), send()]
        audit_log.record(by=caseworker, act="unlocked")
        opening.open_new(by=caseworker, keys=keys)
    audit_log.record(by=caseworker, act="read", subject=tips[0].reference)
    page = auditor.get(RECORD)
    lines = page.context["lines"]
    assert [line.words for line in lines[:3]] == [
        "read the tip",
        "unlocked the desk",
        "unlocked the desk",
    ]
    events = [event.act for event, *_words in lines[1].parts]
    assert events == ["unlocked", "confirmed-rows", "confirmed-rows", "opened"]
    assert {event.subject for event, *_words in lines[1].parts} == {
        "",
        *(tip.reference for tip in tips),
    }
    assert "4 events" in page.text
    assert 'href="?q="' not in page.text
    assert "confirmed its stored data" in auditor.get(f"{RECORD}?q={tips[0].reference}").text


@pytest.mark.django_db
def test_acts_are_offered_in_groups_each_once(auditor):
    page = auditor.get(f"{RECORD}?act=noted").text
    groups = dict(re.findall(r'<optgroup label="([^"]+)">(.+?)</optgroup>', page, flags=re.DOTALL))
    acts = {title: re.findall(r'value="([^"]+)"', text) for title, text in groups.items()}
    assert [*acts] == list(map(str, GROUPS.values()))
    assert sorted(act for group in acts.values() for act in group) == sorted(AuditAct.values)
    assert "withdrew" in acts["People"]
    assert '<option value="noted" selected>' in groups["Deciding tips"]


@pytest.mark.parametrize(
    ("act", "detail", "words"),
    [
        ("assigned", {"before": "olu", "to": ""}, "assigned it from olu to nobody"),
        ("revealed", {"reason": "danger"}, "saw the contact details: Someone may be in danger"),
        ("moved", {"before": "new", "after": "linked"}, "moved it from “New” to “In an enquiry”"),
        (
            "moved",
            {"before": "open", "after": "paused", "enquiry": "HERON"},
            "moved it from “Open” to “Paused”",
        ),
        (
            "moved",
            {"before": "new", "after": "paused"},
            "moved it from “New” to “paused”",
        ),  # no status of a tip
        ("renamed", {"before": "spam", "after": "HERON"}, "renamed the enquiry “spam” to “HERON”"),
        ("look-again", {"day": "2026-12-07"}, "set the day to look at it again: 7 Dec 2026"),
        ("look-again", {"day": "soon"}, "set the day to look at it again: soon"),  # written outside
        ("some-new-act", {"x": 1}, "some-new-act"),
    ],
)
def test_history_in_words(act, detail, words):
    assert in_words(AuditEvent(act=act, detail=detail)) == words


def test_equal_events_in_a_row_are_one_line_with_their_number(auditor, caseworker):
    for _ in range(3):
        audit_log.record(by=caseworker, act="read", subject="K7QX-94MW")
    audit_log.record(by=caseworker, act="read", subject="9999-9999")
    lines = auditor.get(RECORD).context["lines"]
    assert [(line.subject, line.times) for line in lines[:2]] == [
        ("9999-9999", 1),
        ("K7QX-94MW", 3),
    ]
    assert "(3 times, the first on" in auditor.get(RECORD).text


def test_record_is_taken_as_a_table_and_that_goes_on_it(auditor, summer):
    answer = auditor.post(f"{RECORD}?actor=olu", TAKE)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["number", "time", "user", "action", "action code", "item", "hash"]
    assert rows[0][2:6] == ["olu", "wrote a note", "noted", "9999-9999"]
    assert rows[0][1].startswith("2026-08-31T23:30:00")
    assert {row[2] for row in rows} == {"olu"}
    last = AuditEvent.objects.latest("seq")
    assert (last.act, last.actor, last.detail) == ("exported-record", "ada", {"count": len(rows)})


@pytest.mark.parametrize(
    ("subject", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@sum", "'@sum"),
        ("\t -x", "'-x"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1+1", "a;'=1+1"),
        ("a; \uff0b1", "a; '\uff0b1"),
        ("a\n=1", "a =1"),
        ("a\r\n;@x", "a ;'@x"),
        ("1-2 + 3", "1-2 + 3"),
    ],
)
def test_no_cell_is_a_formula(auditor, caseworker, subject, cell):
    audit_log.record(by=caseworker, act="set-up", subject=subject)
    rows = list(csv.reader(io.StringIO(auditor.post(f"{RECORD}?act=set-up", TAKE).text)))
    assert rows[1][5] == cell


def test_a_look_names_no_tip_that_is_hidden_from_the_asker(keys, caseworker, send):
    hidden, shown = send(), send()
    opening.open_new(by=caseworker, keys=keys)
    for tip in (hidden, shown):
        safety.add(
            tip=tip, kind="closed", choice="none", text="Read twice.", by=caseworker, keys=keys
        )
    SafetyDecision.objects.update(author="somebody")
    client = sign_in(make_user("ada", "Auditor"))
    recused = Recusal(tip=hidden, user=User.objects.get(username="ada"))
    reasons.seal(recused, reason="My cousin.")
    recused.save(force_insert=True)
    audit_log.record(
        by=caseworker, act="recused", subject=hidden.reference, rows=Named([recused], keys=keys)
    )
    page = client.post(f"{RECORD}verify/").text
    assert f"{shown.reference}: someone changed a decision about danger outside Streetlight" in page
    assert hidden.reference not in page
    assert "And 1 more." in page
    SafetyDecision.objects.filter(tip=shown).update(author="olu")
    page = client.post(f"{RECORD}verify/").text
    assert "Tampering found." in page
    assert "And 1 more." in page


@pytest.mark.django_db(transaction=True)
def test_auditor_verifies_the_record_and_that_goes_on_it(auditor, caseworker):
    verify = f"{RECORD}verify/"
    audit_log.record(by=caseworker, act="read")
    assert "Check the audit log for tampering" in auditor.get(RECORD).text
    assert "is whole" not in auditor.get(verify).text
    page = auditor.post(verify).text
    assert "No tampering found." in page
    assert "we could not check who wrote the checkpoints and who signed events" in page
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.detail) == ("verified", "ada", {"found": 0})
    tampering.take_down()
    AuditEvent.objects.filter(seq=1).update(actor="nobody")
    triggers.put_up()
    page = auditor.post(verify).text
    assert "Tampering found." in page
    assert "<li>Event 1 was changed.</li>" in page


def test_a_team_lead_says_on_the_page_that_the_clock_was_wrong(let_in, team_lead, caseworker):
    client, clock = let_in(team_lead), f"{RECORD}verify/clock/"
    audit_log.record(by=team_lead, act=AuditAct.CONFIRMED_ROWS, rows=Named(keys=newest_keys()))
    with time_machine.travel(timezone.now() - timedelta(hours=5)):
        early = audit_log.record(by=caseworker, act="signed-in", way="a password")
    found = f"Event {early.seq} has a time that does not fit the events around it."
    page = client.post(f"{RECORD}verify/").text
    assert (
        page.count(found),
        "The clock was wrong then" in page,
        f'name="first" value="{early.seq}"' in page,
    ) == (*(2, True, True),)
    span = {"first": early.seq, "last": early.seq}
    assert sign_in(caseworker).post(clock, span).status_code == 403
    assert sign_in(make_user("ada", "Auditor")).post(clock, span).status_code == 403
    for wrong in ({}, {"first": "x", "last": early.seq}, span | {"last": early.seq + 1}):
        client.post(clock, wrong)
    assert not AuditEvent.objects.filter(act="clock-was-wrong").exists()
    assert (
        "The audit log says that the clock was wrong then."
        in client.post(clock, span, follow=True).text
    )
    said = AuditEvent.objects.get(act="clock-was-wrong")
    assert (said.actor, said.detail, bool(said.mac)) == ("lena", span, True)
    assert (
        f"said that the server’s clock was wrong at events {early.seq} to {early.seq} of the audit log"
        in (*(str(in_words(said)),),)
    )
    page = client.post(f"{RECORD}verify/").text
    assert (found in page, "The clock was wrong then" in page) == (False, False)
    locked = sign_in(team_lead)
    assert "The clock was wrong then" not in locked.post(f"{RECORD}verify/").text
    assert locked.post(clock, span).status_code == 302
    assert AuditEvent.objects.filter(act="clock-was-wrong").count() == 1
