"""The doctor says of each thing whether it is good or what to do; none keeps the others from being looked at."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from newsroom.domain import failing_since, last_asked
from reports.domain import backup, database_roles, desk
from reports.domain.backup import mirror_upkeep
from reports.domain.database_roles import Difference
from reports.domain.health import clock, heartbeat, machine, rights, units
from reports.domain.intake import outbox, stores
from reports.domain.people import second_factors
from reports.management import doctor
from reports.models import Member, Node, RingMark
from reports.sealing import keyring
from tests import hostile_names
from tests.reports.domain.intake.test_outbox import make

pytestmark = pytest.mark.django_db

type Ill = Callable[[pytest.MonkeyPatch, Settings], None]


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


def test_a_site_that_is_well_has_only_good_lines_and_shows_its_versions_and_fingerprint() -> None:
    assert {line.good for line in lines()} == {True}
    said = " ".join(line.says for line in lines())
    assert f"Streetlight {doctor.version()}, Django 6" in said
    assert "desk key 1, fingerprint " in said


def no_key(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    (desk.folder() / "desk.pub").unlink()


def older_key(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    RingMark.objects.update(key_index=2)


def newer_key(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    RingMark.objects.update(key_index=0)


def swapped_key(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    stranger = keyring.recipient_of(keyring.new_identity())
    (desk.folder() / "desk.pub").write_text(f"# streetlight desk key 1\n{stranger}\n")


def strange_row(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    hostile_names.drop_constraints()
    hostile_names.put("INSERT INTO newsroom_area (slug, name, estates) VALUES (%s, 'x', '')", "../../desk/desk.pub")


def other_ring(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    (desk.folder() / "ring.age").write_bytes(b"another")


def no_ring(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    (desk.folder() / "ring.age").unlink()


def open_ring(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    (desk.folder() / "ring.age").chmod(0o640)


def ring_on_public(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.SITE_ROLE = "public"
    patch.setattr(database_roles, "compare", lambda: Difference([], []))


def no_desk(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    RingMark.objects.all().delete()


def lost_factor_key(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(second_factors, "fits", lambda: False)


def full_outbox(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(outbox, "states", lambda: [stores.Store("outbox", outbox.folder(), False)])


def one_store(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    states = [stores.Store("outbox", outbox.folder(), True), stores.Store("mirror", outbox.folder(), False)]
    patch.setattr(outbox, "states", lambda: states)


def old_backup(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(backup, "newest_verified", lambda: timezone.now() - timedelta(days=9))
    patch.setattr(backup, "is_late", lambda *, now: True)


def no_backup(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(backup, "newest_verified", lambda: None)


def same_disk(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(mirror_upkeep, "keeps_all", lambda: True)


def stuck_file(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    (outbox.folder() / make().name).mkdir()


def never_ran(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    with heartbeat.changing() as beat:
        beat.at, beat.jobs = "", {}


def late(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    with heartbeat.changing() as beat:
        beat.at = heartbeat.stamp(timezone.now() - timedelta(days=5))


def failing_job(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    with heartbeat.changing() as beat:
        beat.jobs["deletion"] = heartbeat.stamp(timezone.now() - timedelta(days=5))


def refused(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    with heartbeat.changing() as beat:
        beat.causes["refused"] = beat.at


def held(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(clock, "is_held", lambda *, now: True)


def old_pages(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    asked = last_asked.LastAsked(7, (timezone.now() - timedelta(minutes=2)).timestamp())
    patch.setattr(last_asked, "read", lambda: asked)


def failing_pages(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(failing_since, "age", lambda: 90.0)


def new_pages(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    asked = last_asked.LastAsked(7, timezone.now().timestamp())
    patch.setattr(last_asked, "read", lambda: asked)


def unset_clock(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(units, "clock_is_set", lambda: False)


def no_mail(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.MAIL_HOST = ""


def deaf_mail(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    with heartbeat.changing() as beat:
        beat.causes["mail"] = beat.at


def no_duty(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    desk.save_profile(desk.Profile())


def full_disk(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(machine, "room", lambda: {desk.folder(): 0.07})


def ending(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(machine, "certificate_ends", lambda: timezone.now() + timedelta(days=13))


def ended(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(machine, "certificate_ends", lambda: datetime(2026, 2, 3, tzinfo=UTC))


def no_certificate(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    def refuse() -> datetime:
        raise ConnectionRefusedError

    patch.setattr(machine, "certificate_ends", refuse)


def loose(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(rights, "loose", lambda: ["a", "b", "c", "d"])


def closed(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(rights, "closed", lambda: ["edition"])


def stopped_timer(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    patch.setattr(
        units, "units", lambda: [units.Unit("streetlight-tend.timer", is_there=True, problem="it is inactive")]
    )


def no_timer(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    names = ("streetlight-tend.timer", "nginx.service")
    patch.setattr(units, "units", lambda: [units.Unit(name, is_there=False) for name in names])


def silent_node(patch: pytest.MonkeyPatch, settings: Settings) -> None:
    ago = timezone.now() - timedelta(hours=3)
    Node.objects.create(id="f" * 32, name="public1", key_index=1, since=ago, seen_at=ago)


ILLS: dict[Ill, str] = {
    no_key: "desk.pub. Run",
    older_key: "desk.pub is desk key 1, and the desk’s newest is 2.",
    newer_key: "desk.pub is desk key 1, and the database knows only 0.",
    swapped_key: "desk.pub is not the key that the desk made last: tips may be sealed to a stranger.",
    strange_row: "A row names a file or an address as the site never does: newsroom_area.",
    other_ring: "ring.age is not the file that the desk last wrote",
    no_ring: "ring.age.",
    open_ring: "Others can read",
    ring_on_public: "The ring lies on a public machine.",
    no_desk: "The database knows no desk.",
    lost_factor_key: "desk/factor_key is missing or another one",
    full_outbox: "The outbox cannot store a tip.",
    one_store: "One of the outbox’s two stores fails: the mirror.",
    old_backup: "No backup has been verified since",
    no_backup: "No backup has been verified yet.",
    same_disk: "Backups lie on the same disk as the database",
    stuck_file: "The outbox holds files that cannot be read: 1.",
    never_ran: "Maintenance has not run yet.",
    late: "Maintenance has not run since",
    failing_job: "Its job “deletion” last succeeded on",
    refused: "A notice could not be mailed.",
    failing_pages: "No new pages could be made for 90 seconds.",
    old_pages: "Its pages show what changed up to 120 seconds ago.",
    held: "The machine’s clock is more than seven days",
    unset_clock: "Nothing sets this machine’s clock.",
    no_mail: "No mail server is set",
    deaf_mail: "The mail server does not take our mail",
    no_duty: "Nobody is named who gets urgent notices.",
    full_disk: "has 7% of its disk left.",
    ending: "The site’s certificate ends on",
    ended: "The site’s certificate ended on 03 Feb 2026.",
    no_certificate: "Nobody shows a certificate for https://example.org (ConnectionRefusedError).",
    loose: "Others can read or change what is the service’s alone: a, b, c and 1 more.",
    closed: "nginx cannot read what it must serve, so readers get an error: edition.",
    stopped_timer: "streetlight-tend.timer: it is inactive.",
    no_timer: "streetlight-tend.timer is not installed.",
    silent_node: "The machine public1: It has not reported for ten minutes",
}


@pytest.mark.parametrize(("fall_ill", "says"), ILLS.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_each_illness_has_its_line_and_no_other_thing_is_called_ill(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, fall_ill: Ill, says: str
) -> None:
    fall_ill(monkeypatch, settings)
    found = problems()
    assert len(found) == 1
    assert says in found[0]


def test_a_ring_that_the_next_unlock_puts_in_place_is_good() -> None:
    (desk.folder() / "ring.age").rename(desk.folder() / "ring.age.next")
    (desk.folder() / "ring.age").write_bytes(b"the older one")
    (desk.folder() / "ring.age").chmod(0o600)
    assert problems() == []


def test_pages_that_follow_the_database_are_good(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    new_pages(monkeypatch, settings)
    assert problems() == []
    assert "Its pages show what changed up to 0 seconds ago." in [line.says for line in lines()]


def test_a_public_machine_needs_no_ring_and_few_rights(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SITE_ROLE = "public"
    (desk.folder() / "ring.age").unlink()
    monkeypatch.setattr(database_roles, "compare", lambda: Difference([], []))
    assert problems() == []
    monkeypatch.setattr(database_roles, "compare", lambda: Difference(["DELETE reports_tip"], []))
    assert problems() == ["This machine’s database login may do 1 things too much, and lacks 0 rights."]


def test_what_cannot_be_asked_here_is_neither_good_nor_bad(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> list[units.Unit]:
        raise subprocess.TimeoutExpired("systemctl", 10)

    settings.HTTPS = False
    monkeypatch.setattr(units, "units", refuse)
    monkeypatch.setattr(units, "clock_is_set", lambda: None)
    assert problems() == []
    assert [line.says.partition(":")[0] for line in lines() if line.good is None] == [
        "There is no certificate to look at",
        "Services and timers",
    ]


def test_without_a_database_all_else_is_looked_at() -> None:
    def refuse(*args: object) -> None:
        raise OperationalError

    with connection.execute_wrapper(refuse):
        found = lines()
    assert [line.says for line in found if line.good is False] == [
        "The database does not answer (OperationalError). Tips are received all the same, and wait."
    ]
    assert [line.says.partition(":")[0] for line in found if line.good is None] == [
        "Ring and database",
        "Rows of the news",
        "Second factors",
        "Backups",
        "The clock",
        "Other machines",
    ]


def test_where_no_tip_can_be_received_no_line_says_that_one_can(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OperationalError

    (desk.folder() / "desk.pub").unlink()
    with connection.execute_wrapper(refuse):
        said = " ".join(problems())
    assert "The database does not answer (OperationalError)." in said
    assert "received all the same" not in said


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
    assert "could not be looked at" not in said
    assert "Nothing else was looked at" in said


def test_before_there_is_a_database_prepare_is_what_makes_it(settings: Settings, tmp_path: Path) -> None:
    settings.DATABASE_FILE, settings.STATE_DIR = tmp_path / "db.sqlite3", tmp_path
    line = next(line for line in lines() if "There is no database yet." in line.says)
    assert (line.good, line.do) == (False, f"Make it: {desk.command('prepare')}")
    assert doctor.root_cause() is None
