"""Render the mailbox's pages. A right and a wrong receipt take the same work and give the same length.

A page without typed text is rendered once and cached, with gaps for a visit's ticket and messages.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.dateformat import format as date_format
from django.utils.html import escape
from django.utils.translation import get_language, gettext_lazy

from reports import consent_words
from reports.domain.intake import receiving
from reports.domain.mailbox.senders_side import LEAST, NOBODY, WAITING, Letter, Mailbox
from reports.domain.outcomes.public_results import ReceiptOutcome
from reports.forms import PhotoForm, ReplyForm, WordsForm
from reports.sealing import tickets
from reports.templatetags.reading_order import numbers_in_order
from reports.text.identity_warnings import IdentityWarning

SIZE = (
    32 * 1024
)  # bytes; every answer is padded to a multiple, so that its length reveals little, in any language
FRAMES = 64  # cached in memory, about 12 kB each
UNKNOWN = "unknown"  # the state shown while the database does not answer
OF_THE_PAGE = ("issued", "mark")  # what tells a page from all others
SLIP = ("after", *OF_THE_PAGE, "website")  # what travels beside a reply
TICKET, LETTERS, NEWEST, ISSUED, MARK, NUMBER, WEEK, TEXT, WORDS = (
    secrets.token_hex(16) for _ in range(9)
)  # gaps
FILLER = Letter(NOBODY, 0, asks=False, week=date(2000, 1, 3), new=False, text="." * 200)

NOTHING = gettext_lazy(
    "We cannot find anything for these words. Check the spelling and the order. If you stopped your seven words"
    " working, or if we have deleted the tip, they no longer work."
)


type Slip = Mapping[str, str]  # what travels beside what is typed, by field


class Visit(NamedTuple):
    """The token of a visitor's receipt and the mailbox that it opens: None while the database does not answer."""

    token: str
    mailbox: Mailbox | None


class MailboxPage(NamedTuple):
    """Everything that an open mailbox's page depends on, except the ticket and the messages."""

    state: str
    letters: bool
    answered: bool
    withheld: bool
    outcome: ReceiptOutcome | None
    done: str  # the last act: "answered", "pictures", "deleted" or ""
    pictures: int  # how many were sent
    danger: str  # what the last reply says of it: "yes", "unsure" or ""
    demo: bool
    place: str  # its digest
    language: str | None
    adults: bool  # whether it speaks of adults who cannot protect themselves


def nothing(token: str, *, typed: str = "") -> bytes:
    """Return the page for words that open nothing, after doing the work of an open mailbox; they stay in their box."""
    opened(Visit(token, Mailbox(WAITING)))
    page = _nothing(settings.DEMO, settings.PLACE.digest, get_language())
    return _padded(page.replace(WORDS.encode(), escape(typed).encode()))


def opened(
    visit: Visit,
    *,
    slip: Slip | None = None,
    done: str = "",
    count: int = 0,
    danger: str = "",
    **typed: Any,
) -> bytes:
    """Return the page of an open mailbox, or of one that cannot be read now.

    `slip` is of the page before, where nothing of that was sent; without it the page gets its own. `typed` may hold a
    `reply_form` or `photo_form` as it was sent, or a `problem`; such a page is not cached.
    """
    box = visit.mailbox or Mailbox(UNKNOWN)
    state = (box.state, bool(box.letters), box.answered, box.withheld, box.outcome)
    adults = consent_words.speaks_of_adults()
    site = (settings.DEMO, settings.PLACE.digest, get_language(), adults)
    page = MailboxPage(*state, done, count, danger, *site)
    html = _open(page, **typed) if typed else _frame(page)
    return _padded(_filled(html, visit, slip or new_slip(visit)))


def words(
    form: WordsForm, *, reply: Mapping[str, str] | None = None, slip: Slip | None = None
) -> bytes:
    """Return the page that asks for the seven words; a reply and a slip, by field, are what to send on with them."""
    return _render(
        "words", {"form": form, "reply_form": ReplyForm(reply) if reply else None, "slip": slip}
    )


def asked_again(form: WordsForm, *, reply: Mapping[str, str], slip: Slip) -> bytes:
    """Return the page that asks for the words once more, with a problem; as long as any other answer to words."""
    return _padded(words(form, reply=reply, slip=slip))


