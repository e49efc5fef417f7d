"""The doctor says of each thing whether it is good or what to do; none keeps the others from being looked at."""

import dataclasses
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from newsroom.domain import failing_since, last_asked, strange_rows
from reports.domain import backup, database_roles, desk
from reports.domain.audit import verification
from reports.domain.backup import mirror_upkeep
from reports.domain.database_roles import Difference
from reports.domain.health import clock, heartbeat, machine, rights, units
from reports.domain.intake import outbox, stores
from reports.domain.keys import ring
from reports.domain.people import second_factors
from reports.management import doctor
from reports.models import Member, Node, RingMark

pytestmark = pytest.mark.django_db

STARTED = timezone.now()


@pytest.fixture(autouse=True)
def well(phrase: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be as it should."""
    desk.save_profile(desk.Profile(duty_email="duty@example.org"))
    call_command("tend")
    settings.MAIL_HOST = "mail.example.org"
    settings.HTTPS, settings.SITE_ORIGIN = True, "https://example.org"
    monkeypatch.setattr(machine, "certificate_ends", lambda: timezone.now() + timedelta(days=60))
    monkeypatch.setattr(machine, "room", lambda: {desk.folder(): 0.5})
    monkeypatch.setattr(backup, "newest_verified", timezone.now)
    monkeypatch.setattr(rights, "loose", list)
    monkeypatch.setattr(rights, "closed", list)
    monkeypatch.setattr(units, "units", lambda: [units.Unit(name, is_there=True) for name in units.UNITS])
    monkeypatch.setattr(units, "clock_is_set", lambda: True)


def lines() -> list[doctor.Line]:
    return list(doctor.examine(now=timezone.now()))


def problems() -> list[str]:
    """Return what is to be looked at; each says what to do."""
    found = [line for line in lines() if line.good is False]
    assert all(line.do for line in found)
    return [line.says for line in found]


def gives(value: Any) -> Callable[..., Any]:
    """Return what answers so, whatever it is asked."""
    return lambda **_facts: value


def beat(**changed: Any) -> Callable[[], heartbeat.Heartbeat]:
    """Return what reads the last heartbeat but for this."""
    read = heartbeat.read
    return lambda: dataclasses.replace(read(), **changed)


def test_a_site_that_is_well_has_only_good_lines_and_shows_its_versions_and_fingerprint() -> None:
    assert {line.good for line in lines()} == {True}
    said = " ".join(line.says for line in lines())
    assert f"Streetlight {doctor.version()}, Django 6" in said
    assert "desk key 1, fingerprint " in said


HERE, DAYS_AGO = current.STATE_DIR, heartbeat.stamp(STARTED - timedelta(days=5))
FULL = stores.Store("outbox", HERE, works=False)
ONE_OF_TWO = [FULL, stores.Store("mirror", HERE, works=True)]
SICK = units.Unit("streetlight-tend.timer", is_there=True, problem="it is inactive")
ABSENT = [units.Unit(name, is_there=False) for name in ("streetlight-tend.timer", "nginx.service")]
ANSWERS: list[tuple[Any, str, Any, str]] = [  # who is asked for what, the answer, and the line
    (second_factors, "fits", gives(False), "desk/factor_key is missing or another one"),
    (verification, "head_problems", gives(["The record was cut off."]), "The record was cut off."),
    (outbox, "states", gives([FULL]), "The outbox cannot store a tip."),
    (outbox, "states", gives(ONE_OF_TWO), "One of the outbox’s two stores fails: the outbox."),
    (outbox, "damaged", gives(1), "The outbox holds files that cannot be read: 1."),
    (backup, "newest_verified", gives(None), "No backup has been verified yet."),
    (backup, "is_late", gives(True), "No backup has been verified since"),
    (mirror_upkeep, "keeps_all", gives(True), "Backups lie on the same disk as the database"),
    (heartbeat, "read", beat(at="", jobs={}), "Maintenance has not run yet."),
    (heartbeat, "read", beat(at=DAYS_AGO), "Maintenance has not run since"),
    (heartbeat, "read", beat(jobs={"deletion": DAYS_AGO}), "Its job “deletion” last succeeded on"),
    (heartbeat, "read", beat(causes={"refused": ""}), "A notice could not be mailed."),
    (heartbeat, "read", beat(causes={"mail": ""}), "The mail server does not take our mail"),
    (failing_since, "age", gives(90.0), "No new pages could be made for 90 seconds."),
    (last_asked, "read", gives(last_asked.LastAsked(7, 0.0)), "Its pages show what changed up to"),
    (clock, "is_held", gives(True), "The machine’s clock is more than seven days"),
    (units, "clock_is_set", gives(False), "Nothing sets this machine’s clock."),
    (current, "MAIL_HOST", "", "No mail server is set"),
    (desk, "profile", gives(desk.Profile()), "Nobody is named who gets urgent notices."),
    (machine, "room", gives({HERE: 0.07}), "has 7% of its disk left."),
    (machine, "certificate_ends", gives(STARTED + timedelta(days=13)), "The site’s certificate ends on"),
    (machine, "certificate_ends", gives(datetime(2026, 2, 3, tzinfo=UTC)), "certificate ended on 03 Feb 2026."),
    (rights, "loose", gives(["a", "b", "c", "d"]), "is the service’s alone: a, b, c and 1 more."),
    (rights, "closed", gives(["edition"]), "nginx cannot read what it must serve, so readers get an error: edition."),
    (units, "units", gives([SICK]), "streetlight-tend.timer: it is inactive."),
    (units, "units", gives(ABSENT), "streetlight-tend.timer is not installed."),
    (strange_rows, "tables", gives(["newsroom_area"]), "as the site never does: newsroom_area."),
    (ring, "desk_pub_differs", gives(True), "desk.pub is not the key that the desk made last"),
]


def test_each_illness_has_its_line_and_no_other_thing_is_called_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    for asked, name, answer, says in ANSWERS:
        with monkeypatch.context() as patch:
            patch.setattr(asked, name, answer)
            found = problems()
        assert len(found) == 1, (says, found)
        assert says in found[0]


STATES: dict[str, Callable[[Path], object]] = {  # the line, and what is wrong in the desk's folder or the database
    "desk.pub. Run": lambda folder: (folder / "desk.pub").unlink(),
    "desk.pub is desk key 1, and the desk’s newest is 2.": lambda folder: RingMark.objects.update(key_index=2),
    "desk.pub is desk key 1, and the database knows only 0.": lambda folder: RingMark.objects.update(key_index=0),
    "The database knows no desk.": lambda folder: RingMark.objects.all().delete(),
    "ring.age.": lambda folder: (folder / "ring.age").unlink(),
    "ring.age is not the file that the desk last wrote": lambda folder: (folder / "ring.age").write_bytes(b"another"),
    "Others can read": lambda folder: (folder / "ring.age").chmod(0o640),
    "The machine public1: It has not reported for ten minutes": lambda folder: Node.objects.create(
        id="f" * 32, name="public1", key_index=1, since=STARTED, seen_at=STARTED - timedelta(hours=3)
    ),
}


@pytest.mark.parametrize(("says", "fall_ill"), STATES.items(), ids=lambda each: each if isinstance(each, str) else "")
def test_each_thing_that_is_not_as_it_should_be_has_its_line(says: str, fall_ill: Callable[[Path], object]) -> None:
    fall_ill(desk.folder())
    (found,) = problems()
    assert says in found


def test_a_ring_that_the_next_unlock_puts_in_place_is_good() -> None:
    (desk.folder() / "ring.age").rename(desk.folder() / "ring.age.next")
    (desk.folder() / "ring.age").write_bytes(b"the older one")
    (desk.folder() / "ring.age").chmod(0o600)
    assert problems() == []


def test_a_public_machine_has_no_ring_and_few_rights(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SITE_ROLE = "public"
    monkeypatch.setattr(database_roles, "compare", lambda: Difference([], []))
    assert problems() == ["The ring lies on a public machine."]
    (desk.folder() / "ring.age").unlink()
    assert problems() == []
    monkeypatch.setattr(database_roles, "compare", lambda: Difference(["DELETE reports_tip"], []))
    assert problems() == ["This machine’s database login may do 1 things too much, and lacks 0 rights."]


def test_what_cannot_be_asked_here_is_neither_good_nor_bad(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> list[units.Unit]:
        raise subprocess.TimeoutExpired("systemctl", 10)

    settings.HTTPS = False
    monkeypatch.setattr(units, "units", hang)
    monkeypatch.setattr(units, "clock_is_set", lambda: None)
    assert problems() == []
    assert [line.says.partition(":")[0] for line in lines() if line.good is None] == [
        "There is no certificate to look at",
        "Services and timers",
    ]


def test_without_a_database_all_else_is_looked_at_and_nothing_is_said_that_is_not_so() -> None:
    def silent(*args: object) -> None:
        raise OperationalError

    with connection.execute_wrapper(silent):
        found = lines()
        (desk.folder() / "desk.pub").unlink()
        without_a_key = " ".join(problems())
    assert [line.says for line in found if line.good is False] == [
        "The database does not answer (OperationalError). Tips are received all the same, and wait."
    ]
    assert [line.says.partition(":")[0] for line in found if line.good is None] == [
        "Ring and database",
        "Rows of the news",
        "Second factors",
        "The audit log",
        "Backups",
        "The clock",
        "Other machines",
    ]
    assert "The database does not answer (OperationalError)." in without_a_key
    assert "received all the same" not in without_a_key


def test_a_full_disk_beside_another_that_takes_tips_does_not_say_that_none_can_be_received(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    monkeypatch.setattr(machine, "full", lambda: [settings.STATE_DIR])
    alone = doctor.root_cause()
    settings.OUTBOX_MIRROR = tmp_path
    assert [line.says.partition(" is full. ")[2] for line in (alone, doctor.root_cause()) if line] == [
        "No tip can be received now.",
        "Tips are received all the same.",
    ]


def test_an_older_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unapplied(*args: object, **options: object) -> None:
        assert options["check_unapplied"]
        raise SystemExit(1)

    monkeypatch.setattr(doctor, "call_command", unapplied)
    assert problems() == ["The database is older than the code."]


def test_what_breaks_while_it_is_looked_at_is_a_line_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> dict[object, float]:
        raise RuntimeError("marmalade")

    monkeypatch.setattr(machine, "room", fail)
    assert problems() == ["Disks: could not be looked at (RuntimeError)."]


def test_a_database_that_is_gone_is_told_before_all_else_and_nobody_is_sent_to_prepare(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    Member.objects.all().delete()
    with pytest.raises(SystemExit):
        call_command("doctor")
    said = capsys.readouterr().out
    assert said.splitlines()[2].startswith("LOOK  The database of this desk is gone. Do not run prepare.")
    assert f"\n        {settings.MANAGE_COMMAND} restore --from FOLDER\n" in said
    assert "manage prepare" not in said
    assert "Nothing else was looked at" in said


def test_before_there_is_a_database_prepare_is_what_makes_it(settings: Settings, tmp_path: Path) -> None:
    settings.DATABASE_FILE, settings.STATE_DIR = tmp_path / "db.sqlite3", tmp_path
    line = next(line for line in lines() if "There is no database yet." in line.says)
    assert (line.good, line.do) == (False, f"Make it: {desk.command('prepare')}")
    assert doctor.root_cause() is None
