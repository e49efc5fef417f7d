"""Each cause is found, stands on pages and for monitors, and says in a sentence what to do."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from newsroom.domain import failing_since, last_asked
from reports.domain import desk
from reports.domain.health import examination, heartbeat, machine
from reports.domain.health.causes import SENTENCES, Cause
from reports.domain.intake import outbox
from reports.domain.maintenance import run_end
from reports.domain.people import second_factors
from reports.models import Node
from reports.sealing import keyring
from tests import hostile_names
from tests.factories import make_desk
from tests.reports.domain.intake.test_outbox import make

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def found() -> set[Cause]:
    return examination.found(beat=heartbeat.read(), now=timezone.now(), failed=(), held=False)


def test_every_cause_has_its_two_sentences() -> None:
    assert set(SENTENCES) == set(Cause)
    assert all(str(cause.what).endswith(".") and str(cause.do) for cause in Cause)
    assert len(" ".join(Cause)) <= (Node._meta.get_field("causes").max_length or 0)


def test_a_sound_machine_has_none_and_before_there_is_a_desk_nothing_is_wrong_with_its_key(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "is_full", lambda: False)
    assert found() == set()
    make_desk(officer)
    with heartbeat.changing() as beat:
        beat.certificate["ends"] = heartbeat.stamp(timezone.now() + timedelta(days=15))
    assert found() == set()


def without_key(patch: pytest.MonkeyPatch) -> None:
    (desk.folder() / "desk.pub").unlink()


def unreadable_file(patch: pytest.MonkeyPatch) -> None:
    (outbox.folder() / make().name).mkdir()


def damaged_file(patch: pytest.MonkeyPatch) -> None:
    (outbox.folder() / ".damaged-x").touch()


def no_outbox(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "stuck", lambda: Path("/proc/nothing").stat())


def one_store(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "stores", lambda: {outbox.folder(): True, Path("/mnt"): False})


def full_disk(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(machine, "is_full", lambda: True)


def ending_certificate(patch: pytest.MonkeyPatch) -> None:
    with heartbeat.changing() as beat:
        beat.certificate["ends"] = heartbeat.stamp(timezone.now() + timedelta(days=13))


def no_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(machine, "full", lambda: [Path("/var")])


def silent_machine(patch: pytest.MonkeyPatch) -> None:
    ago = timezone.now() - timedelta(hours=1)
    Node.objects.create(id="f" * 32, name="public1", key_index=1, since=ago, seen_at=ago)


def late_pages(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(last_asked, "age", lambda: 301.0)


def failing_pages(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(failing_since, "age", lambda: 301.0)


def lost_factor_key(patch: pytest.MonkeyPatch) -> None:
    second_factors.new_app(user=User.objects.create(username="nia"), key="ab" * 20)
    TOTPDevice.objects.update(confirmed=True)
    second_factors.path().unlink()


def swapped_key(patch: pytest.MonkeyPatch) -> None:
    stranger = keyring.recipient_of(keyring.new_identity())
    (desk.folder() / "desk.pub").write_text(f"# streetlight desk key 1\n{stranger}\n")


def strange_row(patch: pytest.MonkeyPatch) -> None:
    hostile_names.drop_constraints()
    hostile_names.put("INSERT INTO newsroom_topic (slug, name) VALUES (%s, 'x')", "../../desk/desk.pub")


FALLS: dict[Callable[[pytest.MonkeyPatch], None], Cause] = {
    without_key: Cause.KEY,
    unreadable_file: Cause.OUTBOX,
    damaged_file: Cause.OUTBOX,
    no_outbox: Cause.OUTBOX,
    one_store: Cause.STORE,
    late_pages: Cause.PAGES,
    failing_pages: Cause.PAGES,
    full_disk: Cause.DISK,
    no_room: Cause.FULL,
    ending_certificate: Cause.CERTIFICATE,
    silent_machine: Cause.MACHINES,
    lost_factor_key: Cause.FACTORS,
    swapped_key: Cause.SWAPPED,
    strange_row: Cause.ROWS,
}
OF_A_DESK = {Cause.MACHINES, Cause.FACTORS, Cause.SWAPPED}
NEED_DATABASE = OF_A_DESK | {Cause.ROWS}


@pytest.mark.parametrize(("fall_ill", "cause"), FALLS.items(), ids=lambda each: getattr(each, "__name__", each))
def test_each_cause_is_found(
    phrase: str, monkeypatch: pytest.MonkeyPatch, fall_ill: Callable[[pytest.MonkeyPatch], None], cause: Cause
) -> None:
    monkeypatch.setattr(machine, "is_full", lambda: False)
    fall_ill(monkeypatch)
    assert found() == {cause}
    alone = examination.without_database(beat=heartbeat.read(), now=timezone.now())
    assert (cause in alone) is (cause not in NEED_DATABASE)


def test_a_full_disk_explains_what_only_room_mends_and_nothing_else(
    phrase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    for fall_ill in (damaged_file, full_disk, late_pages, ending_certificate):
        fall_ill(monkeypatch)

    def alone() -> set[Cause]:
        return examination.without_database(beat=heartbeat.read(), now=now)

    every = {Cause.DATABASE, Cause.OUTBOX, Cause.DISK, Cause.PAGES, Cause.CERTIFICATE}
    assert alone() == every, "the control"
    no_room(monkeypatch)
    assert alone() == {Cause.FULL, Cause.CERTIFICATE} | ({Cause.DATABASE} - {*explained_by_sqlite()})
    with_jobs = examination.found(beat=heartbeat.read(), now=now, failed=["drain"], held=False)
    assert with_jobs == {Cause.FULL, Cause.CERTIFICATE}


def explained_by_sqlite() -> list[Cause]:
    """Return what a full disk explains of the database: where it is a file, that it does not answer."""
    return [Cause.DATABASE] if connection.vendor == "sqlite" else []


def test_other_machines_second_factors_and_the_key_event_are_the_business_of_a_machine_with_a_desk(
    phrase: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent_machine(monkeypatch)
    lost_factor_key(monkeypatch)
    swapped_key(monkeypatch)
    assert found() >= OF_A_DESK
    settings.SITE_ROLE = "public"
    assert not found() & OF_A_DESK


def test_pages_and_monitors_are_told_what_maintenance_found_and_that_it_is_late(phrase: str) -> None:
    now = timezone.now()
    run_end.close(now=now, done=["drain"], failed={}, held=False)
    with heartbeat.changing() as beat:
        beat.causes = {}
    assert (examination.standing(now=now), examination.is_well(now=now)) == ([], True)
    with heartbeat.changing() as beat:
        beat.causes = {"disk": beat.at, "of-a-later-version": beat.at}
    assert (examination.standing(now=now), examination.is_well(now=now)) == ([Cause.DISK], False)
    later = now + timedelta(minutes=12)
    assert examination.standing(now=later) == [Cause.MAINTENANCE, Cause.DISK]


def test_a_refused_notice_is_for_the_desk_alone_as_it_tells_that_something_came(phrase: str) -> None:
    now = timezone.now()
    with heartbeat.changing() as beat:
        beat.at, beat.causes = heartbeat.stamp(now), {"refused": heartbeat.stamp(now)}
    assert examination.standing(now=now) == [Cause.REFUSED]
    assert examination.is_well(now=now) is True