def checking(
    visit: Visit, *, carried: Mapping[str, str], giveaways: Sequence[IdentityWarning] | None
) -> bytes:
    """Return the page that shows what could tell who wrote a reply (None: nobody looked), with the reply by field."""
    return _padded(
        _render(
            "check", {"ticket": ticket(visit.token), "carried": carried, "giveaways": giveaways}
        )
    )


def stopping(visit: Visit) -> bytes:
    """Return the page that asks to confirm stopping the receipt."""
    return _padded(_render("stop", {"ticket": ticket(visit.token)}))


def deleting(visit: Visit, *, number: int) -> bytes:
    """Return the page that asks to confirm deleting a message."""
    return _padded(_render("delete", {"ticket": ticket(visit.token), "number": number}))


def stopped() -> bytes:
    """Return the page that says that the receipt is stopped."""
    return _padded(_render("stopped", {}))


def ticket(token: str) -> str:
    """Return a ticket for an open page."""
    return tickets.write(token, secret=settings.SECRET_KEY, minute=minute())


def new_slip(visit: Visit) -> dict[str, str]:
    """Return what tells a new page from all others, by field."""
    issued = receiving.issue(token=visit.token)
    return {"issued": str(issued.issued), "mark": issued.mark}


def _filled(html: bytes, visit: Visit, slip: Slip) -> bytes:
    """Return a page with what is of one visit alone in its gaps: messages, ticket and the slip of its forms."""
    box = visit.mailbox or Mailbox(UNKNOWN)
    gaps = {LETTERS: _letters(box.letters), NEWEST: str(box.newest), TICKET: ticket(visit.token)}
    for gap, value in (gaps | {ISSUED: slip["issued"], MARK: slip["mark"]}).items():
        html = html.replace(gap.encode(), value.encode())
    return html


def minute() -> int:
    """Return the present time in minutes since 1970."""
    return int(time.time()) // 60


@lru_cache(maxsize=FRAMES)
def _frame(page: MailboxPage) -> bytes:
    return _open(page)


@lru_cache(maxsize=FRAMES)
def _nothing(demo: bool, place: str, language: str | None) -> bytes:
    """Return the page for words that open nothing; its arguments are all that it depends on."""
    return words(WordsForm({"words": WORDS}, problem=NOTHING))


def _open(page: MailboxPage, **typed: Any) -> bytes:
    context = {
        "look": page,
        "ticket": TICKET,
        "slip": {"after": NEWEST, "issued": ISSUED, "mark": MARK},
        "letters": LETTERS,
        "reply_form": ReplyForm(),
        "photo_form": PhotoForm(),
        "wrong": "problem" in typed or any(form.errors for form in typed.values()),
    }
    return _render("open", context | typed)


def _letters(letters: Sequence[Letter]) -> str:
    """Return the messages' markup, newest first; at least LEAST are rendered, so that few take as long."""
    fill = (FILLER,) * (LEAST - len(letters))
    drawn = [_letter(letter) for letter in (*letters, *fill)][: len(letters)]
    return "".join(reversed(drawn))


def _letter(letter: Letter) -> str:
    frame = _letter_frame(letter.asks, letter.new, bool(letter.text), get_language())
    number = str(letter.number)
    week = date_format(letter.week, "j E")
    if get_language() == "ro":
        week = week.lower()  # Django writes these months with a capital, and no Romanian does
    return (
        frame.replace(NUMBER, number)
        .replace(WEEK, week)
        .replace(TEXT, numbers_in_order(letter.text))
    )


@lru_cache(maxsize=FRAMES)
def _letter_frame(asks: bool, new: bool, opens: bool, language: str | None) -> str:
    gaps = {"number": NUMBER, "week": WEEK, "text": TEXT, "ticket": TICKET}
    return render_to_string(
        "reports/mailbox/_letter.html", gaps | {"asks": asks, "new": new, "opens": opens}
    )


def _render(name: str, context: dict[str, Any]) -> bytes:
    """Render from an empty request, so that nothing of one visitor gets into another's page."""
    return render_to_string(f"reports/mailbox/{name}.html", context, request=HttpRequest()).encode()


def _padded(page: bytes) -> bytes:
    return page + b"\n" * (-len(page) % SIZE)
