"""Where a sender said "No" to being asked the box is closed, says why, and loses nothing that was typed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from reports.domain.tips import opening
from reports.models import Draft, Message, ReplyTemplate, Tip
from tests.reports import telling
from tests.reports.admin.tip_page import address, press
from tests.reports.admin.tips.test_messages import panel, talk

type Tell = Callable[..., Tip]

TOKEN = "Ab3-xY_9qLm0Zt7"
ASKED, READY = "was it in the day or at night?", "which days was it?"
WHY = "The sender asked us not to ask them anything. You can write again if they write to us."


@pytest.fixture
def tell(keys, caseworker):
    """Return a function that sends a tip under TOKEN, which the caseworker reads."""

    def told(contact, **answers):
        found = telling.tell(
            **{"what": "A grey van comes nightly.", "token": TOKEN, "contact": contact} | answers
        )
        opening.read(tip=found, by=caseworker, keys=keys)
        return found

    return told


def write_again():
    telling.reply(token=TOKEN, text="I have more to say.", after=0)


def test_the_box_is_closed_and_says_why_until_the_sender_writes_again(unlocked, tell):
    tip = tell("none")
    ReplyTemplate.objects.create(title="Days", text=READY)
    page = unlocked.get(address(tip))
    assert WHY in talk(page)
    assert {attrs["name"] for attrs in panel(page).all("textarea")} == {
        "own-safety-text",
        "own-safety-reason",
    }
    assert not [box for box in panel(page).all("select") if box["name"].startswith("write-")]
    for button in ("Send as a question", "Send without a question", "Use this reply"):
        assert button not in talk(page)
    write_again()
    page = unlocked.get(address(tip))  # the control
    assert WHY not in page.text
    assert "Never ask a sender to find something out." in panel(page).texts["talk"]
    assert "Use this reply" in panel(page).texts["talk"]
    assert {attrs["name"] for attrs in panel(page).all("textarea")} == {
        "write-text",
        "write-english",
    }


def test_a_question_that_was_typed_before_the_no_is_not_lost(unlocked, tell):
    tip = tell("receipt")
    page = unlocked.get(address(tip))
    tell("none", what="The same, and leave me alone.")
    refused = press(unlocked, tip, "write", on=page, write__text=ASKED, write__asks="yes")
    for shown in (refused, unlocked.get(address(tip))):
        assert WHY in talk(shown)
        assert f'<p class="typed" dir="auto">{ASKED}</p>' in shown.text
    press(unlocked, tip, "save", note="A note beside it.")
    assert ASKED in unlocked.get(address(tip)).text, "what is saved beside it takes no draft away"
    assert (Message.objects.count(), Draft.objects.count()) == (0, 1)


def test_who_is_asked_again_or_is_a_child_is_nobodys_source(unlocked, tell, settings):
    settings.PLACE = replace(settings.PLACE, law={"tasking": "Ask Inspector Example first."})
    tip = tell("receipt")
    first = talk(unlocked.get(address(tip)))
    assert "covert source" not in first
    press(unlocked, tip, "write", write__text=ASKED, write__asks="yes")
    again = talk(unlocked.get(address(tip)))
    assert "You have asked this sender one question." in again
    assert "covert source" in again
    assert "Ask Inspector Example first." in again


def test_a_child_is_protected_before_the_first_question(unlocked, tell):
    said = talk(unlocked.get(address(tell("receipt", under_18=True))))
    assert "The sender says that they are under 18." in said
    assert "covert source" in said
