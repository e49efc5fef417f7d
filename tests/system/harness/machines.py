"""A new machine beside one that was lost, and what its admin types at the console."""

import subprocess
import sys
from pathlib import Path

from tests.system.harness import databases
from tests.system.harness.home import ROOT, Home


def new_machine(path: Path) -> Home:
    """Return a machine with an empty state folder and, on PostgreSQL, an empty database."""
    home = Home(path, databases.own())
    for folder in (home.state, home.tmp):
        folder.mkdir(parents=True)
    return home


def typed(home: Home, *arguments: str, line: str, **environment: str) -> tuple[int, str]:
    """Run a command that asks for a secret, type one line, and return how it ended and what it printed."""
    # Without a terminal of its own getpass reads what is piped to it.
    command = ["setsid", "--wait", sys.executable, str(ROOT / "manage.py"), *arguments]
    where = {"cwd": ROOT, "env": home.environment(**environment)}
    ran = subprocess.run(command, **where, input=f"{line}\n", capture_output=True, text=True, timeout=600, check=False)
    return ran.returncode, ran.stdout + ran.stderr
