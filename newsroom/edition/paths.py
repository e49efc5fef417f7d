"""The file of an edition for each address. nginx follows the same rules, in deploy/nginx.conf.in."""

import re
from pathlib import Path

from newsroom.file_names import is_name, placed

PRIVATE = ("/report/", "/mailbox/", "/search/", "/admin/", "/static/", "/media/")
FILES = ("xml", "txt", "csv", "json")  # extensions that are part of the address too
_ADDRESS = re.compile(r"(?P<path>/(?:[a-z0-9._~-]+/)*(?P<leaf>[a-z0-9._~-]+)?)(?:\?page=(?P<page>[1-9][0-9]{0,4}))?")
_FILE = re.compile(r"(?:[a-z0-9._~-]+/)*[a-z0-9._~-]+")
_PAGE = re.compile(r"(?:^|&)page=([^&]*)")


class BadAddress(ValueError):
    """An address that no edition may hold."""


def file_for(address: str, extension: str) -> str:
    """Return the file for an address (a path, or a path and `?page=N`); raises BadAddress.

    "/" is index.html, "/news/" news.html, "/news/?page=2" news.page-2.html, "/feed/" feed.atom, "/robots.txt" itself.
    """
    match = _ADDRESS.fullmatch(address)
    if not match or address.startswith(PRIVATE) or address == "/index/":
        raise BadAddress(address)
    path, page = match["path"], match["page"]
    if match["leaf"]:
        if page or not path.endswith(f".{extension}") or extension not in FILES:
            raise BadAddress(address)
        file = path[1:]
    else:
        if extension not in ("html", "atom", "png"):
            raise BadAddress(address)
        file = f"{path[1:-1] or 'index'}{f'.page-{page}' if page else ''}.{extension}"
    if not is_name(path[1:-1] or "index", _FILE) or not is_name(file, _FILE):
        raise BadAddress(address)
    return file


def is_page(path: str) -> bool:
    """Return whether a path ends in a slash and an edition may hold its page."""
    try:
        return path.endswith("/") and bool(file_for(path, "html"))
    except BadAddress:
        return False


def placed_in(folder: Path, file: str) -> Path:
    """Return the path of a file or folder in an edition's; raises newsroom.file_names.BadName."""
    return placed(folder, file, _FILE)


def address(path: str, query: str) -> str:
    """Return the address of a request: the path, with `?page=N` from page 2 on; the rest of the query is ignored."""
    match = _PAGE.search(query)
    return path if match is None or match[1] in ("", "1") else f"{path}?page={match[1]}"
