"""A police referral as PDF. Pure: it prints only what it is given.

The file's metadata are its title and a day. Letters that the font does not have are printed as their code; words
written from right to left, which would come out in the wrong order, as a note. The JSON holds them unchanged.
"""

import base64
import io
import re
import threading
import unicodedata
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfutils import readJPEGInfo
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
)

from core.text import plural
from reports.text.hidden_characters import code

FONT = "DejaVuSans"
WIDTH, HEIGHT = A4
LEFT = 62.0
TOP = 66.0
BOTTOM = 70.0
PADDING = 6.0  # points; at the right as at the left; reportlab adds the last
INK, SOFT, RULE, LAMP = (
    HexColor(colour) for colour in ("#171a20", "#525866", "#ddd5c4", "#b87400")
)
LARGEST_PICTURE = 300.0  # points high

# The scale of `referrals/grading`, as pages and paper write it.
SOURCE = {"1": "Reliable", "2": "Untested", "3": "Not reliable"}
INFORMATION = {
    "A": "Known directly to the source",
    "B": "Known indirectly, but corroborated",
    "C": "Known indirectly",
    "D": "Not known",
    "E": "Suspected to be false",
}
HANDLING = {
    "P": "Lawful sharing permitted",
    "C": "Lawful sharing permitted with conditions",
}
AGREED = {
    "yes": "Yes. We may tell the police what they wrote.",
    "in our words": "Yes, but only in our words, as here.",
    "no": "No. We pass this on for the reason on the first page.",
    "not each time": "Yes, but not each time that they wrote. A person who leads our team approved this.",
    "not said": "They did not say. The text is in our words, and a person who leads our team approved it.",
}
GROUNDS = {
    "life": "Someone’s life is at risk",
    "child": "A child may be in danger",
    "adult": "An adult who cannot protect themselves may be in danger",
}
# What the police may say became of it, as pages and paper write it, and whether the address or the person was wrong.
RESULTS = {
    "borne_out": "Borne out",
    "in_part": "Borne out in part",
    "not_borne_out": "Not borne out",
    "cannot_say": "Cannot say",
}
WRONG = {"yes": "yes", "no": "no"}
BOX = "\u2610"
IN_CONFIDENCE = "In confidence"  # the marking of a place that names none
# What the document has of a tip beside its text, by its key there, as pages and paper name it.
PRINTED = {
    "happened": "When it happened",
    "how_known": "How the sender knows",
    "who_could_be_hurt": "Who could be hurt by a visit",
    "possible_victim": "Possible victim",
    "borne_out_by": "What else bears it out",
    "purpose": "What it is for",
}
REPLACED = "Some letters are printed as [U+...] or as a note in brackets. The JSON file has them as they were written."

_lock = threading.Lock()  # reportlab registers fonts once for all threads


def printed(whole: dict[str, Any], *, digest: str, day: date) -> bytes:
    """Return a referral (the exported JSON, parsed) as a PDF of A4 pages; the same input gives the same bytes."""
    with _lock:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(FONT, str(Path(__file__).with_name("DejaVuSans.ttf"))))
        _data, pages = _draw(whole, digest, day, pages=0)
        return _draw(whole, digest, day, pages=pages)[0]


def printed_facts(report: dict[str, Any]) -> dict[str, str]:
    """Return what a tip's report in the document says beside its text, by what pages and paper call it."""
    return {label: report[key] for key, label in PRINTED.items() if report.get(key)}


def sources_in_words(count: int, sources: dict[str, Any] | None) -> str:
    """Return how many tips a document has, and from how many sources they can be.

    `sources` is what the document says of them; None in one that left before it did, and of a single tip.
    """
    if count == 1:
        return "1"
    if sources is None:
        return f"{count}. Some may come from the same source."
    if not sources["compared"]:
        return f"{count} tips. Nobody has checked whether they come from {count} people."
    most = sources["most"]
    at_most = plural(most, f"at most {most} source", f"at most {most} sources")
    return f"{count} tips, {at_most}"


