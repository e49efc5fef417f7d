"""Maintenance: all jobs in one go, quiet when there is nothing to do, plain about a database that is down."""

from datetime import UTC, datetime, time, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from reports.domain import state_files
from reports.domain.health import faults, heartbeat
from reports.domain.intake import outbox, receiving
from reports.models import FiguresRelease, Notice, Tip
from reports.sealing import receipts
from tests.reports.domain.figures.test_counting import RELEASE_DAY, counted
from tests.reports.domain.health.test_heartbeat import beat


def test_tend_drains_refreshes_the_form_and_key_files_the_alarm(
    passphrase,
    capsys,
    settings,
    time_machine,
):
    time_machine.move_to(None, tick=False)  # no quarter of an hour begins meanwhile
    receiving.accept(token=receipts.new_token(), answers={"what": "A van.", "danger": "yes"})
    call_command("run_maintenance")
    assert capsys.readouterr().out == "", "the journal would tell in which minute a tip came"
    assert Tip.objects.count() == 1
    assert (settings.STATE_DIR / "form.json").exists()
    begins = Tip.objects.get().alarm_at
    assert begins is not None
    assert begins > timezone.now()
    assert not Notice.objects.filter(kind=Notice.Kind.URGENT).exists()
    Tip.objects.update(alarm_at=timezone.now() - timedelta(minutes=1))
    call_command("run_maintenance")
    assert Notice.objects.filter(kind=Notice.Kind.URGENT).exclude(sent_at=None).exists()


def test_tend_forgets_old_sessions_and_staff_addresses(passphrase):
    now = timezone.now()
    Session.objects.create(
        session_key="a" * 40, session_data="", expire_date=now - timedelta(seconds=1)
    )
    Session.objects.create(
        session_key="b" * 40, session_data="", expire_date=now + timedelta(hours=1)
    )
    AccessAttempt.objects.create(username="old", ip_address="192.0.2.1", failures_since_start=1)
    AccessAttempt.objects.update(attempt_time=now - timedelta(days=31))
    AccessAttempt.objects.create(username="new", ip_address="192.0.2.1", failures_since_start=1)
    call_command("run_maintenance")
    assert list(Session.objects.values_list("session_key", flat=True)) == ["b" * 40]
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["new"]


def test_tend_tells_of_unread_tips_and_of_figures_that_came_out(
    passphrase, mailoutbox, time_machine
):
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
    counted(40)
    receiving.accept(token=receipts.new_token(), answers={"what": "A van."})
    beat(datetime.combine(RELEASE_DAY, time(8), tzinfo=UTC))
    time_machine.move_to(datetime.combine(RELEASE_DAY, time(9), tzinfo=UTC))
    call_command("run_maintenance")
    assert "Streetlight: unread tips waiting" in [message.subject for message in mailoutbox]
    assert FiguresRelease.objects.exists()


def test_a_database_that_does_not_answer_is_told_by_file_and_mail_and_keeps_the_tip(
    passphrase, mailoutbox, time_machine
):
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))

    def refuse(*args):
        raise OperationalError

    call_command("run_maintenance")
    receiving.accept(token=receipts.new_token(), answers={"what": "A van."})
    now = timezone.now()
    for minute in (1, 4, 6, 7):
        time_machine.move_to(now + timedelta(minutes=minute))
        with (
            connection.execute_wrapper(refuse),
            pytest.raises(CommandError, match="wait in the outbox"),
        ):
            call_command("run_maintenance")
    assert len(outbox.waiting()) == 1
    assert faults.DATABASE.id in heartbeat.read().causes
    told = [
        message
        for message in mailoutbox
        if message.subject == "Streetlight: the site needs attention"
    ]
    assert [(message.to, "does not answer" in message.body) for message in told] == [
        (["duty@example.org"], True)
    ]
    call_command("run_maintenance")
    assert faults.DATABASE.id not in heartbeat.read().causes
