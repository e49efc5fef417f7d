"""Once a tip is in the database, no time of a file or folder in the state folder tells the second at which it came."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from tests.system.harness.home import Home

SEND = """
import json, sys, time
import django; django.setup()
from reports.domain import intake
from reports.domain.intake import outbox
from reports.sealing import receipts
if "leave" in sys.argv:
    outbox._forget_times = lambda: None
began = time.time()
intake.accept(token=receipts.new_token(), answers={"what": "At this very second."})
while outbox.waiting():
    time.sleep(0.05)
time.sleep(0.5)  # its thread closes the database
print(json.dumps([began, time.time()]))
"""
TICK = 0.01  # seconds by which a file system's clock may be late


def finds(state: Path, began: float, ended: float, read: Callable[[os.stat_result], float]) -> list[str]:
    """Return the files and folders one of whose times lies between two moments."""
    return [str(path) for path in (state, *state.rglob("*")) if began - TICK <= read(path.lstat()) <= ended]


def arrive(home: Home, *arguments: str) -> tuple[float, float]:
    """Send a tip that is moved in at once, as after each receipt; return between which moments."""
    began, ended = json.loads(home.python("-c", SEND, *arguments).splitlines()[-1])
    return began, ended


def test_no_time_of_a_file_tells_when_a_tip_came(home: Home) -> None:
    began, ended = arrive(home)
    assert finds(home.state, began, ended, lambda facts: facts.st_mtime) == []
    home.manage("tend")
    assert finds(home.state, began, ended, lambda facts: max(facts.st_mtime, facts.st_ctime)) == []
    assert [found.what for found in home.open_all()] == ["At this very second."]


def test_control_times_that_are_left_tell_it(home: Home) -> None:
    found = finds(home.state, *arrive(home, "leave"), lambda facts: facts.st_mtime)
    assert str(home.outbox) in found
    assert str(home.outbox / ".lock") in found
