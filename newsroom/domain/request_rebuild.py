"""Requests to rebuild the edition. Each is a file, so it needs no running process and is never lost."""

import json
import logging
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from newsroom.models import ChangeCount

NIGHT = 3  # the hour, by the town's clock, after which every page is rendered once a day

log = logging.getLogger(__name__)


def folder() -> Path:
    """Return the folder of the editions; create it if it does not exist."""
    path: Path = settings.STATE_DIR / "edition"
    path.mkdir(parents=True, exist_ok=True)
    return path


def request_rebuild(*, articles: Iterable[int] | None = None) -> None:
    """Request a new edition when the current transaction commits, or at once without one.

    `articles` are the primary keys of the changed articles; without them every page is rendered.
    """
    text = "" if articles is None else json.dumps(sorted(articles))
    transaction.on_commit(partial(_write, text), robust=True)
    if connection.vendor == "postgresql" and settings.SITE_ROLE != "public":
        transaction.on_commit(_count, robust=True)


def request_nightly(*, now: datetime) -> None:
    """Request every page once a night, which repairs pages that no request named."""
    local, marker = timezone.localtime(now), folder() / ".nightly"
    today = local.date().isoformat()
    if local.hour >= NIGHT and _text(marker) != today:
        _write("")
        marker.write_text(today, encoding="ascii")


def waiting() -> frozenset[str]:
    """Return the names of the unanswered requests."""
    return frozenset(name for name in os.listdir(_folder()) if not name.startswith("."))  # noqa: PTH208 - the names


def pending() -> dict[str, set[int] | None]:
    """Return the articles of each unanswered request by its name: primary keys, or None for every page."""
    return {name: _articles(_folder() / name) for name in waiting()}


def answer(names: Iterable[str]) -> None:
    """Delete requests that an edition has answered."""
    for name in names:
        (_folder() / name).unlink(missing_ok=True)


def _count() -> None:
    """Count a change for the other machines, after it is committed: so no transaction waits for the row."""
    try:
        if not ChangeCount.objects.filter(pk=1).update(number=F("number") + 1):
            ChangeCount.objects.bulk_create([ChangeCount(pk=1, number=1)], ignore_conflicts=True)
    except DatabaseError:  # each machine also looks for itself, once a minute
        log.exception("other machines could not be told of a change")


def _folder() -> Path:
    path = folder() / ".requests"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _articles(path: Path) -> set[int] | None:
    """Return the primary keys in a request; None (every page) if it has none or cannot be read."""
    try:
        return {int(pk) for pk in json.loads(path.read_bytes())}
    except (OSError, ValueError, TypeError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _write(text: str) -> None:
    """Write a request under a new name."""
    name = secrets.token_hex(8)
    unfinished = _folder() / f".{name}"
    try:
        unfinished.write_text(text, encoding="ascii")
        unfinished.replace(_folder() / name)
    except OSError:  # a full disk must not undo the editor's change, which the builder also finds in the database
        log.exception("a new edition could not be requested")
