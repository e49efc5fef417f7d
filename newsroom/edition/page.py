"""Pages as Django gives them to a reader who has no cookie: rendered by the WSGI application itself."""

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from newsroom.edition import headers

type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Page:
    """An answer; `extension` is None when no edition may hold it: for its type, or because it is for one reader."""

    status: int
    extension: str | None
    body: bytes


def _request(address: str) -> dict[str, Any]:
    """Return the environment of a plain GET of an address of this site."""
    path, _, query = address.partition("?")
    origin = urlsplit(settings.SITE_ORIGIN)
    host = origin.netloc
    if not validate_host(origin.hostname or "", settings.ALLOWED_HOSTS):
        host = next((name for name in settings.ALLOWED_HOSTS if name[0] not in ".*"), "localhost")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": origin.hostname or "localhost",
        "SERVER_PORT": str(origin.port or (443 if settings.HTTPS else 80)),
        "HTTP_HOST": host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if settings.HTTPS:
        environ["HTTP_X_FORWARDED_PROTO"] = "https"
    return environ


def render(application: Wsgi, address: str) -> Page:
    """Return what the application answers for an address (a path, or a path and a query)."""
    said: dict[str, Any] = {}

    def start_response(status: str, fields: list[tuple[str, str]], exc_info: object = None) -> None:
        said["status"], said["fields"] = int(status[:3]), fields

    answer = application(_request(address), start_response)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    found = {name.lower(): value for name, value in said["fields"]}
    private = "set-cookie" in found or "cookie" in found.get("vary", "").lower()
    return Page(said["status"], None if private else headers.extension(found.get("content-type", "")), body)
