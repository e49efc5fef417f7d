"""A hand-over pack on paper. Pure, of Django only its translations: what it is given is all that it prints.

The file says of itself its title, a day, and nothing else. Letters that the font does not have are printed as their
code; words from right to left, which would come out in the wrong order, as a note. The JSON holds them as they are.
"""

import base64
import io
import threading
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from reports.graphics.pdf.lines import folded

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
    "yes": gettext_lazy("yes"),
    "in our words": gettext_lazy("in our words"),
    "no": gettext_lazy("no"),
    "not said": gettext_lazy("not said"),
}
REPLACED = gettext_lazy(
    "Some letters are printed as [U+...] or as a note in brackets. The JSON file has them as they were written."
)

_turn = threading.Lock()  # the library keeps its fonts in one place for all threads


def printed(whole: dict[str, Any], *, digest: str, day: date) -> bytes:
    """Return a pack (the exported JSON, read) as a PDF of A4 pages; the same input gives the same bytes."""
    with _turn:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(FONT, str(Path(__file__).with_name("DejaVuSans.ttf"))))
        pages = _draw(whole, digest, day, pages=0)
        return _draw(whole, digest, day, pages=pages.number).data()


def _draw(whole: dict[str, Any], digest: str, day: date, *, pages: int) -> "Sheet":
    content = whole["content"]
    sheet = Sheet(reference=content["pack"], digest=digest, day=day, pages=pages)
    _head(sheet, content)
    for report in content["reports"]:
        _report(sheet, report)
    _signed(sheet, whole, digest)
    if sheet.replaced:
        sheet.text(str(REPLACED), size=8.5, colour=SOFT)
    sheet.end()
    return sheet


def _head(sheet: "Sheet", content: dict[str, Any]) -> None:
    sheet.text(_("Hand-over pack"), size=20, leading=26)
    sheet.text(content["pack"], size=13, leading=20, colour=LAMP)
    sheet.fact(_("From"), " · ".join(filter(None, (content["from"]["name"], content["from"]["contact"]))))
    sheet.fact(_("Drafted"), content["drafted"])
    sheet.fact(_("Printed"), sheet.day.isoformat())
    count = len(content["reports"])
    sheet.fact(
        _("Reports"),
        str(count) if count == 1 else _("%(count)s. Several may come from the same source.") % {"count": count},
    )
    sheet.text(
        _(
            "Written by us from what the public told us, without what shows who told it. The grading is a suggestion: "
            "we are no intelligence unit."
        ),
        size=9,
        colour=SOFT,
    )
    if content["danger"]:
        sheet.title(_("A life is in danger"))
        sheet.text(content["danger"])


def _report(sheet: "Sheet", report: dict[str, Any]) -> None:
    grading = report["suggested_grading"]
    sheet.title(_("Report %(number)s") % {"number": report["number"]})
    sheet.fact(_("Suggested grading"), f"{grading['source']}{grading['information']}{grading['handling']}", size=14)
    sheet.fact(_("Source"), f"{grading['source']}, {SOURCE[grading['source']]}")
    sheet.fact(_("Information"), f"{grading['information']}, {INFORMATION[grading['information']]}")
    sheet.fact(_("Handling"), f"{grading['handling']}, {HANDLING[grading['handling']]}")
    if grading["conditions"]:
        sheet.fact(_("Conditions"), grading["conditions"])
    sheet.fact(_("Kind"), report["kind"] or _("not said"))
    sheet.fact(_("Area"), report["area"] or _("not said"))
    sheet.fact(_("Week of"), report["week"])
    sheet.fact(_("Sender agrees to this"), str(AGREED.get(report["sender_agreed"], report["sender_agreed"])))
    sheet.gap(6)
    sheet.text(report["text"], size=11, leading=16.5)
    sheet.gap(6)
    sheet.fact(_("Left out"), report["left_out"] or _("nothing was named"))
    if report["contact"]:
        sheet.fact(_("Contact, as the sender wishes"), report["contact"])
    for number, picture in enumerate(report["pictures"], start=1):
        sheet.picture(
            base64.b64decode(picture),
            _("Picture %(number)s of %(count)s") % {"number": number, "count": len(report["pictures"])},
        )


