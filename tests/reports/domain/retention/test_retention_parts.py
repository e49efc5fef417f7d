"""What is due, and what leads should look at again, is asked for in parts that an index finds each."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import chain

import pytest
from django.contrib.auth.models import User
from django.db import connection

from reports.domain import enquiries, retention
from reports.models import Status, Tip
from reports.models.tips import UNDECIDED
from tests.reports.domain.retention.test_retention import MONDAY, old, put

type Send = Callable[..., Tip]


def test_parts_hold_what_is_due_and_no_tip_twice(send: Send, officer: User, phrase: str) -> None:
    enquiry = enquiries.begin(by=officer, codename="quiet lantern")
    for number, status in enumerate([*Status, *Status]):
        tip = put(send(), received=MONDAY)
        if number >= len(Status):
            enquiries.link(tip=tip, enquiry=enquiry, by=officer)
        Tip.objects.filter(pk=tip.pk).update(
            status=status,
            decided=None if status in UNDECIDED else MONDAY,
            confirmed=MONDAY if number % 2 else None,
            unread=False,
        )
    later = MONDAY + timedelta(days=400)
    parts = list(chain.from_iterable(retention.due_in_parts(by=later)))
    assert sorted(tip.reference for tip in parts) == sorted(tip.reference for tip in retention.due(by=later))
    assert len(parts) > 4
    shown = [tip.reference for tip in old(today=later)]
    assert len(shown) == len(set(shown)) > 8


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan's words are SQLite's")
def test_parts_are_read_along_their_indexes(db: None) -> None:
    for tips in (*retention.due_in_parts(by=MONDAY), *retention.to_review(today=MONDAY)):
        plan = tips[:100].explain()
        assert re.search(r"reports_tip USING INDEX (tip_by_|reports_tip_status|sqlite_auto)", plan)
        assert "TEMP B-TREE" not in plan
