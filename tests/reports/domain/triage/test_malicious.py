"""What may be malicious has a built-in label instead of a status: one verb gives it both, and it counts nowhere."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Subquery

from reports.domain import enquiries, outcomes, triage
from reports.domain.errors import DangerOpen, NoSuchMove, Refused
from reports.domain.figures import counting
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.triage import labels, relations, undo
from reports.models import AuditEvent, Enquiry, Label, Outcome, Status, Tally, Tip
from reports.models.tips import MALICIOUS
from reports.sealing import receipts
from tests.factories import NO_DANGER
from tests.reports.handing import newest_keys
from tests.reports.telling import tell

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]


@pytest.fixture
def built_in(db: None) -> Label:
    """Return the built-in label."""
    labels.begin_with_the_usual(by=None)
    return Label.objects.get(malicious=True)


def state(tip: Tip) -> tuple[str, str, list[str]]:
    """Return a tip's status, its stage and the names of its labels, as they are stored."""
    row = Tip.objects.get(pk=tip.pk)
    return row.status, row.stage, [label.name for label in row.labels.all()]


def test_one_act_moves_it_to_no_action_with_a_label_that_reading_takes_off(
    reading: Callable[..., Tip], caseworker: User
) -> None:
    tip = reading()
    assert MALICIOUS in triage.moves_of(tip=tip)
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, keys=newest_keys())
    assert state(tip) == ("no_action", "malicious", ["possibly malicious"])
    assert Tip.objects.get().decided
    assert AuditEvent.objects.latest("seq").detail == {"before": "reading", "after": "malicious"}
    assert triage.moves_of(tip=tip) == [Status.READING]
    with pytest.raises(NoSuchMove, match="labelled “possibly malicious”"):
        triage.move(tip=tip, to=Status.LINKED, by=caseworker)
    triage.move(tip=tip, to=Status.READING, by=caseworker)
    assert state(tip) == ("reading", "reading", [])
    triage.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=newest_keys())
    assert state(tip) == ("no_action", "no_action", [])


def test_it_asks_of_an_urgent_tip_what_every_decision_asks(reading: Callable[..., Tip], caseworker: User) -> None:
    tip = reading(danger="yes")
    with pytest.raises(DangerOpen):
        triage.move(tip=tip, to=MALICIOUS, by=caseworker, keys=newest_keys())
    assert state(tip) == ("reading", "reading", [])
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, danger=NO_DANGER, keys=newest_keys())
    assert state(tip)[1] == MALICIOUS


def test_undo_takes_back_status_and_label_and_puts_both_back(reading: Callable[..., Tip], caseworker: User) -> None:
    tip = reading()
    before = state(tip)
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, press="a", keys=newest_keys())
    after = state(tip)
    undo.undo(press="a", by=caseworker, keys=newest_keys())
    assert state(tip) == before
    tip.refresh_from_db()
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, keys=newest_keys())
    triage.move(tip=tip, to=Status.READING, by=caseworker, press="b")
    assert state(tip) == before
    undo.undo(press="b", by=caseworker, keys=newest_keys())
    assert state(tip) == after


def test_danger_that_its_sender_names_afterwards_takes_the_label_off(caseworker: User, keys: Keys) -> None:
    sender = {"token": receipts.new_token()}
    tip = tell("He has a knife.", **sender)
    opening.read(tip=tip, by=caseworker, keys=keys)
    tip.refresh_from_db()
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, keys=newest_keys())
    tell("He is at the door.", danger="yes", **sender)
    triage.acknowledge(tip=tip, by=caseworker)
    assert state(tip) == ("reading", "reading", [])
    moved = AuditEvent.objects.filter(act="moved").latest("seq")
    assert (moved.actor, moved.detail) == ("system", {"before": "malicious", "after": "reading"})


def test_the_label_is_put_on_and_taken_off_by_no_other_act(
    reading: Callable[..., Tip], caseworker: User, built_in: Label
) -> None:
    tip = reading()
    with pytest.raises(Refused, match="no longer add the label “possibly malicious”"):
        triage.label(tip=tip, label=built_in, by=caseworker)
    assert state(tip) == ("reading", "reading", [])
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, keys=newest_keys())
    triage.unlabel(tip=tip, label=built_in, by=caseworker)
    assert state(tip)[1] == MALICIOUS


