"""Builds an edition: renders the pages on which a change shows, links the others, then switches."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from newsroom.domain import changes, images, public_pages, request_rebuild
from newsroom.edition import paths, storage
from newsroom.edition.code_version import code_version
from newsroom.edition.page import Wsgi, render
from newsroom.edition.storage import Edition, UnfinishedEdition

NIGHT = timedelta(
    hours=3
)  # after midnight by the place's clock, when every page is rendered once a day
CHECK_EVERY = (
    25  # pages, while every page is rendered, between two looks whether something changed meanwhile
)
EXTENSIONS = {"feed": "atom"}  # by the kind of a page; any other is HTML, or has its own

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """What an edition shows anew: the articles that changed, or every page. `whole` is for its facts."""

    at: datetime
    number: int
    articles: set[int]
    every_page: bool
    whole: str


class Builder:
    """Builds editions from one application. The caller holds `storage.build_lock`."""

    def __init__(self, application: Wsgi) -> None:
        """Take Django's application, not the layer in front of it."""
        self.application = application
        self.code = code_version()

    def is_due(self) -> bool:
        """Return True if the current edition is out of date: one small question to the database."""
        edition = storage.current()
        if edition is None or (edition.next and edition.next <= timezone.now()):
            return True
        return (edition.number, edition.whole) != (changes.number(), self._whole())

    def build(self, *, every_page: bool = False) -> Edition:
        """Build one edition, switch to it and return it. With `every_page` all are rendered, if nothing has changed.

        What changed comes first: then every page stays due. Raises RuntimeError, or any error of the application, if
        none was made; readers keep the edition before.
        """
        edition = None
        while edition is None:
            self.take_away_withdrawn()  # first: anything else may fail at a row
            at = timezone.now()
            before = storage.current()
            images.lay_out()
            edition = self._build(before, self._due(before, at=at, every_page=every_page))
        return edition

    def _whole(self) -> str:
        """Return the occasion on which every page was to be rendered last."""
        night = timezone.localtime(timezone.now() - NIGHT)
        return f"{self.code} {night:%Y-%m-%d} {request_rebuild.requested_here()}"

    def take_away_withdrawn(self) -> None:
        """Delete the pages of withdrawn articles, those that name one, and pictures that only withdrawn ones showed."""
        folder = storage.current_folder()
        stories = {path.name for path in (folder / "pages/news").glob("*")} if folder else set()
        if folder and (withdrawn := stories & public_pages.gone()):
            storage.take_away(folder, withdrawn)
        images.take_away_withdrawn()

    def _due(self, before: Edition | None, *, at: datetime, every_page: bool) -> Due:
        """Return what is due after an edition: first the articles that changed, then, if need be, every page."""
        whole = self._whole()
        changed = changes.since(before.number if before else 0)
        if before is None:
            return Due(at, changed.number, set(), every_page=True, whole=whole)
        came = {
            article for instant, article in public_pages.instants(after=before.at) if instant <= at
        }
        articles = changed.articles | came
        every_page = every_page or changed.every_page or before.whole != whole
        if every_page and articles:
            whole = ""
        return Due(at, changed.number, articles, every_page and not articles, whole)

    def _build(self, before: Edition | None, due: Due) -> Edition | None:
        """Build one edition and switch to it; RuntimeError without a front page.

        None if something changed while every page was rendered: what changed comes first.
        """
        after = public_pages.next_instant(at=due.at)
        by_file = {}
        for page in public_pages.all_pages(at=due.at):
            file = _file(page)
            if file:
                by_file[file] = page
        anew = (
            by_file.keys() if before is None or due.every_page else self._anew(before, due, by_file)
        )
        with UnfinishedEdition() as draft:
            for count, (file, page) in enumerate(by_file.items()):
                if due.every_page and count % CHECK_EVERY == 0 and self._is_superseded(due, after):
                    return None
                if file in anew or not draft.carry(file):
                    self._render(draft, file, page.path)
            return draft.publish(at=due.at, after=after, number=due.number, whole=due.whole)

    def _is_superseded(self, due: Due, after: datetime | None) -> bool:
        return changes.number() != due.number or (after is not None and after <= timezone.now())

    def _anew(
        self, before: Edition, due: Due, by_file: dict[str, public_pages.PublicPage]
    ) -> set[str]:
        """Return the files to render: of the changed articles, of what names or may name them, and of pages of no list.

        The edition before says which pages named them; of a list all pages are rendered.
        """
        naming = storage.naming(before.folder, changes.slugs(of=due.articles))
        articles = due.articles | changes.related(to=due.articles, at=due.at)
        known = {page.list_path for page in by_file.values()} - {""}
        lists = {"", *public_pages.lists(of=due.articles)}
        for file in naming:
            lists |= {path for path in known if f"/{file}".startswith(path)}
        anew = set()
        for file, page in by_file.items():
            is_of_these = (
                page.list_path in lists if page.article is None else page.article in articles
            )
            if is_of_these or file in naming:
                anew.add(file)
        return anew

    def _render(self, draft: UnfinishedEdition, file: str, path: str) -> None:
        """Render a page into the draft, unless it is one that Django has to serve."""
        page = render(self.application, path)
        if page.status == 200 and page.extension == file.rpartition(".")[2]:
            draft.add(file, page.body)
            return
        log.error("a public page is left out of the edition: it answered %d", page.status)
        if page.status >= 500:
            public_pages.next_instant(
                at=timezone.now()
            )  # raises when the database cannot be reached
            if path == "/":
                raise RuntimeError("the front page cannot be made")


def _file(page: public_pages.PublicPage) -> str | None:
    """Return the file of a page; None for one that no edition may hold."""
    file = paths.file_for(page.path, EXTENSIONS.get(page.kind, "html"))
    if file is None:
        log.error("a public page is left out of the edition: it cannot be stored as a file")
    return file
