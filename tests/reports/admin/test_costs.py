"""No page of the desk asks the database more for three of what it lists than for one."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.domain import enquiries, handover, triage
from reports.domain.handover import urgent_calls
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips import opening
from reports.domain.triage import relations, safety
from reports.models import Label, Tip, UrgentCall
from tests.factories import make_user

CALL = {"to": "children", "whom": "Them", "when": "now", "reference": "", "ground": "child", "danger": "Yes."}


class Desk(NamedTuple):
    """Whom and what a page is filled with."""

    tip: Tip
    by: User
    lead: User
    keys: Keys
    send: Callable[..., Tip]


def call(desk: Desk, name: str) -> None:
    urgent_calls.record(tip=desk.send(), **CALL, by=desk.lead)
    UrgentCall.objects.update(since=timezone.localdate() - timedelta(days=1))


def link(desk: Desk, tip: Tip, name: str) -> None:
    enquiries.begin_with(tip=tip, codename=name, by=desk.by)


def label(desk: Desk, name: str) -> None:
    triage.label(tip=desk.tip, label=Label.objects.create(name=name), by=desk.by)


def message(desk: Desk, name: str) -> None:
    messages.write(tip=desk.tip, text=f"Question {name}?", question=True, by=desk.by, keys=desk.keys)


def related(desk: Desk, name: str) -> None:
    relations.judge(tip=desk.tip, other=desk.send(f"AB12 CDE, {name}."), verdict="related", by=desk.by)


def wrote(desk: Desk, name: str) -> None:
    safety.add(tip=desk.send(), kind="wrote", choice="", text="They wait.", by=desk.lead)


# What is added to a page, and how.
PAGES: dict[str, tuple[str, Callable[[Desk, str], object]]] = {
    "queue": ("reports/tip/", lambda desk, name: triage.assign(tip=desk.send(), to=desk.by, by=desk.by)),
    "enquiries": ("reports/enquiry/", lambda desk, name: link(desk, desk.send(), name)),
    "packs": ("reports/pack/", lambda desk, name: handover.draft(tips=[desk.tip], by=desk.by)),
    "calls": ("reports/tip/calls/", call),
    "danger": ("reports/tip/danger/", wrote),
    "people": ("auth/user/", lambda desk, name: make_user(name, "Officer")),
    "enquiries of a tip": ("reports/tip/{tip}/change/", lambda desk, name: link(desk, desk.tip, name)),
    "labels of a tip": ("reports/tip/{tip}/change/", label),
    "messages of a tip": ("reports/tip/{tip}/change/", message),
    "related tips": ("reports/tip/{tip}/related/", related),
}


@pytest.fixture
def desk(send: Callable[..., Tip], officer: User, lead: User, keys: Keys) -> Desk:
    officer.groups.set(lead.groups.all())
    tip = send("AB12 CDE.")
    opening.read(tip=tip, by=officer, keys=keys)
    return Desk(tip, officer, lead, keys, send)


@pytest.mark.parametrize("page", PAGES)
def test_page_asks_as_many_questions_for_three_as_for_one(unlocked: Client, desk: Desk, page: str) -> None:
    path, add = PAGES[page]
    counts = []
    for names in (["one"], ["two", "three"]):
        for name in names:
            add(desk, name)
        opening.open_new(by=desk.by, keys=desk.keys)
        address = f"/admin/{path.format(tip=desk.tip.pk)}"
        unlocked.get(address)  # takes what only the first look asks
        with CaptureQueriesContext(connection) as asked:
            assert unlocked.get(address).status_code == 200
        # What is put on the record, event by event, is no question.
        counts.append([q["sql"] for q in asked if "auditevent" not in q["sql"] and "SAVEPOINT" not in q["sql"]])
    assert len(counts[0]) == len(counts[1])
