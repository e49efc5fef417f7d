"""Who can read what in the state folder: nginx's user the finished pages and pictures, and nobody else anything."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

PUBLIC = ("edition", "media")  # what nginx serves by itself
OTHERS = stat.S_IRWXG | stat.S_IRWXO
PASSES = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH  # what a folder to be passed through does not need


def loose() -> list[Path]:
    """Return what others than the service's user may read or change, and should not; the folder itself first."""
    state: Path = settings.STATE_DIR
    found = [state] if state.stat().st_mode & PASSES else []
    private = (path for path in _below(state) if path.relative_to(state).parts[0] not in PUBLIC)
    return found + [path for path in private if _mode(path) & OTHERS]


def closed() -> list[Path]:
    """Return what nginx's user cannot read although it serves it; the state folder first, if it cannot pass that."""
    state: Path = settings.STATE_DIR
    found = [] if state.stat().st_mode & stat.S_IXOTH else [state]
    served = [state / name for name in PUBLIC] + [path for name in PUBLIC for path in _below(state / name)]
    return found + [path for path in served if path.exists() and not _is_hidden(path) and not _is_readable(path)]


def _below(folder: Path) -> Iterator[Path]:
    """Yield all files and folders below a folder, without the targets of links and without what goes meanwhile."""
    for name, folders, files in os.walk(folder):
        yield from (path for each in (*folders, *files) if not (path := Path(name, each)).is_symlink())


def _is_hidden(path: Path) -> bool:
    """Return whether it is the builder's own: locks, what is not finished, and an edition's facts."""
    return any(part.startswith(".") for part in path.relative_to(settings.STATE_DIR).parts)


def _is_readable(path: Path) -> bool:
    needed = stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    return bool(_mode(path) & needed)


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:  # It went meanwhile.
        return 0
