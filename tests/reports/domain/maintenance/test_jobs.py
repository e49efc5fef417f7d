"""A run of maintenance: a job that fails stops no other, and however it ends the heartbeat says so."""

import os
from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from reports.domain import state_files
from reports.domain.errors import JobsFailed
from reports.domain.health import clock, faults, heartbeat
from reports.domain.intake import outbox
from reports.domain.maintenance import jobs, notices
from reports.domain.outcomes import appeals
from reports.models import Outcome, OutcomeStatus

pytestmark = [pytest.mark.engine, pytest.mark.django_db, pytest.mark.usefixtures("passphrase")]


@pytest.fixture
def ran(monkeypatch):
    """Return the names of the jobs that a run begins."""
    begun = []

    def watched(job):
        def do(*, now):
            begun.append(str(job.name))
            job.do(now=now)

        return job._replace(do=do)

    monkeypatch.setattr(jobs, "JOBS", tuple(map(watched, jobs.JOBS)))
    return begun


def test_a_sound_run_has_done_every_job(ran):
    jobs.run_all()
    assert ran == [str(job.name) for job in jobs.JOBS]
    assert heartbeat.read().failed == []
    assert heartbeat.read().causes.keys() <= {faults.DISK.id}


def test_a_job_that_fails_is_named_and_stops_no_other(monkeypatch):
    def fail():
        raise ValueError

    monkeypatch.setattr(appeals, "publish", fail)
    with pytest.raises(
        JobsFailed, match=r"jobs fail\. \(streetlight.E055: publishing the figures and the results"
    ):
        jobs.run_all()
    beat = heartbeat.read()
    assert beat.failed == ["publishing the figures and the results of appeals"]
    assert faults.JOBS.id in beat.causes


def test_since_when_something_is_wrong_is_never_later_than_now():
    (outbox.folder() / ".damaged-x").touch()
    with heartbeat.changing() as beat:
        beat.causes = {faults.UNREADABLE.id: heartbeat.stamp(timezone.now() + timedelta(days=300))}
    with pytest.raises(JobsFailed):
        jobs.run_all()
    beat = heartbeat.read()
    assert beat.causes[faults.UNREADABLE.id] == beat.at, "it would not be mailed for 300 days"


def test_a_run_releases_the_public_result_that_is_due(approved, settings):
    settings.OUTCOME_HOUR = 0
    jobs.run_all()
    assert Outcome.objects.get().status == OutcomeStatus.APPROVED, "it was approved today"
    Outcome.objects.update(approved_on=timezone.localdate() - timedelta(days=1))
    jobs.run_all()
    assert Outcome.objects.get().status == OutcomeStatus.RELEASED


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_that_does_not_answer_is_told(error):
    jobs.run_all()

    def refuse(*args):
        raise error

    with connection.execute_wrapper(refuse), pytest.raises((error, JobsFailed)):
        jobs.run_all()
    assert faults.DATABASE.id in heartbeat.read().causes


def unreadable(**_options):
    """Fail as SQLite's driver does at a row that is no UTF-8: by its kind alone, the database might be gone."""
    raise OperationalError("Could not decode to UTF-8 column")


def test_a_row_that_cannot_be_read_fails_its_job_alone(monkeypatch):
    monkeypatch.setattr(outbox, "drain", unreadable)
    with pytest.raises(JobsFailed, match="moving what came into the database"):
        jobs.run_all()
    beat = heartbeat.read()
    assert beat.failed == ["moving what came into the database"]
    assert (faults.JOBS.id in beat.causes, faults.DATABASE.id in beat.causes) == (True, False)


def test_a_state_folder_that_cannot_be_read_is_told_all_the_same(settings, monkeypatch, mailoutbox):
    """Somebody copied it back as root: no file in it can be looked at, and the heartbeat lies in memory."""
    settings.MAIL_OPERATOR = "it@example.org"

    def refuse(name):
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(state_files, "has_file", refuse)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    for _run in range(2):
        with pytest.raises(JobsFailed, match="belong to another user"):
            jobs.run_all()
        with heartbeat.changing() as beat:
            beat.causes = dict.fromkeys(
                beat.causes, heartbeat.stamp(timezone.now() - notices.STANDS)
            )
    assert [*heartbeat.read().causes] == [faults.OWNER.id]
    (message,) = mailoutbox
    assert str(faults.OWNER.what) in message.body


def test_what_cannot_be_undone_waits_while_the_clock_is_not_believed(monkeypatch, send, ran):
    monkeypatch.setattr(clock, "is_held", lambda *, now: True)
    state_files.refresh_form(line="unwatched")
    with pytest.raises(JobsFailed, match="until a team lead confirms the date"):
        jobs.run_all()
    assert ran == [str(job.name) for job in jobs.JOBS if not job.is_final]
    assert state_files.form_state().line == "unwatched"


def test_a_public_machine_does_none_of_the_desks_jobs(settings, monkeypatch, ran):
    settings.SITE_ROLE = "public"
    monkeypatch.setattr(jobs.database_roles, "require", lambda: None)
    jobs.run_all()
    assert ran == [str(job.name) for job in jobs.JOBS if not job.needs_desk]
