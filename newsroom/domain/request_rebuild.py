"""Requests to rebuild the edition: a number in the database, which every machine sees within a second."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from newsroom.domain import changes


def folder() -> Path:
    """Return the folder of the editions; create it if it does not exist."""
    path: Path = settings.STATE_DIR / "edition"
    path.mkdir(parents=True, exist_ok=True)
    return path


def request_rebuild(*, articles: Iterable[int] | None = None) -> None:
    """Request a new edition when the current transaction commits, or at once without one.

    `articles` are the primary keys of the changed articles; without them every page is rendered.
    """
    # Not in the transaction itself: then one editor would wait for another's, and two could wait for each other.
    transaction.on_commit(partial(_request, articles), robust=True)


def requested_here() -> float:
    """Return when this machine asked for every page without the database (seconds since 1970); 0.0 if never."""
    try:
        return _file().stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _request(articles: Iterable[int] | None) -> None:
    """Count the change; a public machine, which may not, changes only what its own pages show."""
    if settings.SITE_ROLE == "public":
        _file().touch()
    else:
        changes.count(articles=articles)


def _file() -> Path:
    return folder() / ".requested"
