"""Since when no new edition can be made on this machine; a small file, which the first that is made removes."""

import logging
import time
from pathlib import Path

from newsroom.domain import request_rebuild

log = logging.getLogger(__name__)


def begin() -> None:
    """Note that none could be made, unless that stands already; a disk that takes no file costs the note alone."""
    try:
        if since() is None:
            unfinished = _path().with_name(".failing-new")
            unfinished.write_text(str(time.time()), encoding="ascii")
            unfinished.replace(_path())
    except OSError:
        log.exception("it could not be noted that no new edition can be made")


def end() -> None:
    """Forget it: one was made, or the one that is there shows all that has changed."""
    _path().unlink(missing_ok=True)


def since() -> float | None:
    """Return since when, in seconds; None while editions can be made."""
    try:
        return float(_path().read_bytes())
    except (OSError, ValueError):
        return None


def age() -> float | None:
    """Return for how many seconds none could be made; None while they can."""
    at = since()
    return None if at is None else max(0.0, time.time() - at)


def _path() -> Path:
    return request_rebuild.folder() / ".failing"
