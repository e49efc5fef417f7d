"""A clock that jumps deletes and releases nothing until a team lead has looked at it."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.errors import JobsFailed, Refused
from reports.domain.health import clock, heartbeat
from reports.domain.health.faults import CLOCK
from reports.domain.maintenance import jobs
from reports.models import AuditAct, AuditEvent, FiguresRelease, Node, Tip
from tests.factories import make_desk
from tests.reports.domain.figures.test_counting import counted
from tests.reports.domain.health.test_heartbeat import beat
from tests.reports.purging import decide
from tests.reports.unrecorded import record_broken

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now(passphrase):
    """Return an instant at which maintenance has just run."""
    at = timezone.now()
    beat(at)
    return at


def tend_at(moment):
    """Run maintenance by this clock."""
    held = clock.is_held(now=moment)
    with (
        time_machine.travel(moment),
        pytest.raises(JobsFailed, match="clock") if held else nullcontext(),
    ):
        jobs.run_all()


def test_a_clock_is_believed_within_seven_days_of_the_last_heartbeat(now, settings):
    days = (-8, -6, 0, 6, 8, 200)
    assert [clock.is_held(now=now + day * DAY) for day in days] == [
        True,
        False,
        False,
        False,
        True,
        True,
    ]
    settings.DEMO = True
    assert clock.is_held(now=now + 200 * DAY) is False


def test_before_the_first_heartbeat_the_record_says_what_time_it_is(caseworker):
    assert clock.is_held(now=timezone.now() + 200 * DAY) is False, "there is no record to say it"
    make_desk(caseworker)
    newest = AuditEvent.objects.latest("at").at
    assert [clock.is_held(now=newest + day * DAY) for day in (0, 8)] == [False, True]


def test_a_public_machine_believes_a_clock_that_another_machine_shares(now, settings):
    later = now + 9 * DAY
    Node.objects.create(id="f" * 32, name="staff", key_index=1, since=now, seen_at=later)
    assert clock.is_held(now=later) is True
    settings.SITE_ROLE = "public"
    assert clock.is_held(now=later) is False
    assert clock.is_held(now=now + 30 * DAY) is True


def test_two_hundred_days_at_once_delete_nothing_until_a_team_lead_confirms(now, send, team_lead):
    counted(40)
    send()
    decide(Tip.objects.filter(opened=False)[0], status="spam", week=now.date())
    tips = Tip.objects.count()
    state_files.refresh_form(line="open")
    later = now + 200 * DAY
    for minute in range(3):
        tend_at(later + timedelta(minutes=minute))
    assert (Tip.objects.count(), FiguresRelease.objects.count()) == (tips, 0)
    assert state_files.form_state().line == "open", (
        "by a wrong clock nobody has read for months, and the form closes"
    )
    assert CLOCK.id in heartbeat.read().causes
    with time_machine.travel(later):
        clock.confirm(by=team_lead)
    tend_at(later)
    assert Tip.objects.count() < tips
    assert FiguresRelease.objects.exists()
    assert CLOCK.id not in heartbeat.read().causes


def test_a_clock_that_was_set_right_again_is_believed_by_itself(now):
    tend_at(now + 200 * DAY)
    assert CLOCK.id in heartbeat.read().causes
    tend_at(now + DAY)
    assert CLOCK.id not in heartbeat.read().causes


def test_only_a_team_lead_confirms_and_it_is_recorded(now, caseworker, team_lead, time_machine):
    later = now + 9 * DAY
    time_machine.move_to(later)
    with pytest.raises(Refused, match="Only a team lead"):
        clock.confirm(by=caseworker)
    with record_broken(), pytest.raises(Exception, match="full"):
        clock.confirm(by=team_lead)
    assert clock.is_held(now=later) is True
    clock.confirm(by=team_lead)
    assert [clock.is_held(now=later + days * DAY) for days in (0, 8)] == [False, True]
    assert AuditEvent.objects.filter(act=AuditAct.CONFIRMED_CLOCK, actor="lena").count() == 1


def test_what_else_was_recorded_by_a_wrong_clock_confirms_nothing(now, caseworker, time_machine):
    later = now + 9 * DAY
    time_machine.move_to(later)
    audit_log.record(by=caseworker, act=AuditAct.SIGNED_IN)
    assert clock.is_held(now=later) is True
