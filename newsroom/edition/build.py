"""Making an edition: every public page, rendered or carried forward, and then one switch."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext

from newsroom.domain import request_rebuild
from newsroom.domain.changes import Version
from newsroom.edition import paths, storage
from newsroom.edition.code_version import code_version
from newsroom.edition.manifest import Entry, Manifest
from newsroom.edition.page import Wsgi, render

LOOK_EVERY = 25  # pages between two looks whether something newer is asked
ASK_EVERY = 1.0  # seconds between two questions, while an edition is made, whether another machine changed something
MOST_NAMED = 50  # articles; when more are named, every page is rendered

log = logging.getLogger(__name__)


class BuildFailed(Exception):
    """No edition could be made; the one before goes on."""


class Superseded(Exception):
    """Something newer was asked while an edition was made."""


class Page(Protocol):
    """A public page."""

    @property
    def path(self) -> str:
        """Return its path."""

    @property
    def article(self) -> int | None:
        """Return the primary key of the article that it shows, None for any other page."""

    @property
    def of_list(self) -> str:
        """Return the path of the list of articles that it is a page of, "" for any other page."""


class Source(Protocol):
    """What readers may see at an instant: newsroom.domain.public_pages."""

    def all_pages(self, *, at: datetime) -> Iterable[Page]:
        """Return every public page."""

    def lists(self, *, of: Iterable[int]) -> set[str]:
        """Return the paths of the lists that articles are in."""

    def moved(self, *, at: datetime) -> dict[str, str]:
        """Return new paths by old."""

    def gone(self, *, at: datetime) -> set[str]:
        """Return the paths of what was withdrawn."""

    def next_instant(self, *, at: datetime) -> datetime | None:
        """Return when all this changes by itself."""


class Changes(Protocol):
    """Which articles readers see otherwise: newsroom.domain.changes."""

    def version(self) -> Version:
        """Return the newsroom's version."""

    def revised(self, *, since: Version, now: Version, at: datetime) -> set[int] | None:
        """Return the articles that were revised between two versions, None for any number of them."""

    def passed(self, *, since: datetime, at: datetime) -> set[int]:
        """Return the articles that changed by themselves."""

    def related(self, *, to: Iterable[int], at: datetime) -> set[int]:
        """Return the articles whose pages may name one of these."""


@dataclass(frozen=True)
class Due:
    """What an edition is made for, as of the instant `at`: the articles that changed, None for every page.

    `waiting` are the requests that were there, `answers` those that it answers; `seen` is the newsroom's version then,
    `version` the one that the edition will agree with. `more` says that every page is due after it.
    """

    at: datetime
    waiting: frozenset[str]
    answers: frozenset[str]
    articles: frozenset[int] | None
    seen: Version
    version: Version
    more: bool = False


@dataclass(frozen=True)
class Plan:
    """What an edition has to hold; `rendered` are the paths of the pages that are rendered for it."""

    due: Due
    next: float | None
    pages: list[Page]
    rendered: set[str]
    gone: set[str]
    moved: dict[str, str]


