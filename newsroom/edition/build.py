"""Making an edition: every public address, rendered or carried forward, and then one switch."""

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from django.utils import timezone
from django.utils.translation import gettext

from newsroom.domain import outdated
from newsroom.edition import places, render, shelf
from newsroom.edition.manifest import Entry, Manifest

LOOK_EVERY = 25  # pages between two looks whether something newer is wanted

log = logging.getLogger(__name__)


class BuildFailed(Exception):
    """No edition could be made; the one before goes on."""


class Surface(Protocol):
    """A public address, and when what it shows last changed."""

    @property
    def path(self) -> str:
        """Return the path, perhaps with `?page=N`."""

    @property
    def last_changed(self) -> datetime | None:
        """Return an instant that differs whenever the page does; None for a page that says nothing about it."""


class Source(Protocol):
    """What readers may see at an instant: newsroom.domain.reading."""

    def surfaces(self, *, at: datetime) -> Iterable[Surface]:
        """Return every public address."""

    def moved(self, *, at: datetime) -> dict[str, str]:
        """Return new paths by old."""

    def gone(self, *, at: datetime) -> set[str]:
        """Return the paths of what was withdrawn."""

    def next_instant(self, *, at: datetime) -> datetime | None:
        """Return when all this changes by itself."""


@dataclass(frozen=True)
class Plan:
    """What an edition has to hold: `wanted` is the request that it answers, `surfaces` says changes by address."""

    wanted: str
    next: float | None
    surfaces: dict[str, str]
    gone: set[str]
    moved: dict[str, str]

    def met_by(self, manifest: Manifest) -> bool:
        """Return whether an edition holds just this, and as long, as far as can be known without rendering."""
        held = {address: entry.changed for address, entry in manifest.pages.items()} | manifest.left
        kept = (held, set(manifest.gone), manifest.moved, manifest.next)
        return kept == (self.surfaces, self.gone, self.moved, self.next)


def plan(source: Source) -> Plan:
    """Return what an edition has to hold now. Addresses that no edition may hold are left to Django."""
    wanted, at = outdated.token(), timezone.now()
    gone, moved = source.gone(at=at), source.moved(at=at)
    surfaces: dict[str, str] = {}
    for surface in source.surfaces(at=at):
        changed = surface.last_changed
        surfaces[surface.path] = changed.isoformat() if changed else ""
    hidden = gone | set(moved)
    surfaces = {address: changed for address, changed in surfaces.items() if address not in hidden}
    following = source.next_instant(at=at)
    if following is not None and following <= at:
        raise BuildFailed("the next instant has passed already")
    # A redirect to what is not out would tell its name.
    shown = gone | set(surfaces)
    paths = {old: new for old, new in moved.items() if old not in gone and new in shown and _is_page(old)}
    return Plan(wanted, following.timestamp() if following else None, surfaces, set(filter(_is_page, gone)), paths)


def _is_page(path: str) -> bool:
    """Return whether a path is that of a page (it ends in a slash) that an edition may speak of."""
    try:
        return path.endswith("/") and bool(places.file_for(path, "html"))
    except places.BadPlace:
        return False


