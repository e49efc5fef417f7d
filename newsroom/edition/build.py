"""Builds an edition: renders the pages on which a change shows, links the others, then switches."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from newsroom.domain import changes, images, public_pages, request_rebuild
from newsroom.domain.public_pages import PublicPage
from newsroom.edition import paths, storage
from newsroom.edition.code_version import code_version
from newsroom.edition.page import Wsgi, render
from newsroom.edition.storage import Edition, UnfinishedEdition

NIGHT = timedelta(hours=3)  # after midnight by the place's clock, when every page is rendered once a day
CHECK_EVERY = 25  # pages, while every page is rendered, between two looks whether something changed meanwhile
EXTENSIONS = {"feed": "atom"}  # by the kind of a page; any other is HTML, or has its own

log = logging.getLogger(__name__)


class BuildFailed(Exception):
    """No edition was made; readers keep the one before."""


class Superseded(Exception):
    """Something changed while every page was rendered; what changed comes first."""


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

        What changed comes first: then every page stays due. Raises BuildFailed, or any error of the application.
        """
        while True:
            self.take_away_withdrawn()  # first: anything else may fail at a row
            at, before = timezone.now(), storage.current()
            images.lay_out()
            try:
                return self._build(before, self._due(before, at=at, every_page=every_page))
            except Superseded:
                continue

    def _whole(self) -> str:
        """Return the occasion on which every page was to be rendered last."""
        night = timezone.localtime(timezone.now() - NIGHT)
        return f"{self.code} {night:%Y-%m-%d} {request_rebuild.requested_here()}"

    def take_away_withdrawn(self) -> None:
        """Delete the pages of withdrawn articles, and those that name one, from the current edition."""
        folder = storage.current_folder()
        if folder and (folder / "pages/news").is_dir():
            gone, slugs = public_pages.gone(), [path.name for path in (folder / "pages/news").iterdir()]
            if withdrawn := {slug for slug in slugs if f"/news/{slug}/" in gone}:
                storage.take_away(folder, withdrawn)

    def _due(self, before: Edition | None, *, at: datetime, every_page: bool) -> Due:
        """Return what is due after an edition: first the articles that changed, then, if need be, every page."""
        whole = self._whole()
        changed = changes.since(before.number if before else 0)
        if before is None:
            return Due(at, changed.number, set(), every_page=True, whole=whole)
        articles = changed.articles | changes.by_time(since=before.at, at=at)
        every_page = every_page or changed.every_page or before.whole != whole
        if articles and every_page:
            return Due(at, changed.number, articles, every_page=False, whole="")
        return Due(at, changed.number, articles, every_page, whole)

    def _build(self, before: Edition | None, due: Due) -> Edition:
        """Build one edition and switch to it; raises Superseded and BuildFailed."""
        gone, moved = public_pages.gone(at=due.at), public_pages.moved(at=due.at)
        hidden, after = {*gone, *moved}, public_pages.next_instant(at=due.at)
        pages = (page for page in public_pages.all_pages(at=due.at) if page.path not in hidden)
        by_file = {file: page for page in pages if (file := _file(page))}
        files = {f"pages/{file}": page.path for file, page in by_file.items()}
        files |= {f"gone/{paths.file_for(path, 'html')}": path for path in gone if paths.is_page(path)}
        anew = files.keys() if before is None or due.every_page else self._anew(before, due, by_file)
        with UnfinishedEdition() as draft:
            for count, (file, path) in enumerate(files.items()):
                if due.every_page and count % CHECK_EVERY == 0 and self._is_superseded(due, after):
                    raise Superseded
                if file in anew or not draft.carry(file):
                    self._render(draft, file, path)
            for old, new in moved.items():
                if old not in gone and paths.is_page(old) and paths.is_page(new):
                    draft.move(old, new)
            return draft.publish(at=due.at, after=after, number=due.number, whole=due.whole)

    def _is_superseded(self, due: Due, after: datetime | None) -> bool:
        return changes.number() != due.number or (after is not None and after <= timezone.now())

    def _anew(self, before: Edition, due: Due, by_file: dict[str, PublicPage]) -> set[str]:
        """Return the files to render: of the changed articles, of what names or may name them, and of pages of no list.

        The edition before says which pages named them; of a list all pages are rendered.
        """
        naming = storage.naming(before.folder, changes.slugs(of=due.articles))
        articles = due.articles | changes.related(to=due.articles, at=due.at)
        known = {page.list_path for page in by_file.values()} - {""}
        lists = {path for path in known if any(f"/{file}".startswith(path) for file in naming)}
        lists |= {"", *public_pages.lists(of=due.articles)}
        return {
            f"pages/{file}"
            for file, page in by_file.items()
            if file in naming or (page.list_path in lists if page.article is None else page.article in articles)
        }

    def _render(self, draft: UnfinishedEdition, file: str, path: str) -> None:
        """Render a page into the draft, unless it is one that Django has to serve."""
        page, expected = render(self.application, path), 410 if file.startswith("gone/") else 200
        if page.status == expected and page.extension == file.rpartition(".")[2]:
            draft.add(file, page.body)
            return
        log.error("a public page is left out of the edition: it answered %d", page.status)
        if page.status >= 500:
            public_pages.next_instant(at=timezone.now())  # raises when the database cannot be reached
            if path == "/":
                raise BuildFailed("the front page cannot be made")


def _file(page: PublicPage) -> str | None:
    """Return the file of a page; None for one that no edition may hold."""
    try:
        return paths.file_for(page.path, EXTENSIONS.get(page.kind, "html"))
    except paths.BadAddress:
        log.error("a public page is left out of the edition: it cannot be stored as a file")  # noqa: TRY400
        return None
