"""Asking a WSGI application as a server does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def from_edition(self) -> bool:
        """Return whether an edition answered: the layer and nginx say which, but for pages that nginx has as files."""
        return "X-Edition" in self.fields or "Accept-Ranges" in self.fields


def ask(application: Callable[..., Iterable[bytes]], address: str, *, method: str = "GET", **fields: str) -> Said:
    """Return the answer to a request; fields are headers, `if_none_match="..."`."""
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    environ |= {f"HTTP_{name.upper()}": value for name, value in fields.items()}
    said: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        names = [name for name, _ in headers]
        assert len(names) == len(set(names)), "a header is there twice"
        said.update(status=int(status[:3]), fields=dict(headers))

    body = b"".join(application(environ, start_response))
    return Said(said["status"], said["fields"], body)