class Builder:
    """Makes editions with one application and one source. One builder at a time: hold `shelf.turn`."""

    def __init__(self, application: render.Wsgi, source: Source) -> None:
        """Take the Django application, not the layer in front of it."""
        self.application, self.source = application, source

    def build(self) -> Manifest | None:
        """Make an edition of what is public now, switch to it and return its manifest; None when nothing was asked.

        Pages whose surface says that nothing changed are carried forward without rendering: newsroom.edition.proof
        sees to those. Raises BuildFailed; any other error means the same.
        """
        before = shelf.current()
        wanted = plan(self.source)
        self.strike(before, wanted)
        if before and wanted.met_by(before):
            return self.answered(before, wanted)
        with shelf.Draft(layer=before is not None and shelf.takes_layer(before)) as draft:
            wanted, pages = self.fill(draft, before, wanted, {})
            return self.publish(draft, before, wanted, pages)

    def answered(self, before: Manifest, wanted: Plan) -> Manifest | None:
        """Note that the current edition is what was asked for."""
        folder = shelf.current_folder()
        if wanted.wanted == before.wanted or folder is None:
            return None
        same = replace(before, wanted=wanted.wanted)
        same.write(folder)
        return same

    def strike(self, before: Manifest | None, wanted: Plan) -> None:
        """Take what was withdrawn out of the current edition at once."""
        if before:
            shelf.strike(before, wanted.gone, body=_tombstone())

    def fill(
        self, draft: shelf.Draft, before: Manifest | None, wanted: Plan, done: dict[str, Entry]
    ) -> tuple[Plan, dict[str, Entry]]:
        """Render or carry every page that is not done; if something newer is wanted meanwhile, plan again.

        What is done holds as long as its surface says the same. A surface that says nothing is asked anew.
        """
        old = before.pages if before else {}
        while True:
            stale = [one for one, entry in done.items() if not entry.changed or _differs(entry, wanted, one)]
            for address in stale:
                draft.drop(done.pop(address))
            missing = [address for address in wanted.surfaces if address not in done]
            for count, address in enumerate(missing, start=1):
                entry = self.page(draft, address, wanted.surfaces[address], old.get(address))
                if entry:
                    done[address] = entry
                if count % LOOK_EVERY == 0 and outdated.token() != wanted.wanted:
                    break
            else:
                return wanted, done
            wanted = plan(self.source)
            self.strike(before, wanted)

    def page(
        self, draft: shelf.Draft, address: str, changed: str, old: Entry | None, *, anew: bool = False
    ) -> Entry | None:
        """Return the page's entry, rendered `anew` or carried forward; None for an address that is left to Django."""
        if old and changed and old.changed == changed and not anew and (kept := draft.carry(old, changed=changed)):
            return kept
        page = render.page(self.application, address)
        if page.status != 200:
            self._explain(address, page.status)
            return None
        try:
            file = places.file_for(address, page.extension or "")
        except places.BadPlace:
            log.error("a public page is left out of the edition: it cannot be kept as a file")  # noqa: TRY400
            return None
        same = old and shelf.own(old.file) == f"pages/{file}" and old.digest == hashlib.sha256(page.body).hexdigest()
        kept = draft.carry(old, changed=changed) if old and same else None
        return kept or draft.write(f"pages/{file}", page.body, changed=changed)

    def publish(self, draft: shelf.Draft, before: Manifest | None, wanted: Plan, pages: dict[str, Entry]) -> Manifest:
        """Finish an edition that holds its pages, and switch to it."""
        manifest = self._finish(draft, before, wanted, pages)
        if before:
            draft.hide(entry for address, entry in before.pages.items() if address not in pages)
        draft.publish(manifest)
        return manifest

    def _explain(self, address: str, status: int) -> None:
        """Leave out one broken page, but fail for a broken site: without its front page, or without its database."""
        if status >= 500:
            self.source.next_instant(at=timezone.now())
            if address == "/":
                raise BuildFailed("the front page cannot be made")
            log.error("a public page is left out of the edition: it answered %d", status)

    def _finish(self, draft: shelf.Draft, before: Manifest | None, wanted: Plan, pages: dict[str, Entry]) -> Manifest:
        """Add tombstones and redirects; return the manifest."""
        gone = {path: self._gone(draft, path, before.gone.get(path) if before else None) for path in wanted.gone}
        for old, new in wanted.moved.items():
            draft.move(old, new)
        number = max(int(time.time() * 1000), before.number + 1 if before else 0)
        left = {address: changed for address, changed in wanted.surfaces.items() if address not in pages}
        return Manifest(number, wanted.next, wanted.wanted, pages, gone, wanted.moved, left)

    def _gone(self, draft: shelf.Draft, path: str, old: Entry | None) -> Entry:
        """Keep Django's own page about a withdrawn story, a plain sentence if there is none."""
        page = render.page(self.application, path)
        body = page.body if page.status == 410 and page.extension == "html" else _tombstone()
        same = old if old and old.digest == hashlib.sha256(body).hexdigest() else None
        kept = draft.carry(same, changed="") if same else None
        return kept or draft.write(f"gone/{places.file_for(path, 'html')}", body, changed="")


def _differs(entry: Entry, wanted: Plan, address: str) -> bool:
    """Return whether a page's surface has changed, or is not there any more."""
    return wanted.surfaces.get(address) != entry.changed


def _tombstone() -> bytes:
    """Return a page that says that a story was withdrawn, and needs nothing."""
    says = gettext("This story was withdrawn.")
    return f'<!doctype html>\n<html lang="en-gb"><title>{says}</title><h1>{says}</h1></html>\n'.encode()
