"""Renders pages with Django's WSGI application, as a reader without a cookie gets them."""

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
    """A response; `extension` is None if no edition may hold it, for its type or because it varies by reader."""

    status: int
    extension: str | None
    body: bytes


def _request(address: str) -> dict[str, Any]:
    """Return the WSGI environment of a plain GET request for an address of this site."""
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
    """Return the application's response for an address (a path, or a path and a query)."""
    response: dict[str, Any] = {}

    def start_response(status: str, fields: list[tuple[str, str]], exc_info: object = None) -> None:
        response["status"], response["fields"] = int(status[:3]), fields

    chunks = application(_request(address), start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    fields = {name.lower(): value for name, value in response["fields"]}
    private = "set-cookie" in fields or "cookie" in fields.get("vary", "").lower()
    return Page(response["status"], None if private else headers.extension(fields.get("content-type", "")), body)
