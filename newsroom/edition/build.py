"""Builds an edition: renders the pages that changed, links the others from the edition before, then switches."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext

from newsroom.domain import failing_since, request_rebuild
from newsroom.domain.changes import Version
from newsroom.edition import paths, storage
from newsroom.edition.code_version import code_version
from newsroom.edition.page import Wsgi, render
from newsroom.edition.storage import Entry, Manifest

CHECK_EVERY = 25  # pages between two checks whether the edition is superseded
QUERY_INTERVAL = 1.0  # seconds between two queries, during a build, for changes by another machine
MOST_ARTICLES = 50  # when more articles changed, every page is rendered

log = logging.getLogger(__name__)


class BuildFailed(Exception):
    """No edition was made; readers keep the one before."""


class Superseded(Exception):
    """Something changed while an edition was built, which is now out of date."""


class Page(Protocol):
    """A public page."""

    @property
    def path(self) -> str:
        """Return the path of its address."""

    @property
    def article(self) -> int | None:
        """Return the primary key of the article that the page shows, None for any other page."""

    @property
    def list_path(self) -> str:
        """Return the path of the first page of its list of articles, "" for a page of no list."""


class Source(Protocol):
    """Which pages readers may see at an instant; implemented by newsroom.domain.public_pages."""

    def all_pages(self, *, at: datetime) -> Iterable[Page]:
        """Return every public page."""

    def lists(self, *, of: Iterable[int]) -> set[str]:
        """Return the paths of the lists that contain these articles."""

    def moved(self, *, at: datetime) -> dict[str, str]:
        """Return the new path of each path that redirects."""

    def gone(self, *, at: datetime) -> set[str]:
        """Return the paths of withdrawn articles."""

    def gone_among(self, *, paths: Iterable[str], at: datetime) -> set[str]:
        """Return which of these paths are of withdrawn articles, reading as little as can be."""

    def next_instant(self, *, at: datetime) -> datetime | None:
        """Return the next instant at which a page changes without an edit, None without one."""


class Changes(Protocol):
    """Which articles have changed; implemented by newsroom.domain.changes."""

    def number(self) -> int:
        """Return how many changes were counted so far; it costs one row."""

    def version(self) -> Version:
        """Return the newsroom's version now."""

    def revised(self, *, since: Version, now: Version, at: datetime) -> set[int] | None:
        """Return the articles that were revised between two versions, None when every page is due."""

    def changed_by_time(self, *, since: datetime, at: datetime) -> set[int]:
        """Return the articles that changed because their time came."""

    def related(self, *, to: Iterable[int], at: datetime) -> set[int]:
        """Return the articles whose pages may link to one of these."""


@dataclass(frozen=True)
class Due:
    """The reason for an edition, at the instant `at`: the articles that changed, None when every page is due.

    `requests` are all rebuild requests, `answered` those that this edition answers. `current` is the newsroom's
    version, `version` the one to write into the manifest. `then_all`: another edition, of every page, is due next.
    """

    at: datetime
    requests: frozenset[str]
    answered: frozenset[str]
    articles: frozenset[int] | None
    current: Version
    version: Version
    then_all: bool = False


@dataclass(frozen=True)
class Plan:
    """The contents of an edition; `to_render` are the paths of the pages to render, the others are linked."""

    due: Due
    next: float | None
    pages: list[Page]
    to_render: set[str]
    gone: set[str]
    moved: dict[str, str]


