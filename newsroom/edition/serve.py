"""The WSGI layer in front of Django: it serves the pages of the current edition and passes on other requests."""

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
from newsroom.edition.page import Wsgi
from newsroom.edition.storage import MANIFEST, Entry, Manifest

MEMORY = 32 * 1024 * 1024  # bytes of pages that a process caches
OVERHEAD = 1024  # bytes of a cached page besides its body
ENCODINGS = {".br": "br", ".gz": "gzip", "": ""}  # Content-Encoding by file suffix, best first

log = logging.getLogger(__name__)


class CachedPage:
    """The response for one address: status 200, 301 or 410, with the headers of a 304."""

    __slots__ = ("body", "etag", "fields", "modified", "not_modified", "size", "status")

    def __init__(self, status: str, fields: list[tuple[str, str]], body: bytes, *, etag: str = "", modified: int = 0):
        """Take the headers, an ETag ("" for a page that is never 304) and the time of the last change (seconds)."""
        self.status, self.etag, self.modified = status, etag, modified
        self.body, self.size = [body], len(body) + OVERHEAD
        self.fields = [*fields, ("Content-Length", str(len(body)))]
        self.not_modified = [field for field in fields if field[0] not in ("Content-Type", "Content-Encoding")]


@functools.lru_cache(maxsize=256)
def accepted(accept_encoding: str) -> tuple[str, ...]:
    """Return the file suffixes of the encodings that an Accept-Encoding header allows, best first, plain last."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.partition(";")
        try:
            weights[name.strip()] = float(parameter.partition("=")[2]) if parameter.strip() else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    rest = weights.get("*", 0.0)
    allowed = [suffix for suffix, name in ENCODINGS.items() if name and weights.get(name, rest) > 0]
    return (*sorted(allowed, key=lambda suffix: -weights.get(ENCODINGS[suffix], rest)), "")


def not_modified(environ: dict[str, Any], page: CachedPage) -> bool:
    """Return True if the request's validators match the page, so that 304 is the response."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return tags.strip() == "*" or page.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    try:
        return parsedate_to_datetime(environ["HTTP_IF_MODIFIED_SINCE"]).timestamp() >= page.modified
    except (KeyError, ValueError, OverflowError):
        return False


class Edition:
    """One edition in memory: its manifest, and a cache of its pages."""

    def __init__(self, manifest: Manifest, folder: Path, *, memory: int = MEMORY) -> None:
        """Take the manifest, the folder of its files, and the size of the cache in bytes."""
        self.manifest, self.folder = manifest, folder
        self._cache: OrderedDict[tuple[str, tuple[str, ...]], CachedPage] = OrderedDict()
        self._free, self._lock = memory, threading.Lock()
        self._fields = [*headers.common(https=settings.HTTPS), ("X-Edition", str(manifest.number))]
        self._hidden = {*manifest.gone, *manifest.moved}
        # Django serves the private addresses, whatever a manifest says.
        addresses = {*manifest.pages, *self._hidden}
        self._known = {address for address in addresses if not address.startswith(paths.PRIVATE)}

    def find(self, environ: dict[str, Any]) -> CachedPage | None:
        """Return the page for a request, None if this edition does not hold it. Raises FileNotFoundError."""
        address, query = environ["PATH_INFO"], environ.get("QUERY_STRING")
        if query and "page=" in query and address not in self._hidden:
            address = paths.address(address, query)
        key = address, accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))
        try:
            self._cache.move_to_end(key)
            return self._cache[key]
        except KeyError:
            return self._add(key) if address in self._known else None

    def _add(self, key: tuple[str, tuple[str, ...]]) -> CachedPage:
        """Load a page into the cache, and drop the least recently used pages."""
        page = self._load(*key)
        with self._lock:
            if key not in self._cache:
                self._cache[key] = page
                self._free -= page.size
            while self._free < 0:
                self._free += self._cache.popitem(last=False)[1].size
        return page

    def _load(self, address: str, suffixes: tuple[str, ...]) -> CachedPage:
        """Return the page for an address; a tombstone comes before a redirect, and a redirect before a page."""
        if entry := self.manifest.gone.get(address):
            return self._read("410 Gone", entry, suffixes)
        if target := self.manifest.moved.get(address):
            return CachedPage("301 Moved Permanently", [*self._fields, ("Location", target)], b"")
        return self._read("200 OK", self.manifest.pages[address], suffixes)

    def _read(self, status: str, entry: Entry, suffixes: tuple[str, ...]) -> CachedPage:
        """Read a page from the first of its files that exists."""
        for suffix in suffixes[:-1]:
            try:
                body = (self.folder / f"{entry.file}{suffix}").read_bytes()
            except FileNotFoundError:
                continue
            break
        else:
            suffix, body = "", (self.folder / entry.file).read_bytes()
        kind = headers.TYPES[entry.file.rpartition(".")[2]]
        fields = [*self._fields, ("Content-Type", kind)]
        if ENCODINGS[suffix]:
            fields.append(("Content-Encoding", ENCODINGS[suffix]))
        if not status.startswith("200"):
            return CachedPage(status, fields, body)
        etag = f'"{entry.digest[:32]}{suffix.replace(".", "-")}"'
        fields += [("ETag", etag), ("Last-Modified", formatdate(entry.since, usegmt=True))]
        return CachedPage(status, fields, body, etag=etag, modified=entry.since)


class Layer:
    """The WSGI application that gunicorn calls. `refresh` loads a newer edition."""

    def __init__(self, application: Wsgi) -> None:
        """Take Django's application, for every request that the edition cannot answer."""
        self.application = application
        self.edition: Edition | None = None
        self._loaded: tuple[str, int] | None = None
        self.refresh()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer GET and HEAD from the edition, without Django or the database."""
        method, edition = environ["REQUEST_METHOD"], self.edition
        if edition is None or method not in ("GET", "HEAD"):
            return self.application(environ, start_response)
        try:
            page = edition.find(environ)
        except OSError:  # the edition was deleted since the last refresh
            page = self._retry(environ)
        if page is None:
            return self.application(environ, start_response)
        age = ("X-Edition-Age", str(int(time() - edition.manifest.built_at)))
        conditional = "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ
        if conditional and page.etag and not_modified(environ, page):
            start_response("304 Not Modified", [*page.not_modified, age])
            return []
        start_response(page.status, [*page.fields, age])
        return page.body if method == "GET" else []

    def _retry(self, environ: dict[str, Any]) -> CachedPage | None:
        self.refresh()
        try:
            return self.edition.find(environ) if self.edition else None
        except OSError:
            log.exception("a page of the current edition cannot be read")
            return None

    def refresh(self) -> None:
        """Load the current edition if it is another one or has changed."""
        folder = storage.current_folder()
        if folder is None:
            return
        try:
            mark = (folder.name, (folder / MANIFEST).stat().st_mtime_ns)
        except FileNotFoundError:
            return
        if mark == self._loaded:
            return
        manifest = storage.current()
        if manifest is not None:
            self.edition, self._loaded = Edition(manifest, folder), mark
