"""What of a page is plain: text for people that no translation went through."""

import re
from html.parser import HTMLParser

from django.conf import settings

from core import languages
from tests.languages.pseudo import CLOSE, OPEN

SAID = {
    "alt",
    "title",
    "placeholder",
    "aria-label",
    "label",
    "data-label",
    "summary",
}  # attributes that people read
SILENT = {"script", "style", "code", "template"}
VOID = {"input", "br", "hr", "img", "link", "meta", "source", "col", "wbr"}

# Names and codes, which no language changes. What the tests' people type begins with "zz".
SAME = re.compile(
    r"""
      \bzz[\w@.-]*                        # what people typed
    | \b[\w.+-]+@[\w.-]+ | https?://\S+    # addresses
    | \b[A-Z]?\d[\dA-Za-z:.-]*\b           # numbers and dates
    | \bStreetlight\b                    # the brand
    | \b(?:age|GOV\.UK|JPEG)\b
    """,
    re.VERBOSE,
)
WORD = re.compile(r"[^\W\d_]{2,}")


class _Reader(HTMLParser):
    """Collects the text of a page that stands outside all brackets."""

    def __init__(self):
        super().__init__()
        self.depth = 0
        self.silent = []  # the elements around this place, from the first that is not to be read
        self.plain = []

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        is_silent = tag in SILENT or given.get("translate") == "no" or _foreign(tag, given)
        if tag not in VOID and (self.silent or is_silent):
            self.silent.append(tag)
        if self.silent:
            return
        said = [value for name, value in given.items() if name in SAID]
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            said.append(given.get("value", ""))
        if tag == "meta" and given.get("name") == "description":
            said.append(given.get("content", ""))
        for text in said:
            self.plain += outside(text)[0]

    def handle_endtag(self, tag):
        if self.silent and tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.silent:
            found, self.depth = outside(data, self.depth)
            self.plain += found


def _foreign(tag, given):
    return tag != "html" and "lang" in given  # a passage that says in which language it is


def outside(text, depth=0):
    """Return what of a text stands outside all brackets and is plain, and how deep in brackets it ends."""
    pieces = [""]
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        if letter in OPEN + CLOSE:
            pieces.append("")
        elif depth == 0:
            pieces[-1] += letter
    return [" ".join(piece.split()) for piece in pieces if WORD.search(SAME.sub(" ", piece))], depth


def plain_text(html):
    """Return the texts of a page that no translation went through; fails where brackets do not close."""
    reader = _Reader()
    reader.feed(html)
    assert reader.depth == 0, f"brackets are open at the end: {reader.depth}"
    return reader.plain


def plain_page(html, *typed):
    """Return what of a page in the language is plain: what people typed and the names of places left out."""
    assert OPEN in html or not html
    for text in (*typed, *_places(), "drug-supply"):
        html = html.replace(text, "zz")
    return plain_text(html)


def _places():
    """Return the names of areas and estates and the other words of the place's folder, the longest first."""
    place = settings.PLACE
    names = [place.name, place.police, place.inside, place.part, *place.who_we_are.splitlines()]
    names += [name for area in place.areas for name in (area.name, *area.estates)]
    for number in place.numbers.values():
        names += [number.who, number.when, *number.more.split("https://")]
    names += [*place.operator.values(), *place.people]
    names += languages.NAMES.values()  # each its own
    return sorted(filter(None, map(str.strip, names)), key=len, reverse=True)
