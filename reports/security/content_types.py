"""What a request says of its body: its kind and where its parts end count; its charset never does.

All our pages are sent as UTF-8, and so are the forms on them. Django would believe a request that says otherwise before
any middleware runs: `unicode_escape` makes halves of characters, which no page can show, and `hex` is no text at all.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

from newsroom.edition.page import Wsgi


def without_charsets(application: Wsgi) -> Wsgi:
    """Return a WSGI application whose requests name no charset, so that all of them are read as UTF-8."""

    def plain(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = without_charset(str(environ.get("CONTENT_TYPE", "")))
        return application(environ, start_response)

    return plain


def without_charset(content_type: str) -> str:
    """Return a Content-Type with nothing but its kind and its boundary; "" for one that cannot be understood."""
    if ";" not in content_type:
        return content_type
    try:
        kind, parameters = parse_header_parameters(content_type)
    except ValueError:
        return ""
    boundary = parameters.get("boundary")
    if boundary:
        return f'{kind}; boundary="{boundary}"'
    return kind
