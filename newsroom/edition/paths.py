"""Which file of an edition holds which address. nginx follows the same rules: see deploy/nginx.conf.in."""

import re

PRIVATE = ("/report/", "/mailbox/", "/search/", "/admin/", "/static/", "/media/")
FILES = ("xml", "txt", "csv", "json")  # whose addresses end like their files
_ADDRESS = re.compile(r"(?P<path>/(?:[a-z0-9._~-]+/)*(?P<leaf>[a-z0-9._~-]+)?)(?:\?page=(?P<page>[1-9][0-9]{0,4}))?")
_PAGE = re.compile(r"(?:^|&)page=([^&]*)")


class BadPlace(ValueError):
    """An address that no edition may hold."""


def file_for(address: str, extension: str) -> str:
    """Return the file for an address (a path, or a path and `?page=N`); raises BadPlace.

    "/" is index.html, "/news/" news.html, "/news/?page=2" news.page-2.html, "/feed/" feed.atom, "/robots.txt" itself.
    """
    found = _ADDRESS.fullmatch(address)
    if not found or address.startswith(PRIVATE) or {".", ".."} & set(address.split("/")) or address == "/index/":
        raise BadPlace(address)
    path, page = found["path"], found["page"]
    if found["leaf"]:
        if page or not path.endswith(f".{extension}") or extension not in FILES:
            raise BadPlace(address)
        return path[1:]
    if extension not in ("html", "atom"):
        raise BadPlace(address)
    return f"{path[1:-1] or 'index'}{f'.page-{page}' if page else ''}.{extension}"


def address(path: str, query: str) -> str:
    """Return the address that a request is about: only `page` of a query string counts, and page 1 is the bare path."""
    found = _PAGE.search(query)
    return path if found is None or found[1] in ("", "1") else f"{path}?page={found[1]}"
