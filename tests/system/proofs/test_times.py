"""Once a tip is in the database, no time of a file or folder in the state folder tells the second at which it came."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

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


def arrive(home: Home, *arguments: str) -> Callable[[Callable[[os.stat_result], float]], list[Path]]:
    """Send a tip that is moved in at once, as after each receipt.

    Return a function that says which files and folders tell of those moments, by one of their times.
    """
    began, ended = map(float, home.python("-c", SEND, *arguments).splitlines()[-1].strip("[]").split(","))
    return lambda read: [
        path for path in (home.state, *home.state.rglob("*")) if began - TICK <= read(path.lstat()) <= ended
    ]


@pytest.mark.proof(
    "times",
    "No file or folder of the machine tells the second at which a tip came, once it is in the database",
    goal="0 finds",
)
def test_no_time_of_a_file_tells_when_a_tip_came(home: Home) -> None:
    telling = arrive(home)
    assert telling(lambda facts: facts.st_mtime) == []
    home.manage("tend")
    assert telling(lambda facts: max(facts.st_mtime, facts.st_ctime)) == []
    assert [found.what for found in home.open_all()] == ["At this very second."]


@pytest.mark.proof("times", control=True)
def test_control_times_that_are_left_tell_it(home: Home) -> None:
    assert {home.outbox, home.outbox / ".lock"} <= set(arrive(home, "leave")(lambda facts: facts.st_mtime))
