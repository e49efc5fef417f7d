"""What the mailbox's pages look like. A right and a wrong receipt are drawn with the same work, to the same length.

A page that holds nothing typed is rendered once, with gaps for the ticket and the messages of whoever comes.
"""

import secrets
import time
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.dateformat import format as date_format
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reports.domain import desk
from reports.domain.mailbox import LEAST, NOBODY, WAITING, Letter, Mailbox
from reports.domain.outcomes import Told
from reports.forms import PhotoForm, ReplyForm, WordsForm
from reports.sealing import tickets

SIZE = 16 * 1024  # bytes, of which an answer's length is a multiple: who watches the line learns little from it
FRAMES = 64  # kept in memory, about 12 kB each
UNKNOWN = "unknown"  # what a mailbox shows while the database does not answer
TICKET, LETTERS, NEWEST, NUMBER, WEEK, TEXT = (secrets.token_hex(16) for _ in range(6))  # gaps in a page
FILLER = Letter(NOBODY, 0, asks=False, week=date(2000, 1, 3), new=False, text="." * 200)

NOTHING = _(
    "These words open no mailbox. Check each word and the order. A receipt that was burned opens nothing, and one whose"
    " tip we have deleted opens nothing either."
)


class Visit(NamedTuple):
    """Somebody who came with a receipt, and what it opened: None while the database does not answer."""

    token: str
    mailbox: Mailbox | None


class Look(NamedTuple):
    """All that an open mailbox's page depends on, but for the ticket and the messages."""

    state: str
    letters: bool
    outcome: Told | None
    done: str  # what was just done: answered, pictures, deleted or nothing
    pictures: int  # how many came
    profile: desk.Profile
    demo: bool
    town: str
    language: str | None


def nothing(token: str) -> bytes:
    """Return the page for words that open nothing, after the work that an open mailbox takes."""
    opened(Visit(token, Mailbox(WAITING)))
    return _nothing(settings.DEMO, settings.TOWN, get_language())


def opened(visit: Visit, *, done: str = "", count: int = 0, **typed: Any) -> bytes:
    """Return an open mailbox, or one that cannot be shown now.

    `typed`: a `reply_form` or `photo_form` with what is wrong in it, or a `problem`; such a page is kept nowhere.
    """
    box = visit.mailbox or Mailbox(UNKNOWN)
    language = get_language()
    look = Look(
        box.state, bool(box.letters), box.outcome, done, count, desk.profile(), settings.DEMO, settings.TOWN, language
    )
    page = _open(look, **typed) if typed else _frame(look)
    gaps = {LETTERS: _letters(box.letters), TICKET: ticket(visit.token), NEWEST: str(box.newest)}
    for gap, value in gaps.items():
        page = page.replace(gap.encode(), value.encode())
    return _padded(page)


def words(form: WordsForm, *, text: str = "") -> bytes:
    """Return the page that asks for the seven words; `text` is what goes on with them."""
    return _render("words", {"form": form, "text": text})


def burning(visit: Visit) -> bytes:
    """Return the page that asks whether the receipt is really to be burned."""
    return _padded(_render("burn", {"ticket": ticket(visit.token)}))


def burned() -> bytes:
    """Return the page that says that the receipt is burned."""
    return _padded(_render("burned", {}))


def ticket(token: str) -> str:
    """Return a ticket for an open page."""
    return tickets.write(token, secret=settings.SECRET_KEY, minute=minute())


def minute() -> int:
    """Return the minute since 1970."""
    return int(time.time()) // 60


@lru_cache(maxsize=FRAMES)
def _frame(look: Look) -> bytes:
    return _open(look)


@lru_cache(maxsize=FRAMES)
def _nothing(demo: bool, town: str, language: str | None) -> bytes:
    """Return the page for words that open nothing; what it takes is all that it depends on."""
    return _padded(words(WordsForm({"words": ""}, problem=NOTHING)))


def _open(look: Look, **typed: Any) -> bytes:
    context = {
        "look": look,
        "ticket": TICKET,
        "newest": NEWEST,
        "letters": LETTERS,
        "reply_form": ReplyForm(),
        "photo_form": PhotoForm(),
        "wrong": bool(typed),
    }
    return _render("open", context | typed)


def _letters(letters: Sequence[Letter]) -> str:
    """Return the messages' markup, newest first; however few there are, LEAST are drawn."""
    fill = (FILLER,) * (LEAST - len(letters))
    drawn = [_letter(letter) for letter in (*letters, *fill)][: len(letters)]
    return "".join(reversed(drawn))


def _letter(letter: Letter) -> str:
    frame = _letter_frame(letter.asks, letter.new, bool(letter.text), get_language())
    number, week = str(letter.number), date_format(letter.week, "j F")
    return frame.replace(NUMBER, number).replace(WEEK, week).replace(TEXT, escape(letter.text))


@lru_cache(maxsize=FRAMES)
def _letter_frame(asks: bool, new: bool, opens: bool, language: str | None) -> str:
    gaps = {"number": NUMBER, "week": WEEK, "text": TEXT, "ticket": TICKET}
    return render_to_string("reports/mailbox/_letter.html", gaps | {"asks": asks, "new": new, "opens": opens})


def _render(name: str, context: dict[str, Any]) -> bytes:
    """Render from an empty request: nothing of one visitor can stand in another's page."""
    return render_to_string(f"reports/mailbox/{name}.html", context, request=HttpRequest()).encode()


def _padded(page: bytes) -> bytes:
    return page + b"\n" * (-len(page) % SIZE)
