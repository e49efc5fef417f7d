"""The language of an address: `/pl/report/` is `/report/` in Polish. What goes by paths asks `plain` first. Pure."""

import re

ENGLISH = "en-gb"
NAMES = {
    "pl": "Polski",
    "ro": "Română",
    "ur": "اردو",
}  # that `locale` has a catalogue of: each one's own name
RIGHT_TO_LEFT = ("ur",)
# Around English in a catalogue: isolates from left to right, and a mark.
BEGIN = "\u2066\u2060"
END = "\u2060\u2069"
_FIRST = re.compile(
    r"\A/([a-z]{2})(?=/|\Z)"
)  # no English address begins with two letters; a test holds that


def plain(path: str) -> str:
    """Return a path without a language, whether or not there is such a language: "/pl/report/" is "/report/"."""
    return _FIRST.sub("", path, count=1) or "/"


def named(path: str) -> str:
    """Return the two letters with which a path begins, "" without any."""
    found = _FIRST.match(path)
    return found[1] if found else ""
