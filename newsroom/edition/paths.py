"""The file of an edition for each address. nginx follows the same rules, in deploy/nginx.conf.in."""

import re
from pathlib import Path

from core.file_names import is_name, placed
from core.languages import plain

PRIVATE = ("/report/", "/mailbox/", "/search/", "/admin/", "/static/", "/media/")
FILES = ("xml", "txt", "csv", "json")  # extensions that are part of the address too
_ADDRESS = re.compile(rf"/(?:[a-z0-9._~-]+/)*(?:[a-z0-9._~-]+\.(?:{'|'.join(FILES)}))?")
_FILE = re.compile(r"(?:[a-z0-9._~-]+/)*[a-z0-9._~-]+")


def is_address(path: str) -> bool:
    """Return whether an edition may have a file for this path."""
    return bool(_ADDRESS.fullmatch(path)) and not plain(path).startswith(PRIVATE)


def file_for(path: str, extension: str) -> str | None:
    """Return the file for an address with the extension of its type; None for an address that no edition may hold.

    "/" is index.html, "/news/" news/index.html, "/feed/" feed/index.atom, "/robots.txt" itself.
    """
    file = f"{path[1:]}index.{extension}" if path.endswith("/") else path[1:]
    if is_address(path) and is_name(file, _FILE):
        return file
    return None


def placed_in(folder: Path, file: str) -> Path:
    """Return the path of a file or folder in an edition's; raises core.file_names.BadName."""
    return placed(folder, file, _FILE)
