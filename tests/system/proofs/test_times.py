"""No time of a file or folder tells the second at which a tip came: of the machine once it is in the database, and of
the second disk after the next night.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SEND = """
import json, sys, time
import django; django.setup()
from reports.domain.intake import receiving
from reports.domain.intake import outbox
from reports.sealing import receipts
if "leave" in sys.argv:
    outbox._forget_times = lambda: None
began = time.time()
receiving.accept(token=receipts.new_token(), answers={"what": "At this very second."})
while outbox.waiting():
    time.sleep(0.05)
time.sleep(0.5)  # its thread closes the database
print(json.dumps([began, time.time()]))
"""
NIGHT = "import time, django; django.setup(); from reports.domain.storage import mirror; mirror.rewrite(time.time())"
type Telling = Callable[[Path, Callable[[os.stat_result], float]], list[Path]]

TICK = 0.01  # seconds by which a file system's clock may be late


def arrive(home, second, *arguments):
    """Send a tip that is moved in at once, as after each receipt.

    Return a function that says which files and folders of a disk tell of those moments, by one of their times.
    """
    said = home.python("-c", SEND, *arguments, OUTBOX_MIRROR=str(second))
    began, ended = map(float, said.splitlines()[-1].strip("[]").split(","))
    return lambda disk, read: [
        path for path in (disk, *disk.rglob("*")) if began - TICK <= read(path.lstat()) <= ended
    ]


def newest(facts):
    return max(facts.st_mtime, facts.st_ctime)


@pytest.mark.promise("sender", control="test_control_times_that_are_left_tell_it")
@pytest.mark.proof("times", goal="0 finds")
def test_no_time_of_a_file_tells_when_a_tip_came(home, mirror):
    """No time of a file tells the second at which a tip came; on a second disk none does after midnight."""
    telling = arrive(home, mirror)
    assert telling(home.state, lambda facts: facts.st_mtime) == []
    home.manage("run_maintenance", OUTBOX_MIRROR=str(mirror))
    assert telling(home.state, newest) == []
    (kept,) = (mirror / "kept").iterdir()
    assert kept in telling(mirror, newest), (
        "the second disk tells it before the night too, so this proves nothing"
    )
    home.python("-c", NIGHT, OUTBOX_MIRROR=str(mirror))
    assert kept.exists()
    assert telling(mirror, newest) == []
    assert [found.what for found in home.open_all()] == ["At this very second."]


@pytest.mark.proof("times", control=True)
def test_control_times_that_are_left_tell_it(home, mirror):
    telling = arrive(home, mirror, "leave")
    assert {home.outbox, home.outbox / ".lock"} <= set(
        telling(home.state, lambda facts: facts.st_mtime)
    )
