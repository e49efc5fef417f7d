"""A small newsroom for the edition's tests: an application, a source and its changes that say the same."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from newsroom.domain import request_rebuild
from newsroom.domain.changes import Version
from newsroom.domain.public_pages import PublicPage
from newsroom.edition import storage
from newsroom.edition.build import Builder

HTML = "text/html; charset=utf-8"


@dataclass
class Newsroom:
    """Pages by address; `asked` is every address that the application was asked for."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    next: datetime | None = None
    instants: dict[str, datetime] = field(default_factory=dict)
    neighbours: dict[str, set[str]] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    shelved: dict[int, set[str]] = field(default_factory=dict)
    revisions: list[str] = field(default_factory=list)
    rest: str = ""
    counted: int = 0
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dead: Exception | None = None
    dead_at_one_row: bool = False  # then what reads no other row goes on
    while_rendering: Callable[[str], None] = lambda address: None

    def put(self, address: str, text: str, *, kind: str = HTML) -> None:
        """Publish or change a page."""
        self.pages[address] = kind, text

    def withdraw(self, path: str) -> None:
        """Take a page back."""
        del self.pages[path]
        self.withdrawn.add(path)

    def request(self, *paths: str) -> None:
        """Ask for an edition as a verb does that names these articles; without one, for every page."""
        request_rebuild._write(json.dumps([number(path) for path in paths]) if paths else "")

    def builder(self) -> Builder:
        """Return somebody who makes its editions."""
        return Builder(self, self, self)

    def number(self) -> int:
        return self.counted

    def all_pages(self, *, at: datetime) -> Iterable[PublicPage]:
        if self.dead:
            raise self.dead
        return [
            PublicPage(path, "", number(path) if is_article(path) else None, self.listed.get(path, ""))
            for path in self.pages
        ]

    def lists(self, *, of: Iterable[int]) -> set[str]:
        return {path for pk in of for path in self.shelved.get(pk, ())}

    def gone(self, *, at: datetime) -> set[str]:
        return set(self.withdrawn)

    def gone_among(self, *, paths: Iterable[str], at: datetime) -> set[str]:
        if self.dead and not self.dead_at_one_row:
            raise self.dead
        return self.withdrawn & set(paths)

    def moved(self, *, at: datetime) -> dict[str, str]:
        return dict(self.redirects)

    def next_instant(self, *, at: datetime) -> datetime | None:
        if self.dead:
            raise self.dead
        return self.next

    def version(self) -> Version:
        if self.dead:
            raise self.dead
        return Version(len(self.revisions), len(self.revisions), self.rest)

    def revised(self, *, since: Version, now: Version, at: datetime) -> set[int] | None:
        return {number(path) for path in self.revisions[since.newest : now.newest]}

    def changed_by_time(self, *, since: datetime, at: datetime) -> set[int]:
        return {number(path) for path, instant in self.instants.items() if since < instant <= at}

    def related(self, *, to: Iterable[int], at: datetime) -> set[int]:
        near = {number(path): others for path, others in self.neighbours.items()}
        return {number(other) for pk in to for other in near.get(pk, ())}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        address = environ["PATH_INFO"] + (f"?{query}" if query else "")
        self.asked.append(address)
        self.while_rendering(address)
        status, fields = self.answers.get(address, (200, {}))
        kind, text = self.pages.get(address, (HTML, f"nothing at {address}"))
        if address in self.withdrawn:
            status, text = 410, f"withdrawn: {address}"
        elif address not in self.pages and address not in self.answers:
            status = 404
        start_response(f"{status} Said", list(({"Content-Type": kind} | fields).items()))
        return [text.encode()]


def town() -> Newsroom:
    """Return a newsroom with one of everything."""
    room = Newsroom()
    room.put("/", "front " * 100)
    room.put("/news/", "archive")
    room.put("/news/?page=2", "archive, page 2")
    room.put("/news/a-story/", "a story " * 100)
    room.put("/feed/", "<feed/>", kind="application/atom+xml; charset=utf-8")
    room.put("/robots.txt", "User-agent: *", kind="text/plain")
    room.put("/.well-known/security.txt", "Contact:", kind="text/plain; charset=utf-8")
    room.redirects["/news/an-old-name/"] = "/news/a-story/"
    room.withdrawn.add("/news/a-mistake/")
    return room


def is_article(path: str) -> bool:
    """Return whether the path is that of an article."""
    return path.startswith("/news/") and path.endswith("/") and path != "/news/"


def number(path: str) -> int:
    """Return a primary key for a path."""
    return int.from_bytes(path.encode())


def folder() -> Path:
    """Return the folder of the current edition, which must be there."""
    path = storage.current_folder()
    assert path is not None
    return path
