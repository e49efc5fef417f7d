"""No byte of a tip that was purged is left in any file of the machine."""

import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.db import connection

from tests.system.harness import homes

FOUND = """
import django; django.setup()
from django.contrib.auth.models import User
from reports.domain.intake import receiving
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.models import Entry, Member
from reports.sealing import keyholder, receipts
user = User.objects.create_user("lena", is_staff=True)
keyholders.enrol(user=user, costs=keyholder.Costs(memory=64, passes=1, lanes=1))
keyholders.found_desk(first=Member.objects.get(user=user))
receiving.accept(token=receipts.new_token(), answers={"what": "A grey van."})
outbox.drain()
print(bytes(Entry.objects.get().sealed).hex())
"""
PURGE = """
import django; django.setup()
from reports.domain import state_files
from reports.models import Tip
from tests.reports.purging import purge
purge(tip=Tip.objects.get())
"""


OPEN = """
import sqlite3, sys
kept = sqlite3.connect(sys.argv[1])
kept.execute("SELECT 1 FROM reports_tip").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def places(home, wanted):
    """Return in which files of a machine these bytes lie."""
    return {
        path.name for path in home.path.rglob("*") if path.is_file() and wanted in path.read_bytes()
    }


@contextmanager
def beside(home):
    """Have the database open in another process, as other workers do, so that its log stays when one ends."""
    command = [sys.executable, "-c", OPEN, str(home.state / "db.sqlite3")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"open\n"
        yield
        worker.communicate()


@pytest.mark.promise("deleting", name="deleted-in-time")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are its operator's")
def test_no_byte_of_a_purged_tip_lies_in_a_file_of_the_machine(migrated, tmp_path):
    """No byte of a purged tip lies in a file of the machine or in SQLite’s log."""
    with homes.copied(migrated, tmp_path / "home") as home, beside(home):
        wanted = bytes.fromhex(home.python("-c", FOUND).strip())[-300:]
        assert places(home, wanted)  # the control
        home.python("-c", PURGE)
        assert places(home, wanted) == set()
