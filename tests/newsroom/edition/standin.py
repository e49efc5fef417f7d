"""A small newsroom for the edition's tests: an application and a source that say the same."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsroom.edition import shelf

FIRST = datetime(2024, 3, 1, 12, tzinfo=UTC)
LATER = FIRST + timedelta(hours=1)
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Surface:
    path: str
    last_changed: datetime | None


@dataclass
class Newsroom:
    """Pages by address; `asked` is every address that the application was asked for."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    changed: dict[str, datetime | None] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    next: datetime | None = None
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dead: Exception | None = None
    while_rendering: Callable[[str], None] = lambda address: None

    def put(self, address: str, text: str, *, kind: str = HTML, changed: datetime | None = FIRST) -> None:
        """Publish or change a page."""
        self.pages[address] = kind, text
        self.changed[address] = changed

    def withdraw(self, path: str) -> None:
        """Take a page back."""
        del self.pages[path], self.changed[path]
        self.withdrawn.add(path)

    def surfaces(self, *, at: datetime) -> Iterable[Surface]:
        if self.dead:
            raise self.dead
        return [Surface(path, changed) for path, changed in self.changed.items()]

    def gone(self, *, at: datetime) -> set[str]:
        return set(self.withdrawn)

    def moved(self, *, at: datetime) -> dict[str, str]:
        return dict(self.redirects)

    def next_instant(self, *, at: datetime) -> datetime | None:
        if self.dead:
            raise self.dead
        return self.next

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


def folder() -> Path:
    """Return the folder of the current edition, which must be there."""
    path = shelf.current_folder()
    assert path is not None
    return path
