"""A year in figures: each referral once at each step, results by the weakest letter, and marks that still stand."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.keys import sealed
from reports.domain.referrals import corrections, departure, police_referrals, results, year
from reports.domain.tips.metadata import monday
from reports.domain.triage import malicious, undoing
from reports.models import ReferralResult
from tests.factories import shown
from tests.reports import handing, purging
from tests.reports.handing import approve, approved, newest_keys

NOTHING = year.Year(0, 0, 0, 0, 0, 0, 0, 0)


def full_month():
    """Return a day from which this month is a full one, and all that is left lying is stuck."""
    return (timezone.localdate().replace(day=1) + timedelta(days=62)).replace(day=1)


def count(days=0):
    """Return the figures once this month is a full one, and so many days later."""
    return year.count(today=full_month() + timedelta(days=days), by=User(username="nobody"))


def row(number, letter, result="", *, weeks_ago=0):
    """Store what outlives a referral."""
    week = monday(timezone.localdate()) - timedelta(weeks=weeks_ago)
    new = ReferralResult(reference=f"H-AAAA-{number:04}", week=week, answered=bool(result))
    sealed.fill(new, {"sources": "1", "letter": letter, "result": result, "wrong": "", "month": ""})
    new.save(force_insert=True)
    return new


@pytest.fixture
def referral(tip, caseworker, second, keys):
    return approved(tip, by=caseworker, second=second, keys=keys)


def test_a_referral_counts_once_at_each_step_also_when_it_is_gone(referral, tip, caseworker, keys):
    assert count() == NOTHING._replace(drafted=1, stuck=1)
    for _again in range(2):
        handing.export(referral, by=caseworker, keys=keys)
    assert count() == NOTHING._replace(drafted=1, sent=1, stuck=1)
    receipt = {"reference": "URN 1", "who": "PC Doe", "reauthentication": shown(caseworker)}
    departure.confirm(referral=referral, **receipt, by=caseworker, keys=keys)
    results.record(
        row=ReferralResult.objects.get(), result="in_part", wrong="", by=caseworker, keys=keys
    )
    purging.purge(tip=tip)
    assert count() == NOTHING._replace(drafted=1, sent=1, confirmed=1, answered=1)
    assert count(days=380) == NOTHING


def test_what_is_withdrawn_and_what_is_corrected_counts(referral, tip, caseworker, second, keys):
    handing.export(referral, by=caseworker, keys=keys)
    new = corrections.begin(
        referral=referral, changed="The number.", by=caseworker, keys=newest_keys()
    )
    for member in (caseworker, second):
        approve(new, by=member, keys=keys)
    handing.export(new, by=caseworker, keys=keys)
    police_referrals.withdraw(referral=referral, by=caseworker)
    assert count() == NOTHING._replace(drafted=2, sent=2, corrected=1, withdrawn=1, stuck=1)


def test_results_count_by_the_weakest_letter_and_what_does_not_open_in_none(passphrase, keys):
    for number, (letter, result) in enumerate(
        [
            ("B", "borne_out"),
            ("B", "in_part"),
            ("D", "not_borne_out"),
            ("A", "borne_out"),
            ("B", ""),
        ]
    ):
        row(number, letter, result)
    row(7, "A", "borne_out", weeks_ago=60)
    ReferralResult.objects.filter(pk=row(8, "A", "borne_out").pk).update(sealed=b"x")
    assert year.by_letter(today=full_month(), keys=keys) == {"A": (1, 1), "B": (2, 1), "D": (1, 0)}
    assert (count().confirmed, count().answered) == (6, 5)


def test_a_mark_counts_unless_it_was_taken_off_or_undone(send, caseworker, keys):
    tips = [send() for _ in range(4)]
    press = undoing.new_press()
    for tip in tips:
        malicious.mark(
            tip=tip, malicious=True, by=caseworker, press=press if tip == tips[0] else ""
        )
    assert count().marked == 4
    malicious.mark(tip=tips[1], malicious=False, by=caseworker)
    undoing.undo(press=press, by=caseworker, keys=keys)
    assert count().marked == 2
    purging.purge(tip=tips[2])
    assert count().marked == 2, "a deleted tip too"
