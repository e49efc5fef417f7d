"""What may be malicious has a mark beside its status: it counts nowhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import Subquery
from django.utils import timezone

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.outcomes import public_results
from reports.domain.tips import opening
from reports.domain.triage import alarm, malicious, relations, triaging, undoing
from reports.models import AuditEvent, Status, Tally, Tip
from reports.sealing import receipts
from tests.reports.handing import newest_keys
from tests.reports.telling import tell

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]


def state(tip):
    """Return a tip's status, and whether it is marked."""
    row = Tip.objects.get(pk=tip.pk)
    return row.status, row.malicious


def test_the_mark_changes_no_status_and_a_status_takes_no_mark_off(reading, caseworker):
    tip = reading()
    for _twice in range(2):
        malicious.mark(tip=tip, malicious=True, by=caseworker)
    assert state(tip) == ("reading", True)
    assert AuditEvent.objects.filter(act="marked-malicious").count() == 1
    for to in (Status.NO_ACTION, Status.READING):
        triaging.move(tip=tip, to=to, by=caseworker, keys=newest_keys())
        assert state(tip) == (to, True)
    malicious.mark(tip=tip, malicious=False, by=caseworker)
    assert state(tip) == ("reading", False)


def test_it_stops_no_reminder(reading, caseworker):
    tip = reading(danger="yes")
    now = timezone.now() + timedelta(hours=1)
    before = alarm.ringing(now=now, after=None)
    assert before
    malicious.mark(tip=tip, malicious=True, by=caseworker)
    assert alarm.ringing(now=now, after=None) == before
    assert Tip.objects.get().acknowledged_at is None


def test_no_press_for_many_marks_what_may_be_urgent(reading, send, caseworker, keys):
    changes = decision.TipChanges(malicious=True, why_malicious="feud")
    facts = {
        "seen": staleness.now(),
        "by": caseworker,
        "keys": keys,
        "among_others": True,
        "changes": changes,
    }
    for tip in (reading(danger="yes"), reading(danger="unsure"), reading(kind="children")):
        with pytest.raises(Refused, match="may be urgent"):
            decision.save(tip=tip, **facts)
        assert not state(tip)[1]
    control = reading()
    decision.save(tip=control, **facts)
    assert state(control) == ("reading", True)


def test_undo_takes_the_mark_off_and_puts_it_back(reading, caseworker):
    tip = reading()
    malicious.mark(tip=tip, malicious=True, by=caseworker, press="a")
    undoing.undo(press="a", by=caseworker, keys=newest_keys())
    assert state(tip) == ("reading", False)
    malicious.mark(tip=tip, malicious=True, by=caseworker)
    malicious.mark(tip=tip, malicious=False, by=caseworker, press="b")
    undoing.undo(press="b", by=caseworker, keys=newest_keys())
    assert state(tip) == ("reading", True)


def test_danger_that_its_sender_names_afterwards_opens_it_again_and_leaves_the_mark(
    caseworker, keys
):
    sender = {"token": receipts.new_token()}
    tip = tell("He has a knife.", **sender)
    opening.read(tip=tip, by=caseworker, keys=keys)
    tip.refresh_from_db()
    malicious.mark(tip=tip, malicious=True, by=caseworker)
    triaging.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=newest_keys())
    tell("He is at the door.", danger="yes", **sender)
    triaging.acknowledge(tip=tip, by=caseworker)
    assert state(tip) == ("reading", True)


def told(tip):
    """Return whether the sender of a tip is told a result."""
    return (
        Tip.objects.values_list(Subquery(public_results.telling()), flat=True).get(pk=tip.pk)
        is not None
    )


def received():
    """Return how many tips of one area the figures count as received."""
    return Tally.objects.get(measure=counting.RECEIVED, table="area", cell="olney").count


def test_results_and_figures_leave_it_out_and_have_it_again_without_the_mark(
    five, released, reading, caseworker
):
    tip, other = reading(), Tip.objects.filter(links__enquiry=five)[0]
    enquiries.link(tip=tip, enquiry=five, by=caseworker)
    relations.judge(tip=tip, other=other, verdict="related", by=caseworker, keys=newest_keys())

    def sources():
        return relations.sources(tips=Tip.objects.filter(links__enquiry=five), by=caseworker).most

    assert (told(tip), told(other), received(), sources()) == (True, True, 6, 5)
    looked_into = Tally.objects.filter(measure=counting.LOOKED_INTO).values_list(
        "table", "cell", "count"
    )
    before = list(looked_into)
    malicious.mark(tip=tip, malicious=True, by=caseworker, press="a")
    assert (told(tip), told(other), received(), sources()) == (False, True, 5, 5)
    malicious.mark(tip=other, malicious=True, by=caseworker)
    assert (told(tip), told(other), received(), sources()) == (False, False, 4, 4)
    assert list(looked_into) == before
    assert public_results.hindrances(outcome=released) == [
        "The tips in the enquiry come from fewer than 5 sources."
    ]
    malicious.mark(tip=other, malicious=False, by=caseworker)
    assert (told(tip), told(other), received(), sources()) == (False, True, 5, 5)
    undoing.undo(press="a", by=caseworker, keys=newest_keys())
    assert (told(tip), told(other), received(), sources()) == (True, True, 6, 5)
    assert public_results.hindrances(outcome=released) == []


def test_a_tip_that_was_opened_with_the_mark_counts_once_that_is_undone(send, caseworker, keys):
    tip = send(area="olney")
    triaging.move(tip=tip, to=Status.READING, by=caseworker)
    malicious.mark(tip=tip, malicious=True, by=caseworker, press="a")
    opening.open_new(by=caseworker, keys=keys)
    assert not Tally.objects.exclude(count=0).exists()
    undoing.undo(press="a", by=caseworker, keys=keys)
    assert received() == 1


def test_it_counts_in_no_enquiry_that_it_is_linked_to(five, reading, caseworker):
    tip = reading()
    malicious.mark(tip=tip, malicious=True, by=caseworker)
    enquiries.link(tip=tip, enquiry=five, by=caseworker)
    assert state(tip) == ("linked", True)
    assert five.links.standing().count() == five.links.standing().trusted().count() + 1
