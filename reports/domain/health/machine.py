"""The room on the machine's disks."""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from reports.domain import state_files
from reports.domain.intake import outbox
from reports.domain.storage import mirror

LEAST_ROOM = 0.1  # of a disk
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def room() -> dict[Path, float]:
    """Return how much of each disk that holds state is free, as a share of the scarcer of its bytes and its files."""
    free = {path: _free(path) for path in _disks()}
    if settings.OUTBOX_MIRROR:
        free[settings.OUTBOX_MIRROR] = mirror.room(_free)
    return free


def full() -> list[Path]:
    """Return the folders of state whose disk takes nothing more: it, or what it may hold, is full."""
    return [path for path in _disks() if _takes_nothing(path)]


def read_only() -> list[Path]:
    """Return the folders of state whose disk takes no changes, as one does that has failed."""
    return [path for path in _disks() if os.statvfs(path).f_flag & os.ST_RDONLY]


def others() -> list[Path]:
    """Return which of the state folder, what lies in it and the desk's files belong to another user than this one."""
    state: Path = settings.STATE_DIR
    return [path for path in _tops(state) if path.lstat().st_uid != os.geteuid()]


def _tops(state: Path) -> Iterator[Path]:
    """Yield them, without what a file system makes itself; what lies in a folder that cannot be listed is left out."""
    yield state
    for folder in (state, state / "desk"):
        with suppress(OSError):
            for path in folder.iterdir():
                if path.name != "lost+found" and path.name[0] != ".":
                    yield path


def _disks() -> list[Path]:
    """Return a folder for each disk that holds state."""
    folders = [
        path for path in (settings.STATE_DIR / "outbox", settings.STATE_DIR) if path.is_dir()
    ]
    return list({path.stat().st_dev: path for path in folders}.values())


def _takes_nothing(path: Path) -> bool:
    """Return whether it is as full as the outbox cannot do with; some file systems tell only whoever writes."""
    try:
        space = os.statvfs(path)
        if space.f_bavail * space.f_frsize < outbox.ROOM:
            return True
        with state_files.unfinished(path, bytes(4096)):
            return False
    except OSError as error:
        return error.errno in NO_ROOM


def _free(path: Path) -> float:
    space = os.statvfs(path)
    room = space.f_bavail / max(1, space.f_blocks)
    if not space.f_files:  # some file systems count none
        return room
    return min(room, space.f_favail / space.f_files)
