"""What was hidden from a member stays hidden: a referral, what outlives it, its events and what figures tell of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain.errors import Hidden
from reports.domain.referrals import departure, police_referrals, year
from reports.domain.tips import recusal
from reports.models import AuditEvent, Referral, ReferralResult
from tests.factories import shown
from tests.reports import handing, purging, telling
from tests.reports.handing import newest_keys


@pytest.fixture
def left(tip, caseworker, second, keys):
    """Return a referral of two tips that left and that the police confirmed; the second knows someone in one tip."""
    other = telling.tell("Another van.", police="yes")
    handing.make_ready(other, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip, other], by=caseworker, keys=newest_keys())
    for member in (caseworker, second):
        handing.approve(referral, by=member, keys=keys)
    handing.export(referral, by=caseworker, keys=keys)
    receipt = {"reference": "URN 1", "who": "PC Doe", "reauthentication": shown(caseworker)}
    departure.confirm(referral=referral, **receipt, by=caseworker, keys=keys)
    return referral


@pytest.mark.parametrize("recused", [True, False])
def test_a_referral_stays_hidden_when_the_tip_is_gone_that_hid_it(
    left, tip, caseworker, second, *, keys, recused
):
    if recused:
        recusal.recuse(tip=tip, by=second, reason="My brother.", keys=keys)
    purging.purge(tip=tip)
    shows_it = Referral.objects.visible_to(second).exists()
    shows_row = ReferralResult.objects.visible_to(second).exists()
    assert [shows_it, shows_row] == [not recused] * 2
    assert Referral.objects.visible_to(caseworker).exists(), "for others it is there"
    if recused:
        with pytest.raises(Hidden):
            police_referrals.read(referral=left, by=second, keys=keys)


@pytest.mark.parametrize("recused", [True, False])
def test_the_row_stays_hidden_when_all_its_tips_are_gone(left, tip, second, keys, recused):
    tips = [part.tip for part in left.parts.select_related("tip")]
    if recused:
        recusal.recuse(tip=tip, by=second, reason="My brother.", keys=keys)
    for one in tips:
        purging.purge(tip=one)
    assert not Referral.objects.exists()
    assert ReferralResult.objects.visible_to(second).exists() is not recused


def test_a_tip_that_is_hidden_from_nobody_leaves_no_such_event(left, tip):
    purging.purge(tip=tip)
    assert not AuditEvent.objects.filter(act="kept-referral-hidden").exists()


def test_a_year_says_nothing_of_the_month_under_way(left, caseworker):
    today = timezone.localdate()
    next_month = today.replace(day=1) + timedelta(days=32)
    assert year.count(today=today, by=caseworker).sent == 0
    assert year.count(today=next_month, by=caseworker).sent == 1