def test_the_label_is_not_renamed_retired_or_deleted_and_there_is_one(built_in: Label) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.filter(pk=built_in.pk).update(retired=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.bulk_create([Label(name="another", malicious=True)])
    with pytest.raises(ProtectedError):
        built_in.delete()
    built_in.name = "rumours"
    with pytest.raises(ValidationError, match="Streetlight’s own label"):
        built_in.full_clean()
    assert Label.objects.values_list("name", "retired").get(malicious=True) == ("possibly malicious", False)
    other = Label.objects.create(name="market")
    other.name, other.retired = "fair", True
    other.full_clean()
    other.save()
    other.delete()
    assert not Label.objects.filter(name__in=["market", "fair"]).exists(), "the control"


def told(tip: Tip) -> bool:
    """Return whether the sender of a tip is told a result."""
    return Tip.objects.values_list(Subquery(outcomes.telling()), flat=True).get(pk=tip.pk) is not None


def received() -> int:
    """Return how many tips of one area the figures count as received."""
    return Tally.objects.get(measure=counting.RECEIVED, table="area", cell="olney").count


def test_results_and_figures_leave_it_out_and_have_it_again_without_the_label(
    five: Enquiry, released: Outcome, reading: Callable[..., Tip], caseworker: User
) -> None:
    tip, other = reading(), Tip.objects.filter(links__enquiry=five)[0]
    enquiries.link(tip=tip, enquiry=five, by=caseworker)
    relations.judge(tip=tip, other=other, verdict="related", by=caseworker, keys=newest_keys())

    def sources() -> int:
        return relations.sources(tips=Tip.objects.filter(links__enquiry=five), by=caseworker).most

    assert (told(tip), told(other), received(), sources()) == (True, True, 6, 5)
    for subject in (tip, other):
        subject.refresh_from_db()
        triage.move(tip=subject, to=Status.READING, by=caseworker)
    looked_into = Tally.objects.filter(measure=counting.LOOKED_INTO).values_list("table", "cell", "count")
    before = list(looked_into)
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, press="a", keys=newest_keys())
    assert (told(tip), told(other), received(), sources()) == (False, True, 5, 5)
    triage.move(tip=other, to=MALICIOUS, by=caseworker, keys=newest_keys())
    assert (told(tip), told(other), received(), sources()) == (False, False, 4, 4)
    assert list(looked_into) == before
    assert outcomes.hindrances(outcome=released) == ["The tips in the enquiry come from fewer than 5 sources."]
    triage.move(tip=other, to=Status.READING, by=caseworker)
    assert (told(tip), told(other), received(), sources()) == (False, True, 5, 5)
    undo.undo(press="a", by=caseworker, keys=newest_keys())
    assert (told(tip), told(other), received(), sources()) == (True, True, 6, 5)
    assert outcomes.hindrances(outcome=released) == []


def test_a_tip_that_was_opened_with_the_label_counts_once_that_is_undone(
    send: Send, caseworker: User, keys: Keys
) -> None:
    tip = send(area="olney")
    triage.move(tip=tip, to=Status.READING, by=caseworker)
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, press="a", keys=newest_keys())
    opening.open_new(by=caseworker, keys=keys)
    assert not Tally.objects.exclude(count=0).exists()
    undo.undo(press="a", by=caseworker, keys=keys)
    assert received() == 1


def test_it_stays_out_of_an_enquiry_that_it_is_linked_to(
    five: Enquiry, reading: Callable[..., Tip], caseworker: User
) -> None:
    tip = reading()
    triage.move(tip=tip, to=MALICIOUS, by=caseworker, keys=newest_keys())
    enquiries.link(tip=tip, enquiry=five, by=caseworker)
    assert state(tip)[1] == MALICIOUS
    assert five.links.standing().count() == five.links.standing().trusted().count() + 1