class Builder:
    """Builds editions from one application, source and changes. The caller holds `storage.build_lock`."""

    def __init__(
        self,
        application: Wsgi,
        source: Source,
        changes: Changes,
        *,
        before: Callable[..., None] = lambda **_at: None,
        switched: Callable[[], None] = lambda: None,
    ) -> None:
        """Take Django's application, not the layer in front of it.

        `before` is called before each build with its instant, `at`; `switched` is called after each switch.
        """
        self.application, self.source, self.changes = application, source, changes
        self.before, self.switched = before, switched
        self.code = code_version()
        self._last_query = 0.0

    def is_due(self, before: Manifest) -> bool:
        """Return True if anything has changed since an edition, on this machine or another."""
        due = self._due(before, at=timezone.now())
        return bool(due.requests) or due.articles is None or bool(due.articles)

    def build(self, *, everything: bool = False) -> Manifest:
        """Build what is due, switch to it and return its manifest; without a difference the edition before stays.

        With `everything` all pages are rendered. Raises BuildFailed, or any error of the application.
        """
        while True:
            at = timezone.now()
            before = self._retracted(storage.current(), at=at)  # first: anything else may fail at a row
            self.before(at=at)
            due = self._due(before, at=at, everything=everything)
            try:
                manifest = self._make(before, due)
            except Superseded:
                continue
            request_rebuild.answer(due.answered)
            failing_since.end()
            self.switched()
            if not due.then_all:
                return manifest

    def _retracted(self, before: Manifest | None, *, at: datetime) -> Manifest | None:
        """Take away the pages of withdrawn articles at once, and return the manifest without them."""
        gone = self.source.gone_among(paths=before.pages, at=at) if before else set()
        if before and gone:
            before = storage.retract(before, gone, body=_tombstone())
            self.switched()
        return before

    def _due(self, before: Manifest | None, *, at: datetime, everything: bool = False) -> Due:
        """Return what is due after an edition: first the articles that changed, then, if need be, every page."""
        pending = request_rebuild.pending()
        requests, current = frozenset(pending), self.changes.version()
        if before is None:
            return Due(at, requests, requests, None, current, current)
        since = Version(*before.version)
        with_articles = {name: articles for name, articles in pending.items() if articles is not None}
        revised = self.changes.revised(since=since, now=current, at=at)
        articles = (revised or set()).union(*with_articles.values())
        articles |= self.changes.changed_by_time(since=datetime.fromtimestamp(before.at, UTC), at=at)
        everything = everything or revised is None or len(with_articles) < len(requests)
        everything = everything or (self.code, current.rest) != (before.code, since.rest)
        if len(articles) > MOST_ARTICLES or (everything and not articles):
            return Due(at, requests, requests, None, current, current)
        # The manifest keeps the old `rest`, so that every page stays due until an edition has rendered all of them.
        version = since if revised is None else current._replace(rest=since.rest)
        return Due(at, requests, frozenset(with_articles), frozenset(articles), current, version, then_all=everything)

    def _plan(self, due: Due) -> Plan:
        """Return the contents of an edition. Django serves the addresses that no edition may hold."""
        at = due.at
        gone, moved = self.source.gone(at=at), self.source.moved(at=at)
        hidden = gone | set(moved)
        pages = [page for page in self.source.all_pages(at=at) if page.path not in hidden]
        next_instant = self.source.next_instant(at=at)
        if next_instant is not None and next_instant <= at:
            raise BuildFailed("the next instant has passed already")
        # A redirect to an article that is not out would reveal its name.
        public = gone | {page.path for page in pages}
        moved = {old: new for old, new in moved.items() if old not in gone and new in public}
        moved = {old: new for old, new in moved.items() if paths.is_page(old) and paths.is_page(new)}
        timestamp = next_instant.timestamp() if next_instant else None
        return Plan(due, timestamp, pages, self._to_render(due, pages), set(filter(paths.is_page, gone)), moved)

    def _to_render(self, due: Due, pages: list[Page]) -> set[str]:
        """Return the paths of the changed articles, those that may link to them, their lists, and pages of no list."""
        if due.articles is None:
            return {page.path for page in pages}
        articles = due.articles | self.changes.related(to=due.articles, at=due.at)
        lists = {"", *self.source.lists(of=due.articles)}
        return {
            page.path
            for page in pages
            if (page.list_path in lists if page.article is None else page.article in articles)
        }

    def _make(self, before: Manifest | None, due: Due) -> Manifest:
        """Build one edition and switch to it, unless it equals the one before."""
        plan = self._plan(due)
        with storage.Draft() as draft:
            pages = self._pages(draft, plan, before.pages if before else {})
            gone = {path: self._gone(draft, path, before) for path in plan.gone}
            for old, new in plan.moved.items():
                draft.move(old, new)
            manifest = self._manifest(plan, before, pages, gone)
            if before and (pages, gone, plan.moved) == (before.pages, before.gone, before.moved):
                return draft.reuse(replace(manifest, number=before.number))
            draft.publish(manifest)
            return manifest

    def _pages(self, draft: storage.Draft, plan: Plan, old: dict[str, Entry]) -> dict[str, Entry]:
        """Return every page that could be rendered or linked; raises Superseded."""
        pages: dict[str, Entry] = {}
        for count, page in enumerate(plan.pages, start=1):
            entry = None if page.path in plan.to_render else draft.carry(old.get(page.path))
            entry = entry or self._render(draft, page.path, old.get(page.path))
            if entry:
                pages[page.path] = entry
            if count % CHECK_EVERY == 0 or count == len(plan.pages):
                self._check(plan)
        return pages

    def _check(self, plan: Plan) -> None:
        """Raise Superseded if anything was requested or changed since the plan, or if its next instant has come."""
        if request_rebuild.waiting() - plan.due.requests or (plan.next is not None and plan.next <= time.time()):
            raise Superseded
        if time.monotonic() < self._last_query + QUERY_INTERVAL:
            return
        self._last_query, since, now = time.monotonic(), plan.due.current, self.changes.version()
        if now.rest != since.rest or self.changes.revised(since=since, now=now, at=timezone.now()) != set():
            raise Superseded

    def _render(self, draft: storage.Draft, path: str, old: Entry | None) -> Entry | None:
        """Render a page into the draft; None for a page that Django has to serve."""
        page = render(self.application, path)
        if page.status != 200:
            self._log_failure(path, page.status)
            return None
        try:
            file = paths.file_for(path, page.extension or "")
        except paths.BadAddress:
            log.error("a public page is left out of the edition: it cannot be stored as a file")  # noqa: TRY400
            return None
        return draft.add(f"pages/{file}", page.body, old)

    def _log_failure(self, path: str, status: int) -> None:
        """Log one broken page; raise instead when the front page or the database is broken."""
        if status >= 500:
            self.source.next_instant(at=timezone.now())  # raises when the database cannot be reached
            if path == "/":
                raise BuildFailed("the front page cannot be made")
            log.error("a public page is left out of the edition: it answered %d", status)

    def _gone(self, draft: storage.Draft, path: str, before: Manifest | None) -> Entry:
        """Store Django's page about a withdrawn article, or a plain tombstone if Django has none."""
        page = render(self.application, path)
        body = page.body if page.status == 410 and page.extension == "html" else _tombstone()
        return draft.add(f"gone/{paths.file_for(path, 'html')}", body, before.gone.get(path) if before else None)

    def _manifest(
        self, plan: Plan, before: Manifest | None, pages: dict[str, Entry], gone: dict[str, Entry]
    ) -> Manifest:
        """Return the manifest; `code` becomes this program's version only when every page was rendered."""
        return Manifest(
            number=max(int(time.time() * 1000), before.number + 1 if before else 0),
            at=int(plan.due.at.timestamp() * 1000) / 1000,
            next=plan.next,
            code=before.code if before and plan.due.articles is not None else self.code,
            version=plan.due.version,
            pages=pages,
            gone=gone,
            moved=plan.moved,
        )


def _tombstone() -> bytes:
    """Return a page that says that an article was withdrawn; it needs no database, template or stylesheet."""
    sentence = gettext("This story was withdrawn.")
    return f'<!doctype html>\n<html lang="en-gb"><title>{sentence}</title><h1>{sentence}</h1></html>\n'.encode()
