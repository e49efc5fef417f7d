"""Commands say in plain words that the database is down."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.harness import home as homes
from tests.system.harness.home import ROOT, Home

pytestmark = pytest.mark.engine


def nowhere(home: Home, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine whose PostgreSQL is down."""
    return home.environment(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")


def ruined(home: Home, tmp_path: Path) -> dict[str, str]:
    """Return that of a machine whose SQLite file is ruined."""
    (home.state / "db.sqlite3").write_bytes(b"ruined" * 1000)
    return {name: value for name, value in home.environment().items() if name != "DATABASE_URL"}


@pytest.mark.parametrize("trouble", [nowhere, ruined])
@pytest.mark.parametrize("command", ["doctor", "check --deploy", "nodes", "tend"])
def test_no_command_ends_with_a_traceback_while_the_database_is_down(
    prepared: Home, tmp_path: Path, trouble: Callable[[Home, Path], dict[str, str]], command: str
) -> None:
    with homes.copied(prepared, tmp_path / "home") as home:
        run = [sys.executable, "manage.py", *command.split()]
        ran = subprocess.run(
            run, cwd=ROOT, env=trouble(home, tmp_path), capture_output=True, text=True, timeout=120, check=False
        )
    said = ran.stdout + ran.stderr
    assert "Traceback" not in said
    assert "database" in said
    assert len(said.splitlines()) < 60
    assert ran.returncode == 1
