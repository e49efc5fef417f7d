"""What a tip's page names of self-harm: unlocked, to a person, and without anything that follows from it."""

from collections.abc import Callable

from django.core import mail

from reports.models import Status, Tip
from tests.reports import telling
from tests.reports.admin.tip_page import address
from tests.reports.markup import Page

WORDS = "I owe them 3000 and I would rather be dead."
TITLE = "Someone may be thinking of harming themselves, perhaps the sender:"
TOKEN = "Ab3-xY_9qLm0Zt7"

type Send = Callable[..., Tip]


def note(page):
    """Return what the note says, on one line; "" without one."""
    return " ".join(Page(page).texts.get("self-harm", "").split())


def test_the_unlocked_tip_names_the_words_and_what_to_do(unlocked, send):
    page = unlocked.get(address(send(WORDS, danger="no"))).text
    said = note(page)
    assert said.startswith(
        f"{TITLE} rather be dead If a life is at risk now and you can say where, phone 999."
    )
    assert "tell a team lead today" in said
    assert "You can name Samaritans, 116 123." in said
    assert page.index('id="self-harm"') < page.index('id="facts"')
    assert '<a href="tel:999">999</a>' in page


def test_a_locked_tip_and_one_without_such_words_name_nothing(signed_in, unlock, send):
    tip, other = send(WORDS), send("A grey van.")
    locked = signed_in.get(address(tip)).text
    assert ("self-harm" in locked, "harming" in locked) == (False, False)
    unlock(signed_in)
    assert [bool(note(signed_in.get(address(one)).text)) for one in (tip, other)] == [True, False]


def test_words_in_an_answer_of_the_sender_are_named_too(unlocked):
    tip = telling.tell("A grey van.", token=TOKEN)
    assert note(unlocked.get(address(tip)).text) == ""
    telling.reply(token=TOKEN, text="Nie chcę już żyć.", after=0)
    assert "Nie chcę już żyć" in note(unlocked.get(address(tip)).text)


def test_nothing_follows_from_it(unlocked, send):
    tip = send(WORDS, danger="no")
    unlocked.get(address(tip))
    tip.refresh_from_db()
    assert (tip.urgent, tip.status, tip.labels.count(), mail.outbox) == (
        False,
        Status.READING,
        0,
        [],
    )


def test_what_was_typed_is_escaped(unlocked, send):
    page = unlocked.get(
        address(send("I wish I <b>x</b> &dead; I 'd rather be dead & suicid<script>"))
    ).text
    assert "<script>" not in page.partition('id="self-harm"')[2].partition("</div>")[0]
