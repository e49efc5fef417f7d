"""Telling the edition that what readers see has changed; a file, so that it needs no process to be there."""

import logging
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)


def folder() -> Path:
    """Return the folder of the editions, made when missing."""
    path: Path = settings.STATE_DIR / "edition"
    path.mkdir(parents=True, exist_ok=True)
    return path


def token() -> str:
    """Return what the last `touch` left, "" before the first; two changes never leave the same."""
    try:
        return (folder() / ".wanted").read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def touch() -> None:
    """Ask for a new edition once the running transaction has committed (at once when there is none)."""
    transaction.on_commit(_write, robust=True)


def _write() -> None:
    """Leave a token that no builder has seen."""
    fresh = secrets.token_hex(8)
    unfinished = folder() / f".wanted-{fresh}"
    try:
        unfinished.write_text(fresh, encoding="ascii")
        os.replace(unfinished, folder() / ".wanted")  # noqa: PTH105 - says that it replaces
    except OSError:  # a full disk must not undo what the editor did; the builder also looks by itself
        log.exception("a new edition could not be asked for")
