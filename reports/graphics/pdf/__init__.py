"""A hand-over pack as PDF. Pure, of Django only its translations; it prints only what it is given.

The file's metadata are its title and a day. Letters that the font does not have are printed as their code; words
written from right to left, which would come out in the wrong order, as a note. The JSON holds them unchanged.
"""

import base64
import io
import threading
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from reports.graphics.pdf.wrapping import wrapped
from reports.text.hidden_characters import code

FONT = "DejaVuSans"
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 62.0, 62.0, 66.0, 70.0  # points
MEASURE = WIDTH - LEFT - RIGHT
INK, SOFT, RULE, LAMP = (HexColor(colour) for colour in ("#171a20", "#525866", "#ddd5c4", "#b87400"))
LARGEST_PICTURE = 300.0  # points high

SOURCE = {"1": gettext_lazy("reliable"), "2": gettext_lazy("untested"), "3": gettext_lazy("not reliable")}
INFORMATION = {
    "A": gettext_lazy("known directly to the source"),
    "B": gettext_lazy("known indirectly, but corroborated"),
    "C": gettext_lazy("known indirectly"),
    "D": gettext_lazy("not known"),
    "E": gettext_lazy("suspected to be false"),
}
HANDLING = {
    "P": gettext_lazy("lawful sharing permitted"),
    "C": gettext_lazy("lawful sharing permitted with conditions"),
}
AGREED = {
    "yes": gettext_lazy("yes: the police may be told what they wrote"),
    "in our words": gettext_lazy("only in our words, as here"),
    "no": gettext_lazy("no; passed on although the sender said no, for the reason at the top"),
    "not said": gettext_lazy("did not say; someone who leads our team signed this"),
}
GROUNDS = {
    "life": gettext_lazy("Someone’s life is at risk"),
    "child": gettext_lazy("A child may be in danger"),
}
REPLACED = gettext_lazy(
    "Some letters are printed as [U+...] or as a note in brackets. The JSON file has them as they were written."
)

_lock = threading.Lock()  # reportlab registers fonts once for all threads


def printed(whole: dict[str, Any], *, digest: str, day: date) -> bytes:
    """Return a pack (the exported JSON, parsed) as a PDF of A4 pages; the same input gives the same bytes."""
    with _lock:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(FONT, str(Path(__file__).with_name("DejaVuSans.ttf"))))
        pages = _draw(whole, digest, day, pages=0)
        return _draw(whole, digest, day, pages=pages.number).data()


def _draw(whole: dict[str, Any], digest: str, day: date, *, pages: int) -> "PackDocument":
    content = whole["content"]
    marking = _marking(content["reports"])
    document = PackDocument(reference=content["pack"], digest=digest, day=day, pages=pages, marking=marking)
    _head(document, content)
    for report in content["reports"]:
        _report(document, report)
    _signed(document, whole, digest, phone=content["from"].get("phone", ""))
    if document.replaced:
        document.text(str(REPLACED), size=8.5, colour=SOFT)
    document.end()
    return document


def _marking(reports: list[dict[str, Any]]) -> str:
    """Return what stands at the head of each page: how the strictest of the reports may be handled."""
    codes = {report["suggested_grading"]["handling"] for report in reports}
    code = "C" if "C" in codes else "P"
    return _("In confidence. Handling %(code)s: %(words)s.") % {"code": code, "words": HANDLING[code]}


def _head(document: "PackDocument", content: dict[str, Any]) -> None:
    document.text(_("Hand-over pack"), size=20, leading=26)
    document.text(content["pack"], size=13, leading=20, colour=LAMP)
    document.fact(_("From"), " · ".join(filter(None, (content["from"]["name"], content["from"]["contact"]))))
    if content["from"].get("phone"):
        document.fact(_("Phone"), content["from"]["phone"])
    document.fact(_("Drafted"), content["drafted"])
    document.fact(_("Printed"), document.day.isoformat())
    count = len(content["reports"])
    document.fact(
        _("Reports"),
        str(count) if count == 1 else _("%(count)s. Several may come from the same source.") % {"count": count},
    )
    document.text(
        _(
            "Written by us from what the public told us, without what shows who told it. The grading is a suggestion: "
            "we are no intelligence unit."
        ),
        size=9,
        colour=SOFT,
    )
    if content["danger"]:
        document.title(str(GROUNDS[content.get("ground", "life")]))
        document.text(content["danger"])