def _signed(sheet: "Sheet", whole: dict[str, Any], digest: str) -> None:
    sheet.title(_("Signed"))
    for signature in whole["signatures"]:
        sheet.fact(signature["day"], f"{signature['name']} ({signature['role']})", size=11)
    if whole["one_signature"]:
        sheet.text(_("One signature. This desk has one keyholder, who waited 24 hours before it counted."))
    sheet.gap(4)
    sheet.text(_("SHA-256 of the JSON file of this pack. Ask for it by phone, and compare:"), size=9, colour=SOFT)
    for half in (digest[:32], digest[32:]):
        sheet.text(" ".join(half[at : at + 8] for at in range(0, 32, 8)), size=11, leading=16)


class Sheet:
    """Pages that fill from the top: text that is folded to the measure, facts in two columns, pictures."""

    def __init__(self, *, reference: str, digest: str, day: date, pages: int) -> None:
        """Begin the first page; `pages` is how many there will be, 0 when nobody knows yet."""
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=A4, invariant=1, pageCompression=1, lang="en-GB")
        self._canvas.setTitle(_("Hand-over pack %(reference)s") % {"reference": reference})
        for silent in (self._canvas.setAuthor, self._canvas.setSubject, self._canvas.setCreator):
            silent("")
        self._canvas.setProducer("Streetlight")
        self._canvas.setDateFormatter(lambda *_now: f"D:{day:%Y%m%d}000000Z")
        self._foot = f"{reference}   ·   {digest[:16]}…"
        self.day, self.number, self._pages = day, 1, pages
        self._y = HEIGHT - TOP
        self.replaced = False

    def text(self, text: str, *, size: float = 10, leading: float = 0, colour: Any = INK, left: float = LEFT) -> None:
        """Print text below what is there, folded to the measure."""
        leading = leading or size * 1.45
        for line in folded(self._clean(text), width=WIDTH - RIGHT - left, wide=lambda words: _wide(words, size)):
            self._room(leading)
            self._y -= leading
            self._line(line, left, size, colour)
        self.gap(size * 0.35)

    def fact(self, name: str, text: str, *, size: float = 10) -> None:
        """Print a name and, beside it, what it is."""
        leading = max(size * 1.45, 14.5)
        lines = folded(self._clean(text), width=MEASURE - 140, wide=lambda words: _wide(words, size))
        for at, line in enumerate(lines):
            self._room(leading)
            self._y -= leading
            if at == 0:
                self._line(name, LEFT, 9, SOFT)
            self._line(line, LEFT + 140, size, INK)
        self.gap(2)

    def title(self, text: str) -> None:
        """Begin a part: a rule and its name, never at the foot of a page."""
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
        """Leave some room."""
        self._y -= points

    def end(self) -> None:
        """Finish the last page."""
        self._finish_page()
        self._canvas.save()

    def data(self) -> bytes:
        """Return the finished file."""
        return self._file.getvalue()

    def _line(self, text: str, left: float, size: float, colour: Any) -> None:
        self._canvas.setFillColor(colour)
        self._canvas.setFont(FONT, size)
        self._canvas.drawString(left, self._y, text)

    def _room(self, points: float) -> None:
        """Go on to the next page when there is not so much room left."""
        if self._y - points < BOTTOM:
            self._finish_page()
            self.number += 1
            self._y = HEIGHT - TOP

    def _finish_page(self) -> None:
        self._y = BOTTOM - 34
        self._line(self._foot, LEFT, 8, SOFT)
        page = _("Page %(number)s of %(count)s") % {"number": self.number, "count": self._pages}
        self._line(page, WIDTH - RIGHT - _wide(page, 8), 8, SOFT)
        self._canvas.showPage()

    def _clean(self, text: str) -> str:
        """Return text in letters that can be printed, and note when some had to be replaced."""
        words = [_left_to_right(word) for word in _spaced(text)]
        clean = "".join(_printable(letter) for word in words for letter in word)
        self.replaced = self.replaced or clean != _spaced_text(text)
        return clean


def _spaced(text: str) -> list[str]:
    """Cut text into words and the space between them."""
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
    return f"[U+{ord(letter):04X}]"


def _wide(words: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(words, FONT, size))
