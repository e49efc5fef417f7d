"""The first screen says what is wrong with the site, and what to do."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from reports.domain.health import clock, faults, heartbeat
from reports.models import AuditAct, AuditEvent
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in

pytestmark = pytest.mark.django_db
ILL = "This site needs attention"


def first_screen(user):
    return sign_in(user).get("/admin/").text


@pytest.mark.parametrize("role", ["Team lead", "Caseworker", "Editor", "Auditor"])
def test_every_member_sees_that_maintenance_is_late(passphrase, role):
    call_command("run_maintenance")
    assert ILL not in first_screen(make_user("ma", role))
    with heartbeat.changing() as beat:
        beat.at = heartbeat.stamp(timezone.now() - timedelta(minutes=12))
    page = first_screen(make_user("mo", role))
    assert ILL in page
    assert "Maintenance has not run for ten minutes" in page


def jumped():
    """Let the clock be far from where it was."""
    call_command("run_maintenance")
    with heartbeat.changing() as beat:
        beat.trusted = heartbeat.stamp(timezone.now() - timedelta(days=30))
        beat.causes = {faults.CLOCK.id: beat.at}


def test_a_team_lead_confirms_the_date_that_the_page_shows(passphrase, team_lead):
    jumped()
    client = sign_in(team_lead)
    assert f"Confirm that it is {timezone.localdate():%A}" in client.get("/admin/").text
    answer = client.post("/admin/clock/", follow=True)
    assert "Within a minute maintenance will delete and publish" in answer.text
    assert not clock.is_held(now=timezone.now())
    assert AuditEvent.objects.filter(act=AuditAct.CONFIRMED_CLOCK).exists()


def test_nobody_else_does(passphrase, caseworker):
    jumped()
    client = sign_in(caseworker)
    page = client.get("/admin/").text
    assert ILL in page
    assert "Confirm that it is" not in page
    assert client.post("/admin/clock/").status_code == 403
    assert clock.is_held(now=timezone.now())
