"""Tests at a moment: with TEST_AT=2027-03-28T00:58Z the collection and each test begin then, and the clock runs."""

import os
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from tests.settings import SHARED

LISTED = Path(__file__).with_name("moments.txt")
STAT, UTIME = os.stat, os.utime
TIMES = ("st_atime", "st_mtime", "st_ctime")
OTHERS = ("st_blksize", "st_blocks", "st_rdev")
SECOND = 10**9  # nanoseconds


class Moment:
    """A plugin of pytest that lets everything begin at this moment; other processes keep the machine's clock."""

    def __init__(self, text):
        at = None
        with suppress(ValueError):
            at = datetime.fromisoformat(text)
        if at is None or at.tzinfo is None or os.environ.get("TEST_POSTGRES"):
            raise pytest.UsageError(
                "TEST_AT is a moment such as 2027-03-28T00:58Z, for the quick tests on SQLite."
            )
        self._at = (
            at.timestamp()
        )  # a number: of a datetime, time-machine would take the time zone too

    def pytest_sessionstart(self):
        """Make temporary folders apart: pytest removes days-old ones, as by this clock those of other runs are."""
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(SHARED)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self):
        with self.begun():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self):
        with self.begun():
            return (yield)

    def pytest_collection_modifyitems(self, items):
        """Refuse what starts other processes, which would have another clock."""
        if any(item.path.is_relative_to(LISTED.parent / "system") for item in items):
            raise pytest.UsageError(
                "TEST_AT is for the quick tests: those in tests/system start other processes."
            )

    @contextmanager
    def begun(self):
        """Let the clock begin at the moment; the times of files move along, as the product compares them with it."""
        with pytest.MonkeyPatch.context() as patch, time_machine.travel(self._at, tick=True):
            ahead = time.time_ns() - time_machine.escape_hatch.time.time_ns()

            def stat(*path, **how):
                real = STAT(*path, **how)
                at = {f"{name}_ns": getattr(real, f"{name}_ns") + ahead for name in TIMES}
                at |= {name: at[f"{name}_ns"] / SECOND for name in TIMES}
                return os.stat_result(
                    [*real[:7], *(int(at[name]) for name in TIMES)], at | _facts(real)
                )

            def utime(path, times=None, *, ns=None, **how):
                if times:
                    ns = [int(each * SECOND) for each in times]
                UTIME(path, **({"ns": tuple(each - ahead for each in ns)} if ns else {}), **how)

            patch.setattr(os, "stat", stat)
            patch.setattr(os, "utime", utime)
            yield


def _facts(real):
    return {name: getattr(real, name) for name in OTHERS}
