"""Labels are put on once, taken off, retired by team leads, and a new desk begins with the usual ones."""

import pytest
from django.db import IntegrityError, transaction

from reports.domain.errors import Refused
from reports.domain.triage import labels, triaging
from reports.models import AuditEvent, Label, ReplyTemplate
from tests.reports.acts import acts


@pytest.fixture
def label(db):
    return Label.objects.create(name="rumour")


def test_label_is_put_on_once_and_taken_off_once(send, caseworker, label):
    tip = send()
    before = len(acts())
    for _ in range(2):
        triaging.label(tip=tip, label=label, by=caseworker)
    assert list(tip.labels.all()) == [label]
    for _ in range(2):
        triaging.unlabel(tip=tip, label=label, by=caseworker)
    assert list(tip.labels.all()) == []
    assert acts()[before:] == ["labelled", "unlabelled"]
    assert AuditEvent.objects.latest("seq").detail == {"label": "rumour"}


def test_retired_label_is_given_to_no_tip_and_may_be_taken_off(send, caseworker, label):
    tip, other = send("One."), send("Two.")
    triaging.label(tip=tip, label=label, by=caseworker)
    Label.objects.update(retired=True)
    label.refresh_from_db()
    with pytest.raises(Refused, match="no longer add the label “rumour”"):
        triaging.label(tip=other, label=label, by=caseworker)
    triaging.unlabel(tip=tip, label=label, by=caseworker)
    assert not label.tips.exists()


def test_the_usual_ones_are_made_once_and_what_team_leads_changed_stays(label, caseworker):
    Label.objects.update(name="RUMOUR", retired=True)
    assert labels.begin_with_the_usual(by=caseworker) == len(labels.LABELS) - 1 + len(
        labels.REPLIES
    )
    ReplyTemplate.objects.update(text="Changed.")
    assert labels.begin_with_the_usual(by=caseworker) == 0
    assert Label.objects.get(name__iexact="rumour").retired
    assert {str(one) for one in ReplyTemplate.objects.filter(text="Changed.")} == set(
        labels.REPLIES
    )
    assert acts() == ["set-up"]
    assert str(label) == "rumour"
    with pytest.raises(IntegrityError), transaction.atomic():
        Label.objects.create(name="Rumour")
