"""A session's file opens the desk's keys until a limit has passed, by the clock, and for its own row alone."""

import os
import time

import pytest

from reports.domain.errors import Refused
from reports.domain.people import session_files

ROW, OTHER = "a" * 40, "b" * 40
KEYS = {"identities": ["AGE-SECRET-KEY-INVENTED"]}


@pytest.fixture(autouse=True)
def run_dir(settings, tmp_path):
    """Give each test a folder in which no desk was ever unlocked."""
    settings.RUN_DIR = tmp_path / "run"
    return settings.RUN_DIR


@pytest.mark.parametrize(
    ("since", "seen", "still"),
    [
        (0, 0, True),
        (0, 20 * 60 - 30, True),
        (0, 20 * 60, False),
        (8 * 3600 - 30, 0, True),
        (8 * 3600, 0, False),
        (0, -60, False),
    ],
)
def test_idle_and_absolute_limits(run_dir, since, seen, still):
    now = time.time()
    sealed = session_files.seal(KEYS, row=ROW, since=now - since)
    os.utime(run_dir / ROW, (now - seen, now - seen))
    session_files.sweep()
    assert session_files.rows() == ([ROW] if still else [])
    assert session_files.opened(sealed, row=ROW) == ((KEYS, now - since) if still else None)


def test_a_file_opens_what_was_sealed_for_its_row_alone():
    sealed = session_files.seal(KEYS, row=ROW, since=time.time())
    assert session_files.opened(sealed, row=OTHER) is None
    session_files.seal(KEYS, row=OTHER, since=time.time())
    assert session_files.opened(sealed, row=OTHER) is None
    session_files.seal(KEYS, row=ROW, since=time.time())  # unlocked again: another key
    assert session_files.opened(sealed, row=ROW) is None


def test_folder_and_files_are_the_services_alone(run_dir):
    session_files.seal(KEYS, row=ROW, since=time.time())
    assert (run_dir.stat().st_mode & 0o777, (run_dir / ROW).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    assert "AGE-SECRET-KEY" not in (run_dir / ROW).read_text()


@pytest.mark.parametrize("wrong", ["open to others", "a link", "full"])
def test_a_folder_that_is_not_the_services_alone_is_not_used(run_dir, monkeypatch, wrong):
    if wrong == "a link":
        (run_dir.parent / "elsewhere").mkdir(mode=0o700)
        run_dir.symlink_to(run_dir.parent / "elsewhere")
    else:
        run_dir.mkdir(mode=0o755 if wrong == "open to others" else 0o700)
    if wrong == "full":
        monkeypatch.setattr(session_files.state_files, "write", _full)
    with pytest.raises(Refused, match="cannot be used, so the desk stays locked"):
        session_files.seal(KEYS, row=ROW, since=time.time())


def _full(path, data):
    raise OSError(28, "No space left on device")