class Builder:
    """Makes editions with one application, source and changes. One builder at a time: hold `storage.build_lock`."""

    def __init__(
        self,
        application: Wsgi,
        source: Source,
        changes: Changes,
        *,
        switched: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the Django application, not the layer in front of it; `switched` is called when readers get others."""
        self.application, self.source, self.changes, self.switched = application, source, changes, switched
        self.code = code_version()
        self._asked = 0.0

    def is_due(self, before: Manifest) -> bool:
        """Return whether anything has changed since an edition, on this machine or on another."""
        due = self._due(before)
        return bool(due.waiting) or due.articles is None or bool(due.articles)

    def build(self, *, everything: bool = False) -> Manifest:
        """Make what is due and switch to it; return the current manifest, the same edition's when no page differs.

        With `everything` all pages are rendered. Raises BuildFailed; any other error means the same.
        """
        while True:
            before = storage.current()
            due = self._due(before, everything=everything)
            try:
                made = self._make(before, due)
            except Superseded:
                continue
            request_rebuild.answer(due.answers)
            self.switched()
            if not due.more:
                return made

    def _due(self, before: Manifest | None, *, everything: bool = False) -> Due:
        """Return what is due after an edition; articles that changed go before every page."""
        at, requests = timezone.now(), request_rebuild.pending()
        waiting, seen = frozenset(requests), self.changes.version()
        if before is None:
            return Due(at, waiting, waiting, None, seen, seen)
        since = Version(*before.version)
        named = {request: articles for request, articles in requests.items() if articles is not None}
        revised = self.changes.revised(since=since, now=seen, at=at)
        articles = (revised or set()).union(*named.values())
        articles |= self.changes.passed(since=datetime.fromtimestamp(before.at, UTC), at=at)
        everything = everything or revised is None or len(named) < len(requests)
        everything = everything or (self.code, seen.rest) != (before.code, since.rest)
        if len(articles) > MOST_NAMED or (everything and not articles):
            return Due(at, waiting, waiting, None, seen, seen)
        # What every page has to be rendered for stays due, whatever comes between.
        version = since if revised is None else seen._replace(rest=since.rest)
        return Due(at, waiting, frozenset(named), frozenset(articles), seen, version, more=everything)

    def _plan(self, due: Due) -> Plan:
        """Return what an edition has to hold. Addresses that no edition may hold are left to Django."""
        at = due.at
        gone, moved = self.source.gone(at=at), self.source.moved(at=at)
        hidden = gone | set(moved)
        pages = [page for page in self.source.all_pages(at=at) if page.path not in hidden]
        following = self.source.next_instant(at=at)
        if following is not None and following <= at:
            raise BuildFailed("the next instant has passed already")
        # A redirect to what is not out would tell its name.
        out = gone | {page.path for page in pages}
        moved = {old: new for old, new in moved.items() if old not in gone and new in out and _is_page(old)}
        instant = following.timestamp() if following else None
        return Plan(due, instant, pages, self._to_render(due, pages), set(filter(_is_page, gone)), moved)

    def _to_render(self, due: Due, pages: list[Page]) -> set[str]:
        """Return the paths of the articles that changed, of those that may name them, of their lists and all else."""
        if due.articles is None:
            return {page.path for page in pages}
        articles = due.articles | self.changes.related(to=due.articles, at=due.at)
        lists = {"", *self.source.lists(of=due.articles)}
        return {
            page.path for page in pages if (page.of_list in lists if page.article is None else page.article in articles)
        }

    def _make(self, before: Manifest | None, due: Due) -> Manifest:
        """Make one edition and switch to it, unless it is just like the one before."""
        plan = self._plan(due)
        if before and plan.gone & before.pages.keys():
            before = storage.retract(before, plan.gone, body=_tombstone())
            self.switched()
        with storage.Draft() as draft:
            pages = self._pages(draft, plan, before.pages if before else {})
            gone = {path: self._gone(draft, path, before) for path in plan.gone}
            for old, new in plan.moved.items():
                draft.move(old, new)
            made = self._manifest(plan, before, pages, gone)
            if before and (pages, gone, plan.moved) == (before.pages, before.gone, before.moved):
                return draft.same(replace(made, number=before.number))
            draft.publish(made)
            return made

    def _pages(self, draft: storage.Draft, plan: Plan, old: dict[str, Entry]) -> dict[str, Entry]:
        """Return every page that could be rendered or carried; raise Superseded when something newer is asked."""
        pages: dict[str, Entry] = {}
        for count, page in enumerate(plan.pages, start=1):
            entry = None if page.path in plan.rendered else draft.carry(old.get(page.path))
            entry = entry or self._rendered(draft, page.path, old.get(page.path))
            if entry:
                pages[page.path] = entry
            if count % LOOK_EVERY == 0 or count == len(plan.pages):
                self._look(plan)
        return pages

    def _look(self, plan: Plan) -> None:
        """Raise Superseded when something was asked or changed since the plan was made, or its instant has come."""
        if request_rebuild.waiting() - plan.due.waiting or (plan.next is not None and plan.next <= time.time()):
            raise Superseded
        if time.monotonic() < self._asked + ASK_EVERY:
            return
        self._asked, since, now = time.monotonic(), plan.due.seen, self.changes.version()
        if now.rest != since.rest or self.changes.revised(since=since, now=now, at=timezone.now()) != set():
            raise Superseded

    def _rendered(self, draft: storage.Draft, path: str, old: Entry | None) -> Entry | None:
        """Return the page, rendered; None for one that is left to Django."""
        page = render(self.application, path)
        if page.status != 200:
            self._explain(path, page.status)
            return None
        try:
            file = paths.file_for(path, page.extension or "")
        except paths.BadPlace:
            log.error("a public page is left out of the edition: it cannot be kept as a file")  # noqa: TRY400
            return None
        return draft.keep(f"pages/{file}", page.body, old)

    def _explain(self, path: str, status: int) -> None:
        """Leave out one broken page, but fail for a broken site: without its front page, or without its database."""
        if status >= 500:
            self.source.next_instant(at=timezone.now())
            if path == "/":
                raise BuildFailed("the front page cannot be made")
            log.error("a public page is left out of the edition: it answered %d", status)

    def _gone(self, draft: storage.Draft, path: str, before: Manifest | None) -> Entry:
        """Keep Django's own page about a withdrawn article, a plain sentence if there is none."""
        page = render(self.application, path)
        body = page.body if page.status == 410 and page.extension == "html" else _tombstone()
        return draft.keep(f"gone/{paths.file_for(path, 'html')}", body, before.gone.get(path) if before else None)

    def _manifest(
        self, plan: Plan, before: Manifest | None, pages: dict[str, Entry], gone: dict[str, Entry]
    ) -> Manifest:
        """Return the manifest of a finished edition; its code is this program's once every page is."""
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


def _is_page(path: str) -> bool:
    """Return whether a path is that of a page (it ends in a slash) that an edition may speak of."""
    try:
        return path.endswith("/") and bool(paths.file_for(path, "html"))
    except paths.BadPlace:
        return False


def _tombstone() -> bytes:
    """Return a page that says that an article was withdrawn, and needs nothing."""
    says = gettext("This story was withdrawn.")
    return f'<!doctype html>\n<html lang="en-gb"><title>{says}</title><h1>{says}</h1></html>\n'.encode()