def _report(document: "PackDocument", report: dict[str, Any]) -> None:
    grading = report["suggested_grading"]
    document.title(_("Report %(number)s") % {"number": report["number"]})
    document.fact(_("Suggested grading"), f"{grading['source']}{grading['information']}{grading['handling']}", size=14)
    document.fact(_("Source"), f"{grading['source']}, {SOURCE[grading['source']]}")
    document.fact(_("Information"), f"{grading['information']}, {INFORMATION[grading['information']]}")
    document.fact(_("Handling"), f"{grading['handling']}, {HANDLING[grading['handling']]}")
    if grading["conditions"]:
        document.fact(_("Conditions"), grading["conditions"])
    document.fact(_("Kind"), report["kind"] or _("not said"))
    document.fact(_("Area"), report["area"] or _("not said"))
    document.fact(_("Week of"), report["week"])
    document.fact(_("Sender agrees to this"), str(AGREED.get(report["sender_agreed"], report["sender_agreed"])))
    document.gap(6)
    document.text(report["text"], size=11, leading=16.5)
    document.gap(6)
    document.fact(_("Left out"), report["left_out"] or _("nothing was named"))
    if report["contact"]:
        document.fact(_("Contact, as the sender wishes"), report["contact"])
    for number, picture in enumerate(report["pictures"], start=1):
        document.picture(
            base64.b64decode(picture),
            _("Picture %(number)s of %(count)s") % {"number": number, "count": len(report["pictures"])},
        )


def _signed(document: "PackDocument", whole: dict[str, Any], digest: str, *, phone: str) -> None:
    document.title(_("Signed"))
    # No role of ours: "officer" would make the police think of one of theirs.
    read = ngettext(
        "member of the Streetlight team, has read this tip",
        "member of the Streetlight team, has read these tips",
        len(whole["content"]["reports"]),
    )
    for signature in whole["signatures"]:
        document.fact(signature["day"], signature["name"], size=11)
        document.fact("", read)
    if whole["one_signature"]:
        document.text(_("One signature. This desk has one keyholder, who waited 24 hours before it counted."))
    document.gap(4)
    asked = _(
        "SHA-256 of the JSON file of this pack. Ask for it by phone, and compare. Take a number that you knew before."
    )
    if phone:
        asked = _(
            "SHA-256 of the JSON file of this pack. Ask for it by phone, and compare: %(phone)s, or better a number of "
            "ours that you knew before this paper."
        ) % {"phone": phone}
    document.text(asked, size=9, colour=SOFT)
    for half in (digest[:32], digest[32:]):
        document.text(" ".join(half[at : at + 8] for at in range(0, 32, 8)), size=11, leading=16)


