"""The layer in front of Django: it answers what the current edition holds, and passes on everything else."""

import functools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings

from newsroom.edition import headers, paths, storage
from newsroom.edition.manifest import NAME, Entry, Manifest
from newsroom.edition.page import Wsgi

MEMORY = 32 * 1024 * 1024  # bytes of finished pages that a process keeps ready
OVERHEAD = 1024  # bytes that a kept answer takes beside its body
NAMES = {".br": "br", ".gz": "gzip", "": ""}  # the forms in which a page is kept, best first

log = logging.getLogger(__name__)


class Answer:
    """One finished response, for 200, 301 and 410; and for 304 of the same."""

    __slots__ = ("body", "fields", "modified", "not_modified", "size", "status", "tag")

    def __init__(self, status: str, fields: list[tuple[str, str]], body: bytes, *, tag: str = "", modified: int = 0):
        """Take the headers but its length, its ETag (none: never 304) and when its content last changed (seconds)."""
        self.status, self.tag, self.modified = status, tag, modified
        self.body, self.size = [body], len(body) + OVERHEAD
        self.fields = [*fields, ("Content-Length", str(len(body)))]
        self.not_modified = [one for one in fields if one[0] not in ("Content-Type", "Content-Encoding")]


@functools.lru_cache(maxsize=256)
def accepted(wish: str) -> tuple[str, ...]:
    """Return the forms that an Accept-Encoding allows, best first; the plain one always comes last."""
    weights: dict[str, float] = {}
    for part in wish.lower().split(","):
        name, _, parameter = part.partition(";")
        try:
            weights[name.strip()] = float(parameter.partition("=")[2]) if parameter.strip() else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    rest = weights.get("*", 0.0)
    ends = [end for end, name in NAMES.items() if name and weights.get(name, rest) > 0]
    return (*sorted(ends, key=lambda end: -weights.get(NAMES[end], rest)), "")


def unchanged(environ: dict[str, Any], answer: Answer) -> bool:
    """Return whether the reader says to have just this already."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or answer.tag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    try:
        return parsedate_to_datetime(environ["HTTP_IF_MODIFIED_SINCE"]).timestamp() >= answer.modified
    except (KeyError, ValueError, OverflowError):
        return False


class Edition:
    """One edition in memory: what it holds, and as many finished answers as the memory allows."""

    def __init__(self, manifest: Manifest, folder: Path, *, memory: int = MEMORY) -> None:
        """Take what it holds and where its files lie."""
        self.manifest, self.folder, self.made = manifest, folder, manifest.made
        self._ready: OrderedDict[tuple[str, tuple[str, ...]], Answer] = OrderedDict()
        self._room, self._lock = memory, threading.Lock()
        self._fields = [*headers.common(https=settings.HTTPS), ("X-Edition", str(manifest.number))]
        self._hidden = {*manifest.gone, *manifest.moved}
        # Whatever a manifest says, the private rooms are Django's.
        addresses = {*manifest.pages, *self._hidden}
        self._known = {address for address in addresses if not address.startswith(paths.PRIVATE)}

    def find(self, environ: dict[str, Any]) -> Answer | None:
        """Return the answer to a request, None for what this edition does not hold. Raises FileNotFoundError."""
        address, query = environ["PATH_INFO"], environ.get("QUERY_STRING")
        if query and "page=" in query and address not in self._hidden:
            address = paths.address(address, query)
        key = address, accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        try:
            self._ready.move_to_end(key)
            return self._ready[key]
        except KeyError:
            return self._keep(key) if address in self._known else None

    def _keep(self, key: tuple[str, tuple[str, ...]]) -> Answer:
        """Make an answer ready, and let go of those that were asked for longest ago."""
        answer = self._make(*key)
        with self._lock:
            if key not in self._ready:
                self._ready[key] = answer
                self._room -= answer.size
            while self._room < 0:
                self._room += self._ready.popitem(last=False)[1].size
        return answer

    def _make(self, address: str, ends: tuple[str, ...]) -> Answer:
        """Return the answer for an address; a tombstone goes before a redirect, and a redirect before a page."""
        if entry := self.manifest.gone.get(address):
            return self._page("410 Gone", entry, ends)
        if target := self.manifest.moved.get(address):
            return Answer("301 Moved Permanently", [*self._fields, ("Location", target)], b"")
        return self._page("200 OK", self.manifest.pages[address], ends)

    def _page(self, status: str, entry: Entry, ends: tuple[str, ...]) -> Answer:
        """Return a page in the best form that there is a file of."""
        for end in ends[:-1]:
            try:
                body = (self.folder / f"{entry.file}{end}").read_bytes()
            except FileNotFoundError:
                continue
            break
        else:
            end, body = "", (self.folder / entry.file).read_bytes()
        kind = headers.TYPES[entry.file.rpartition(".")[2]]
        fields = [*self._fields, ("Content-Type", kind)]
        if NAMES[end]:
            fields.append(("Content-Encoding", NAMES[end]))
        if not status.startswith("200"):
            return Answer(status, fields, body)
        tag = f'"{entry.digest[:32]}{end.replace(".", "-")}"'
        fields += [("ETag", tag), ("Last-Modified", formatdate(entry.since, usegmt=True))]
        return Answer(status, fields, body, tag=tag, modified=entry.since)


class Layer:
    """The WSGI application that gunicorn calls. `refresh` looks whether there is a newer edition."""

    def __init__(self, application: Wsgi) -> None:
        """Take Django's application, for everything that no edition holds."""
        self.application = application
        self.edition: Edition | None = None
        self._mark: tuple[str, int] | None = None
        self.refresh()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer GET and HEAD from the edition; the database, and Django, are not asked."""
        method, edition = environ["REQUEST_METHOD"], self.edition
        if edition is None or method not in ("GET", "HEAD"):
            return self.application(environ, start_response)
        try:
            answer = edition.find(environ)
        except OSError:  # cleared away between two looks
            answer = self._again(environ)
        if answer is None:
            return self.application(environ, start_response)
        age = ("X-Edition-Age", str(int(time() - edition.made)))
        asks = "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ
        if asks and answer.tag and unchanged(environ, answer):
            start_response("304 Not Modified", [*answer.not_modified, age])
            return []
        start_response(answer.status, [*answer.fields, age])
        return answer.body if method == "GET" else []

    def _again(self, environ: dict[str, Any]) -> Answer | None:
        self.refresh()
        try:
            return self.edition.find(environ) if self.edition else None
        except OSError:
            log.exception("a page of the current edition cannot be read")
            return None

    def refresh(self) -> None:
        """Take over the current edition, if it is another than before or was changed."""
        folder = storage.current_folder()
        if folder is None:
            return
        try:
            mark = (folder.name, (folder / NAME).stat().st_mtime_ns)
        except FileNotFoundError:
            return
        if mark == self._mark:
            return
        manifest = storage.current()
        if manifest is not None:
            self.edition, self._mark = Edition(manifest, folder), mark
