"""The quick tests run at any moment: what TEST_AT changes, and the twelve moments of which `./dev check` takes one."""

import os
import re
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.moment import LISTED, Moment
from tests.settings import ROOT

LONDON = ZoneInfo("Europe/London")
LINES = LISTED.read_text().splitlines()
MOMENTS = [datetime.fromisoformat(line.split()[0]) for line in LINES]


def test_clock_and_files_begin_at_the_moment_and_the_time_zone_stays(tmp_path):
    zone, file = time.tzname, tmp_path / "file"
    with Moment("2027-03-28T00:58Z").begun():
        began = datetime(2027, 3, 28, 0, 58, tzinfo=UTC).timestamp()
        file.touch()
        assert began - 1 < file.stat().st_mtime <= time.time() < began + 60
        os.utime(file, (60, 120))
        assert (file.stat().st_atime, file.stat().st_mtime, time.tzname) == (60, 120, zone)
        os.utime(file)
        assert file.stat().st_mtime >= began - 1


@pytest.mark.parametrize("moment", ["2027-03-28T00:58", "tomorrow"])
def test_moment_without_a_time_zone_is_refused(moment):
    with pytest.raises(pytest.UsageError, match="such as 2027-03-28T00:58Z"):
        Moment(moment)


def test_moments_are_twelve_with_changes_of_the_clocks_and_ends_of_periods():
    local = [moment.astimezone(LONDON) for moment in MOMENTS]
    assert len(set(MOMENTS)) == 12
    assert {"03-28", "03-27", "10-31", "10-30", "02-29", "12-31"} <= {
        f"{each:%m-%d}" for each in local
    }
    assert {each.fold for each in local} == {0, 1}
    assert all(" " in line for line in LINES), "each says what it is"


def test_check_begins_at_one_of_the_moments():
    (at,) = re.findall(r"^AT=(\S+)$", (ROOT / "dev").read_text(), re.MULTILINE)
    assert at in {line.split()[0] for line in LINES}
