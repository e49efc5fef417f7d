"""Where a file lies whose name comes from a row, a request, an archive or another process. Pure: no Django."""

import re
from pathlib import Path

LONGEST = 200  # bytes of one part of a name: disks take 255, and an edition adds its endings
LONGEST_WHOLE = 1000  # characters: a path takes 4,096 bytes, and the folder has its own
SLUG = re.compile(r"[A-Za-z0-9_-]+")  # what Django's slug fields allow


class BadName(ValueError):
    """A name that no file of ours has; it is never repeated, as a stranger may have chosen it."""

    def __init__(self) -> None:
        super().__init__("a name that no file of ours has")


def is_name(name: object, pattern: re.Pattern[str]) -> bool:
    """Return whether the whole name matches the pattern, and would lead out of no folder."""
    if not isinstance(name, str) or len(name) > LONGEST_WHOLE:
        return False
    return bool(pattern.fullmatch(name)) and all(map(_is_plain, name.split("/")))


def is_slug(slug: object) -> bool:
    """Return whether a slug from a row may be a part of an address, and so of a file's name."""
    return is_name(slug, SLUG)


def placed(folder: Path, name: object, pattern: re.Pattern[str]) -> Path:
    """Return the path of a file in a folder. Raises BadName unless the whole name matches the pattern.

    Every file whose name was not written in the code gets its path here. A name that leads out of the folder is refused
    even where the pattern allows it.
    """
    if not is_name(name, pattern):
        raise BadName
    return folder / str(name)


def _is_plain(part: str) -> bool:
    return (
        part not in ("", ".", "..")
        and "\0" not in part
        and len(part.encode(errors="replace")) <= LONGEST
    )