def _draw(whole: dict[str, Any], digest: str, day: date, *, pages: int) -> tuple[bytes, int]:
    """Return the file and how many pages it has; `pages` is the total to print, 0 while it is unknown."""
    content = whole["content"]
    file = io.BytesIO()
    story = [
        *_head(content, day),
        *(piece for report in content["reports"] for piece in _report(report)),
    ]
    story += _signed(whole, digest, phone=content["from"].get("phone", ""))
    texts = [piece.getPlainText() for piece in story if isinstance(piece, Paragraph)]
    if any(mark in text for text in texts for mark in ("[U+", "[right to left]")):
        story.append(_text(REPLACED, 8.5, textColor=SOFT))
    story += [
        PageBreak(),
        *_slip(content["referral"]),
    ]  # by itself, so that no page of a tip is sent back with it
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=LEFT - PADDING,
        rightMargin=LEFT - PADDING,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        lang="en-GB",
        title=f"Police referral {content['referral']}",
        author="",
        subject="",
        creator="",
        producer="Streetlight",
        invariant=1,
    )
    marking = _marking(content)
    foot = f"{content['referral']}   ·   {digest[:16]}…"

    def on_page(canvas: Canvas, page: SimpleDocTemplate) -> None:
        canvas.setDateFormatter(lambda *_now: f"D:{day:%Y%m%d}000000Z")
        canvas.setFont(FONT, 9)
        canvas.drawString(LEFT, HEIGHT - TOP + 26, marking)
        canvas.setFont(FONT, 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(LEFT, BOTTOM - 34, foot)
        number = f"Page {page.page} of {pages}"
        canvas.drawRightString(WIDTH - LEFT, BOTTOM - 34, number)

    document.build(story, onFirstPage=on_page, onLaterPages=on_page)
    return file.getvalue(), document.page


def _marking(content: dict[str, Any]) -> str:
    """Return what stands at the head of each page: its marking, and how the strictest of the reports may be handled."""
    codes = {report["suggested_grading"]["handling"] for report in content["reports"]}
    code = "C" if "C" in codes else "P"
    marking = content.get("marking", IN_CONFIDENCE)
    return f"{marking}. Handling {code}: {HANDLING[code]}."


def referral_facts(content: dict[str, Any]) -> dict[str, str]:
    """Return what a document says of the whole referral, by what paper calls it."""
    sender = content["from"]
    facts = {
        "From": " · ".join(filter(None, (sender["name"], sender["contact"]))),
        "Phone": sender.get("phone"),
        "Drafted": content["drafted"],
        "Review by": content.get("review"),
        "Tips": sources_in_words(len(content["reports"]), content.get("sources")),
    }
    return {name: text for name, text in facts.items() if text}


def report_facts(report: dict[str, Any]) -> dict[str, str]:
    """Return what a document says of one tip but for our wording and pictures, by what paper calls it."""
    grade = report["suggested_grading"]
    source = grade["source"]
    information = grade["information"]
    handling = grade["handling"]
    facts = {
        "Source": f"{source}, {SOURCE[source]}",
        "Information": f"{information}, {INFORMATION[information]}",
        "Handling": f"{handling}, {HANDLING[handling]}",
        "Conditions": grade["conditions"],
        "Kind": report["kind"] or "not said",
        "Area": report["area"] or "not said",
        "Came to us in the week of": report["week"],
        **printed_facts(report),
        "Does the sender agree?": AGREED.get(report["sender_agreed"], report["sender_agreed"]),
    }
    return {name: text for name, text in facts.items() if text}


def left_out_facts(report: dict[str, Any]) -> dict[str, str]:
    """Return what was left out of a tip, and what its sender wants the police to have, by what paper calls it."""
    facts = {
        "What we left out": report["left_out"] or "not stated",
        "Sender’s contact details": report["contact"],
    }
    return {name: text for name, text in facts.items() if text}


def _head(content: dict[str, Any], day: date) -> list[Flowable]:
    danger = content["danger"]
    note = (
        "We wrote this from what members of the public told us, and left out what could show who told us. The grading "
        "is a suggestion, because we are not an intelligence unit."
    )
    return [
        _text("Police referral", 20),
        _text(content["referral"], 13, textColor=LAMP),
        *_facts(
            referral_facts(content) | {"Printed": day.isoformat(), "Your log number": "." * 40}
        ),
        _text(note, 9, textColor=SOFT),
        *_correction(content.get("corrects")),
        *([*_title(str(GROUNDS[content.get("ground", "life")])), _text(danger)] if danger else ()),
    ]


def _correction(corrects: dict[str, str] | None) -> list[Flowable]:
    """Return which referral this one corrects, and what has changed since; nothing for one that corrects none."""
    if not corrects:
        return []
    instead = f"This corrects police referral {corrects['referral']}. Please use this one instead."
    return [
        *_title("Correction"),
        _text(instead, 11),
        _text("What has changed:", 9, textColor=SOFT),
        _text(corrects["changed"]),
    ]


def _report(report: dict[str, Any]) -> list[Flowable]:
    grade = report["suggested_grading"]
    pictures = report["pictures"]
    return [
        *_title(f"Tip {report['number']}"),
        _fact(
            "Suggested grading", f"{grade['source']}{grade['information']}{grade['handling']}", 14
        ),
        *_facts(report_facts(report)),
        _text(report["text"], 11, spaceBefore=6, spaceAfter=10),
        *_facts(left_out_facts(report)),
        *(
            _picture(base64.b64decode(jpeg), at, len(pictures))
            for at, jpeg in enumerate(pictures, start=1)
        ),
    ]


def _signed(whole: dict[str, Any], digest: str, *, phone: str) -> list[Flowable]:
    count = len(whole["content"]["reports"])
    alone = "One approval. Only one person on our team can open tips. Their approval counted after 24 hours."
    label = "SHA-256 of this referral’s JSON file. To check it, phone us on a number that you knew before, and compare."
    if phone:
        label = (
            "SHA-256 of this referral’s JSON file. To check it, phone us and compare. Use a number you knew before, "
            f"or {phone}."
        )
    names = [
        (
            _fact(approval["day"], f"Member {approval['member']}", 11),
            _fact("", _member(approval, count)),
        )
        for approval in whole["approvals"]
    ]
    eights = [digest[at : at + 8] for at in range(0, 64, 8)]
    halves = [" ".join(eights[:4]), " ".join(eights[4:])]
    return [
        *_title("Approved by"),
        *(piece for pair in names for piece in pair),
        *([_text(alone)] if whole["one_signature"] else ()),
        _text(label, 9, textColor=SOFT),
        _text("\n".join(halves), 11),
    ]


def _slip(reference: str) -> list[Flowable]:
    """Return what the police send back when it is over: the reference and boxes to tick, and nothing of a tip."""
    ask = (
        "Please tell us what became of this referral, so that we can learn from it. Tick one box, and send it the way "
        "that we agreed. Give no names and no addresses."
    )
    wrong = f"Was it the wrong address or the wrong person?   {BOX} yes   {BOX} no"
    pieces = [
        *_title("Send this when it is over"),
        _text(reference, 13, textColor=LAMP),
        _text(ask, 9),
    ]
    for key, result in RESULTS.items():
        pieces.append(_text(f"{BOX} {result}", 11))
        if key == "not_borne_out":
            pieces.append(_text(wrong, 10, leftIndent=20))
    return pieces


def _member(approval: dict[str, Any], count: int) -> str:
    """Return what someone who approved is, and that they read the tips if the log says so."""
    # No role of ours: "caseworker" would make the police think of one of theirs.
    if not approval.get("has_read"):
        return "member of the Streetlight team"
    return plural(
        count,
        "member of the Streetlight team, has read this tip",
        "member of the Streetlight team, has read these tips",
    )


def _text(text: str, size: float = 10, *, name: str | None = None, **style: Any) -> Paragraph:
    """Return text as it was typed, wrapped to the width, with `name` at its left: nothing in it is markup.

    `size` is in points; `style` is what else a ParagraphStyle takes.
    """
    usual = {
        "fontName": FONT,
        "fontSize": size,
        "leading": size * 1.45,
        "spaceAfter": size * 0.35,
        "textColor": INK,
    }
    text = unicodedata.normalize("NFC", text).replace("\t", " ")
    clean = "".join(map(_printable, re.sub(r"[^ \n]+", lambda word: _left_to_right(word[0]), text)))
    return Paragraph(
        escape(clean).replace("\n", "<br/>"), ParagraphStyle("", **usual | style), bulletText=name
    )


def _fact(name: str, text: str, size: float = 10) -> Paragraph:
    """Return a name and, beside it, its text."""
    beside = {
        "leftIndent": 140,
        "bulletFontName": FONT,
        "bulletFontSize": 9,
        "bulletColor": SOFT,
        "spaceAfter": 2,
    }
    return _text(text, size, name=name, **beside)


def _facts(facts: dict[str, str]) -> list[Paragraph]:
    """Return facts, each under the last."""
    return [_fact(name, text) for name, text in facts.items()]


def _title(text: str) -> list[Flowable]:
    """Return the beginning of a section: a rule and its title, never at the foot of a page."""
    rule = HRFlowable(width="100%", thickness=1, color=RULE, spaceBefore=12, spaceAfter=8)
    return [CondPageBreak(110), rule, _text(text, 14)]


def _picture(jpeg: bytes, number: int, count: int) -> KeepTogether:
    """Return a picture, at most as wide as the text, with its caption."""
    caption = f"Picture {number} of {count}"
    return KeepTogether([_Picture(jpeg), _text(caption, 9, textColor=SOFT)])


class _Jpeg(ImageReader):  # type: ignore[misc]  # reportlab has no types
    """A JPEG that reportlab puts into the file as it is: its own reader would decode it in this process."""

    def __init__(self, jpeg: bytes) -> None:
        self.jpeg = jpeg
        self._dataA = None  # no transparency; the canvas reads it under this name

    def jpeg_fh(self) -> io.BytesIO:
        return io.BytesIO(self.jpeg)

    def getRGBData(self) -> bytes:  # noqa: N802 - reportlab's name; only hashed there, to draw equal pictures once
        return self.jpeg


class _Picture(Flowable):  # type: ignore[misc]
    """A JPEG at the left, at most as wide as the text and LARGEST_PICTURE high."""

    def __init__(self, jpeg: bytes) -> None:
        super().__init__()
        self.jpeg = _Jpeg(jpeg)
        wide, high, *_colours = readJPEGInfo(self.jpeg.jpeg_fh())
        scale = min((WIDTH - 2 * LEFT) / wide, LARGEST_PICTURE / high, 1)
        self.width = wide * scale
        self.height = high * scale

    def draw(self) -> None:
        self.canv.drawImage(self.jpeg, 0, 0, self.width, self.height)


def _left_to_right(word: str) -> str:
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in word):
        return "[right to left]"
    return word


def _printable(letter: str) -> str:
    known = pdfmetrics.getFont(FONT).face.charToGlyph
    if letter == "\n" or (
        ord(letter) in known and ord(letter) < 0x10000 and unicodedata.category(letter)[0] != "C"
    ):
        return letter
    return f"[{code(letter)}]"
