"""The town's figures: each tip in one cell of each table, one release a quarter that never changes, a file for all."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from reports.domain.figures import counting, suppression
from reports.domain.tips import opening
from reports.domain.triage import malicious, triaging, undoing
from reports.models import AuditEvent, FiguresRelease, Tally, Tip
from tests.reports.handing import newest_keys
from tests.reports.purging import purge

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]

SUMMER, AUTUMN, WINTER = date(2026, 7, 1), date(2026, 10, 1), date(2027, 1, 1)
RELEASE_DAY = date(2026, 10, 29)


def released(*, on):
    """Release what is due on a day, and return the quarters that it took, oldest first."""
    before = set(FiguresRelease.objects.values_list("quarter", flat=True))
    counting.release_due(today=on)
    return sorted(set(FiguresRelease.objects.values_list("quarter", flat=True)) - before)


def counts():
    """Return all tallies that are not zero."""
    return {(row.measure, row.table, row.cell): row.count for row in Tally.objects.exclude(count=0)}


def counted(number, *, area="olney", kind="street", day=SUMMER):
    """Count that many tips as received."""
    tip = Tip(area=area, category=kind)
    for _ in range(number):
        counting.count(tip=tip, measure=counting.RECEIVED, day=day)


def open_all(caseworker, keys):
    """Open what has come."""
    opening.open_new(by=caseworker, keys=keys)


@pytest.fixture
def tip(send, caseworker, keys):
    """Return a tip that has been opened, and is being read."""
    new = send(area="olney")
    open_all(caseworker, keys)
    Tip.objects.update(unread=False)
    new.refresh_from_db()
    triaging.move(tip=new, to="reading", by=caseworker)
    return new


def test_tip_is_counted_once_when_it_is_opened_and_still_when_it_is_purged(send, caseworker, keys):
    tip = send(area="olney", kind="street")
    assert counts() == {}
    for _ in range(2):
        open_all(caseworker, keys)
    once = {("received", "area", "olney"): 1, ("received", "kind", "street"): 1}
    assert counts() == once
    assert (
        Tally.objects.filter(
            quarter=counting.quarter_of(Tip.objects.get(pk=tip.pk).received)
        ).count()
        == 2
    )
    purge(tip=Tip.objects.get())
    assert counts() == once


def test_tip_without_area_and_kind_counts_as_not_said_and_unopened_spam_not_at_all(
    send, caseworker, keys
):
    triaging.move(tip=send(), to="spam", by=caseworker, keys=newest_keys())
    open_all(caseworker, keys)
    assert counts() == {}
    send()
    open_all(caseworker, keys)
    assert counts() == {("received", "area", "not-said"): 1, ("received", "kind", "not-said"): 1}


def test_junk_and_what_may_be_malicious_is_counted_off_and_on_again(tip, caseworker):
    for uncounted in ("spam", "malicious"):
        judge(tip, uncounted, caseworker)
        assert counts() == {}
        judge(tip, "reading", caseworker)
        assert counts()["received", "area", "olney"] == 1


def test_what_is_spam_and_marked_counts_once_both_are_over(tip, caseworker):
    for said in ("malicious", "spam"):
        judge(tip, said, caseworker)
    malicious.mark(tip=tip, malicious=False, by=caseworker)
    assert counts() == {}
    judge(tip, "reading", caseworker)
    assert counts()["received", "area", "olney"] == 1


def test_what_may_be_malicious_is_not_counted_as_looked_into(tip, caseworker):
    judge(tip, "malicious", caseworker)
    judge(tip, "no_action", caseworker)
    assert counts() == {}


def judge(tip, said, caseworker, press=""):
    """Mark a tip as possibly malicious, or move it; who reads it again takes the mark off too."""
    if said in ("malicious", "reading"):
        malicious.mark(tip=tip, malicious=said == "malicious", by=caseworker, press=press)
    if said not in ("malicious", tip.status):
        triaging.move(tip=tip, to=said, by=caseworker, press=press, keys=newest_keys())


@pytest.mark.parametrize("uncounted", ["spam", "malicious"])
def test_a_tip_counts_from_opening_until_a_member_says_that_it_misleads(
    send, caseworker, keys, uncounted
):
    tip = send(area="olney")
    assert counts() == {}
    open_all(caseworker, keys)
    assert counts()["received", "area", "olney"] == 1, "nobody has read it yet"
    Tip.objects.update(unread=False)
    tip.refresh_from_db()
    triaging.move(tip=tip, to="reading", by=caseworker)
    assert counts()["received", "area", "olney"] == 1
    judge(tip, uncounted, caseworker)
    assert counts() == {}


def test_a_number_that_is_published_stays_whatever_a_member_says_of_a_tip(tip, caseworker, keys):
    counted(19, day=tip.received)
    quarter = counting.quarter_of(tip.received)
    counting.release_due(today=counting.comes_out(quarter))
    malicious.mark(tip=tip, malicious=True, by=caseworker)
    assert FiguresRelease.objects.get(quarter=quarter).figures["received"]["total"] == 20
    assert counts() == {}


@pytest.mark.promise("results", control=True)
@pytest.mark.parametrize(
    ("first", "then"),
    [("reading", "spam"), ("reading", "no_action"), ("malicious", "reading"), ("spam", "reading")],
)
def test_an_act_that_is_undone_counts_nothing(tip, caseworker, first, then):
    """An act that is undone counts nothing in the figures."""
    if first != "reading":
        judge(tip, first, caseworker)
    before = counts()
    judge(tip, then, caseworker, press="a")
    assert counts() != before, "the control"
    undoing.undo(press="a", by=caseworker, keys=newest_keys())
    assert counts() == before


def test_what_was_published_since_is_not_taken_back(tip, caseworker):
    """The tallies that follow are of other tips: nothing is subtracted from those."""
    triaging.move(tip=tip, to="spam", by=caseworker, keys=newest_keys())
    triaging.move(tip=tip, to="reading", by=caseworker, press="a")
    triaging.move(tip=tip, to="no_action", by=caseworker, press="a", keys=newest_keys())
    quarter = counting.quarter_of(
        timezone.localdate()
    )  # of the decision; its week may have begun in the one before
    counting.release(quarter=quarter, totals=counting.nothing(), today=counting.comes_out(quarter))
    counted(1, area="olney", kind="not-said", day=tip.received)
    before = counts()
    for event in AuditEvent.objects.filter(detail__press="a"):
        counting.take_back(tip=Tip.objects.get(), event=event)
    assert counts() == before


def test_what_was_published_before_is_not_counted_again(tip, caseworker):
    counting.release(
        quarter=counting.quarter_of(tip.received), totals=counting.nothing(), today=tip.received
    )
    triaging.move(tip=tip, to="spam", by=caseworker, press="a", keys=newest_keys())
    undoing.undo(press="a", by=caseworker, keys=newest_keys())
    assert counts() == {}
    counted(1, area="olney", kind="street", day=tip.received)
    before = counts()
    triaging.move(tip=Tip.objects.get(), to="spam", by=caseworker, keys=newest_keys())
    assert counts() == before, "and nothing is counted off of another's"


def test_a_sealed_tip_that_was_opened_as_spam_counts_once_that_is_undone(send, caseworker, keys):
    triaging.move(tip=send(area="olney"), to="spam", by=caseworker, press="a", keys=newest_keys())
    open_all(caseworker, keys)
    assert counts() == {}
    undoing.undo(press="a", by=caseworker, keys=keys)
    assert counts() == {("received", "area", "olney"): 1, ("received", "kind", "not-said"): 1}


def test_each_decision_counts_as_looked_into_and_moving_on_from_it_does_not(tip, caseworker):
    moves = (("no_action", 1), ("linked", 1), ("passed_on", 1), ("reading", 1), ("linked", 2))
    for to, looked in moves:
        (
            triaging.pass_on(tip=tip, by=caseworker, keys=newest_keys())
            if to == "passed_on"
            else triaging.move(tip=tip, to=to, by=caseworker, keys=newest_keys())
        )
        assert counts().get(("looked_into", "area", "olney"), 0) == looked, to


def test_quarters_follow_the_calendar_and_come_out_on_their_day():
    days = {SUMMER: SUMMER, date(2026, 9, 30): SUMMER, AUTUMN: AUTUMN, date(2027, 3, 31): WINTER}
    assert {day: counting.quarter_of(day) for day in days} == days
    assert [counting.following(first) for first in (SUMMER, AUTUMN, WINTER)] == [
        AUTUMN,
        WINTER,
        date(2027, 4, 1),
    ]
    assert counting.comes_out(SUMMER) == RELEASE_DAY


def test_figures_come_out_on_their_day_and_not_before(db):
    assert released(on=RELEASE_DAY) == []
    counted(40)
    assert released(on=RELEASE_DAY - timedelta(days=1)) == []
    assert released(on=RELEASE_DAY) == [SUMMER]
    assert released(on=RELEASE_DAY) == []
    assert AuditEvent.objects.filter(act="released-figures").values_list(
        "detail", flat=True
    ).get() == {"quarter": "2026-07"}


@pytest.mark.promise("results")
def test_release_never_changes_and_its_tallies_are_gone(db):
    """Figures that were released never change."""
    counted(40)
    counting.release_due(today=RELEASE_DAY)
    told = FiguresRelease.objects.get().figures
    assert str(FiguresRelease.objects.get()) == "2026-07"
    assert not Tally.objects.exists()
    counted(60)
    counting.release_due(today=RELEASE_DAY + timedelta(days=60))
    assert FiguresRelease.objects.get().figures == told
    with pytest.raises(IntegrityError):
        counting.release(quarter=SUMMER, totals=counting._totals(SUMMER), today=RELEASE_DAY)


def test_what_is_counted_late_comes_with_the_next_release(db):
    counted(40)
    counting.release_due(today=RELEASE_DAY)
    counted(10)
    counted(20, day=AUTUMN)
    counted(30, day=WINTER)
    assert released(on=date(2027, 4, 29)) == [AUTUMN, WINTER], "after a standstill each by itself"
    counting.publish()
    assert [release.measures["received"].total for release in counting.releases()] == [30, 30, 40]


def test_released_cells_are_those_of_the_form_and_small_ones_are_hidden(db):
    counted(40, area="olney")
    counted(25, area="monkston")
    counted(3, area="a-part-that-was-renamed")
    counting.release_due(today=RELEASE_DAY)
    counting.publish()
    (release,) = counting.releases()
    assert (release.quarter, release.released) == (SUMMER, RELEASE_DAY)
    assert set(release.measures["received"].tables["area"]) == set(counting.cells()["area"])
    shown = {
        cell: number
        for cell, number in release.measures["received"].tables["area"].items()
        if number
    }
    assert shown == {"olney": 40}
    numbers = re.findall(r": (\d+)", (settings.STATE_DIR / "figures.json").read_text())
    assert set(numbers) == {"40", "70"}, "the file holds no small number"
    assert release.measures["received"].total == 70
    assert release.measures["outcome"] == suppression.PublicFigures(
        None, {table: dict.fromkeys(cells) for table, cells in counting.cells().items()}
    )