class PackDocument:
    """A PDF that fills from the top: text wrapped to the width, facts in two columns, pictures."""

    def __init__(self, *, reference: str, digest: str, day: date, pages: int, marking: str) -> None:
        """Begin the first page; `pages` is the total to print, 0 while it is unknown."""
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=A4, invariant=1, pageCompression=1, lang="en-GB")
        self._canvas.setTitle(_("Hand-over pack %(reference)s") % {"reference": reference})
        for silent in (self._canvas.setAuthor, self._canvas.setSubject, self._canvas.setCreator):
            silent("")
        self._canvas.setProducer("Streetlight")
        self._canvas.setDateFormatter(lambda *_now: f"D:{day:%Y%m%d}000000Z")
        self._marking = marking
        self._foot = f"{reference}   ·   {digest[:16]}…"
        self.day, self.number, self._pages = day, 1, pages
        self._y = HEIGHT - TOP
        self.replaced = False

    def text(self, text: str, *, size: float = 10, leading: float = 0, colour: Any = INK, left: float = LEFT) -> None:
        """Print text below the last line, wrapped to the width."""
        leading = leading or size * 1.45
        for line in wrapped(self._clean(text), width=WIDTH - RIGHT - left, measure=lambda words: _width(words, size)):
            self._room(leading)
            self._y -= leading
            self._line(line, left, size, colour)
        self.gap(size * 0.35)

    def fact(self, name: str, text: str, *, size: float = 10) -> None:
        """Print a name and, beside it, its text."""
        leading = max(size * 1.45, 14.5)
        lines = wrapped(self._clean(text), width=MEASURE - 140, measure=lambda words: _width(words, size))
        for at, line in enumerate(lines):
            self._room(leading)
            self._y -= leading
            if at == 0:
                self._line(name, LEFT, 9, SOFT)
            self._line(line, LEFT + 140, size, INK)
        self.gap(2)

    def title(self, text: str) -> None:
        """Begin a section: a rule and its title, never at the foot of a page."""
        self._room(110)
        self.gap(12)
        self._canvas.setStrokeColor(RULE)
        self._canvas.line(LEFT, self._y, WIDTH - RIGHT, self._y)
        self.text(text, size=14, leading=24)

    def picture(self, jpeg: bytes, caption: str) -> None:
        """Print a picture, at most as wide as the text."""
        image = ImageReader(io.BytesIO(jpeg))
        wide, high = image.getSize()
        scale = min(MEASURE / wide, LARGEST_PICTURE / high, 1)
        self._room(high * scale + 30)
        self.gap(8)
        self._y -= high * scale
        self._canvas.drawImage(image, LEFT, self._y, wide * scale, high * scale)
        self.text(caption, size=9, colour=SOFT)

    def gap(self, points: float) -> None:
        self._y -= points

    def end(self) -> None:
        self._finish_page()
        self._canvas.save()

    def data(self) -> bytes:
        return self._file.getvalue()

    def _line(self, text: str, left: float, size: float, colour: Any) -> None:
        self._canvas.setFillColor(colour)
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(left, self._y, text)

    def _room(self, points: float) -> None:
        """Go on to the next page unless this one has room for `points`."""
        if self._y - points < BOTTOM:
            self._finish_page()
            self.number += 1
            self._y = HEIGHT - TOP

    def _finish_page(self) -> None:
        self._y = HEIGHT - TOP + 26
        self._line(self._marking, LEFT, 9, INK)
        self._y = BOTTOM - 34
        self._line(self._foot, LEFT, 8, SOFT)
        page = _("Page %(number)s of %(count)s") % {"number": self.number, "count": self._pages}
        self._line(page, WIDTH - RIGHT - _width(page, 8), 8, SOFT)
        self._canvas.showPage()

    def _clean(self, text: str) -> str:
        """Return text in letters that can be printed; set `replaced` if some could not."""
        words = [_left_to_right(word) for word in _spaced(text)]
        clean = "".join(_printable(letter) for word in words for letter in word)
        self.replaced = self.replaced or clean != _spaced_text(text)
        return clean


def _spaced(text: str) -> list[str]:
    """Return the words of a text and the space between them, in order."""
    pieces: list[str] = []
    for letter in unicodedata.normalize("NFC", text).replace("\t", " "):
        if pieces and (letter in " \n") == (pieces[-1][-1] in " \n"):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _spaced_text(text: str) -> str:
    return "".join(_spaced(text))


def _left_to_right(word: str) -> str:
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in word):
        return _("[right to left]")
    return word


def _printable(letter: str) -> str:
    known = pdfmetrics.getFont(FONT).face.charToGlyph
    if letter == "\n" or (ord(letter) in known and ord(letter) < 0x10000 and unicodedata.category(letter)[0] != "C"):
        return letter
    return f"[{code(letter)}]"


def _width(words: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(words, FONT, size))
