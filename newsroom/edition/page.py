"""Renders pages with Django's WSGI application, as a reader without a cookie gets them."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from newsroom.edition import headers

type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class EditionPage:
    """A response; `extension` is None if no edition may hold it, for its type or because it varies by reader."""

    status: int
    extension: str | None
    body: bytes


def render(application: Wsgi, path: str) -> EditionPage:
    """Return the application's response to a plain GET request for a path of this site."""
    response: dict[str, Any] = {}

    def start_response(status: str, fields: list[tuple[str, str]], exc_info: object = None) -> None:
        response["status"] = int(status[:3])
        response["fields"] = fields

    chunks = application(_request(path), start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    fields = {name.lower(): value for name, value in response["fields"]}
    private = "set-cookie" in fields or "cookie" in fields.get("vary", "").lower()
    return EditionPage(
        response["status"],
        None if private else headers.extension(fields.get("content-type", "")),
        body,
    )


def _request(path: str) -> dict[str, Any]:
    """Return the WSGI environment of the request: what Django reads of it."""
    origin = urlsplit(settings.SITE_ORIGIN)
    usual = 443 if settings.HTTPS else 80
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": origin.hostname,
        "SERVER_PORT": str(origin.port or usual),
        "HTTP_HOST": origin.netloc,
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(),
        **({"HTTP_X_FORWARDED_PROTO": "https"} if settings.HTTPS else {}),
    }
