"""Promise 2: the database's file is deleted under load; what the doctor says, done word by word, loses nothing."""

import os
import re
import sys
from dataclasses import replace

import pytest

from tests.system.harness.facts import until
from tests.system.harness.load import complaints, load
from tests.system.harness.server import Server

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="this is about SQLite's file"
)

MANAGE = f"{sys.executable} manage.py"  # as hints call it here
REFUSED = "a running server answered 503 and stored nothing"
UNGUARDED = {"DJANGO_SETTINGS_MODULE": "tests.system.proofs.unguarded_settings"}


def ran(home, command, **environment):
    """Run a line of shell as somebody does who copies it from the screen, and types the sheet when asked."""
    sheet = f"{home.desk['recovery']}\n"
    return home.end("sh", "-c", command, typed=sheet, MANAGE_COMMAND=MANAGE, **environment)


def delete_and_do_as_the_doctor_says(home, backups, **environment):
    """Back up, delete the file under load, do what the doctor's first line says.

    Return what senders were told, and what may be complained of, as the deleted file alone may have held it.
    """
    with Server(home, MANAGE_COMMAND=MANAGE, **environment) as server, load(server.port) as ledger:
        ledger.more()
        safe = lost_of(ledger)
        for command in (f"{MANAGE} backup --to {backups}", f"{MANAGE} backup verify"):
            ran(home, command, **environment).well()
        ledger.more()  # since the backup
        for path in home.state.glob("db.sqlite3*"):
            path.unlink()
        ledger.more()
        at_risk = lost_of(ledger) - safe
        ledger.more()  # since the loss
        refuses_to_begin_anew(home, **environment)
        for command in what_the_doctor_says(home, **environment):
            ran(home, command, **environment).well()
        ledger.more()  # since the restore
    return ledger, at_risk


def lost_of(ledger):
    """Return what would be complained of if everything that was acknowledged by now were lost."""
    return set(complaints(replace(ledger, problems=[]), []))


def refuses_to_begin_anew(home, **environment):
    """Try what people try first; the file must stay away, and maintenance must leave the outbox as it is."""
    for command in ("prepare", "migrate", "run_maintenance"):
        ended = ran(home, f"{MANAGE} {command}", **environment)
        assert not home.database.exists(), (
            f"{command} put an empty database in the place of the lost one"
        )
        assert ended.code, f"{command} went on: {ended.said}"
        assert f"{MANAGE} restore --from" in ended.said, (
            f"{command} does not say how to restore: {ended.said}"
        )
    assert home.waiting(), "nothing waits in the outbox"


def what_the_doctor_says(home, **environment):
    """Return the commands of the doctor's first line."""
    said = ran(home, f"{MANAGE} doctor", **environment).said
    first = re.split(r"^(?:good|LOOK|  - )  ", said, flags=re.MULTILINE)[1]
    assert first.startswith("The database of this desk is gone."), said
    return [
        line.strip()
        for line in first.splitlines()
        if line.strip().startswith((MANAGE, "systemctl"))
    ]


def wrongs(home, ledger):
    """Return each promise that was broken; a refusal breaks none: while a restore is under way nothing is received."""
    return [line for line in complaints(ledger, home.open_all()) if line != REFUSED]


@pytest.mark.promise(
    "receiving", control="test_control_where_nobody_looks_an_empty_database_takes_its_place"
)
@pytest.mark.proof(
    "lost database",
    goal="0 lost, 0 twice; no command, unit or start makes an empty one",
    engine="SQLite",
)
def test_the_file_is_deleted_under_load_and_every_tip_that_was_acknowledged_opens(
    home, another_disk, mirror, record_property
):
    """With the database's file deleted under load, what the doctor says brings every tip back that was acknowledged,
    with a second disk.
    """
    second = {"OUTBOX_MIRROR": str(mirror)}
    ledger, at_risk = delete_and_do_as_the_doctor_says(home, another_disk, **second)
    assert at_risk, "everything was in the backup: nothing was proved"
    assert "is gone" not in ran(home, f"{MANAGE} doctor", **second).said
    record_property("figure", f"{len(ledger.told)} acknowledged, all open")

    def all_in():
        home.ran("run_maintenance", **second)
        return not home.waiting() and not any(path.is_file() for path in mirror.glob("*.*"))

    until(all_in, "everything of the second disk in the database")
    assert wrongs(home, ledger) == []
    assert "with 1 restore" in home.manage("audit", "verify")


@pytest.mark.proof("lost database", control=True)
def test_control_where_nobody_looks_an_empty_database_takes_its_place(home, another_disk):
    with pytest.raises(AssertionError, match="an empty database in the place of the lost one"):
        delete_and_do_as_the_doctor_says(home, another_disk, **UNGUARDED)
