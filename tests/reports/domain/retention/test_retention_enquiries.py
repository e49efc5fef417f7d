"""What is part of an enquiry is kept until the enquiry is closed, and shown to leads every six months."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User

from reports.domain import enquiries, retention
from reports.models import Enquiry, Status, Tip
from tests.reports.domain.retention.test_retention import old

MONDAY = date(2026, 3, 2)
LATER = MONDAY + timedelta(days=400)


def linked(send, officer: User, enquiry: Enquiry, status: str) -> Tip:
    """Return a tip of the enquiry that was decided otherwise since."""
    tip = send()
    enquiries.link(tip=tip, enquiry=enquiry, by=officer)
    Tip.objects.filter(pk=tip.pk).update(status=status, decided=MONDAY, confirmed=MONDAY, unread=False)
    return Tip.objects.get(pk=tip.pk)


@pytest.mark.parametrize("status", [status for status, rule in retention.SCHEDULE.items() if rule])
def test_enquiry_that_is_not_closed_keeps_its_tips(send, officer: User, enquiry: Enquiry, status: Status) -> None:
    tip = linked(send, officer, enquiry, status)
    assert (retention.kept_by_enquiry(tip), tip not in retention.due(by=LATER)) == (True, True)
    enquiries.move(enquiry=enquiry, to="paused", by=officer)
    assert tip not in retention.due(by=LATER)
    enquiries.move(enquiry=enquiry, to="closed", by=officer)
    assert not retention.kept_by_enquiry(tip)
    assert tip in retention.due(by=LATER)
    enquiries.move(enquiry=enquiry, to="open", by=officer)
    assert tip not in retention.due(by=LATER), "spam of an enquiry that is opened again is kept too"


def test_link_that_was_taken_back_keeps_nothing(send, officer: User, enquiry: Enquiry) -> None:
    tip = linked(send, officer, enquiry, "no_action")
    assert retention.delete_due(today=LATER) == 0
    enquiries.unlink(tip=tip, enquiry=enquiry, by=officer)
    assert retention.delete_due(today=LATER) == 1


def test_leads_look_at_what_an_enquiry_keeps_every_six_months(send, officer: User, enquiry: Enquiry) -> None:
    tip = linked(send, officer, enquiry, "no_action")
    assert tip in old(today=MONDAY + retention.REVIEW)
    assert tip not in old(today=MONDAY + retention.REVIEW - timedelta(days=1))
