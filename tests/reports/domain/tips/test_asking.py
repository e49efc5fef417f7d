"""A sender's "No" to being asked: what it forbids, until when, and what nobody can know."""

from collections.abc import Callable

import pytest

from reports.domain.errors import Refused
from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import senders_side
from reports.domain.referrals import consent, urgent_calls
from reports.domain.tips import asking, opening
from reports.models import AuditEvent, Entry, Tip
from tests.reports import telling

type Send = Callable[..., Tip]

TOKEN = "Ab3-xY_9qLm0Zt7"


@pytest.fixture
def tell(keys):
    """Return a function that sends something under TOKEN, drained by itself: a text, or a reply without a name."""

    def told(contact="", *, reply=""):
        if reply:
            receiving.reply(token=TOKEN, text=reply, after=0)
        else:
            receiving.accept(
                token=TOKEN,
                answers={"what": f"A van, {Entry.objects.count()}.", "contact": contact},
            )
        outbox.drain()

    return told


def answer(keys):
    return asking.may_ask(opening.open_all(tip=Tip.objects.get(), keys=keys))


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        (["none"], "no"),
        ([""], "yes"),
        (["receipt"], "yes"),
        (["details"], "yes"),
        (["receipt", "none"], "no"),
        (["none", "receipt"], "no"),
        (["none", ""], "no"),
    ],
)
def test_the_most_careful_answer_of_all_texts_counts(tell, keys, contacts, expected):
    for contact in contacts:
        tell(contact)
    assert answer(keys) == expected


def test_a_no_holds_until_the_sender_writes_again(tell, keys):
    tell("none")
    telling.send_photos(token=TOKEN, pictures=[b"\xff\xd8 not looked at"])
    assert answer(keys) == "no", "pictures that follow a tip are no word from its sender"
    tell(reply="I have more to say.")
    assert answer(keys) == "yes"
    tell("none")
    assert answer(keys) == "no"
    tell(reply="One more thing.")
    assert answer(keys) == "yes"


def test_an_answer_about_the_police_alone_asks_for_no_question(tell, keys):
    tell("none")
    telling.reply(token=TOKEN, police="no", after=0)
    assert answer(keys) == "no"


def test_who_writes_after_the_receipt_was_stopped_is_perhaps_not_the_sender(tell, keys):
    tell("none")
    senders_side.stop(token=TOKEN)
    tell(reply="I found these words.")
    assert answer(keys) == "no"


def test_a_part_that_does_not_open_may_say_no_until_the_sender_writes_again(tell, keys):
    tell("receipt")
    tell("receipt")
    Entry.objects.filter(position=2).update(sealed=Entry.objects.get(position=1).sealed)
    assert answer(keys) == "unknown"
    tell(reply="I have more to say.")
    assert answer(keys) == "yes"
    Entry.objects.filter(position=2).update(position=4)
    assert answer(keys) == "unknown"


@pytest.mark.promise("team", control=True)
@pytest.mark.parametrize(
    ("contact", "reasons"),
    [("none", {"danger"}), ("", {"danger"}), ("details", {"asked", "danger", "team_lead"})],
)
def test_contact_details_are_shown_to_reach_only_who_chose_it(
    opened, caseworker, keys, contact, reasons
):
    """Contact details are shown only if their sender chose to be phoned or emailed, or if someone may be in danger."""
    tip = opened("A van.", contact=contact, contact_details="07700 900123")
    for reason in opening.REVEAL_REASONS:
        if reason in reasons:
            shown = opening.reveal(tip=tip, by=caseworker, keys=keys, reason=reason)
            assert [contact for _week, contact in shown] == [{"contact_details": "07700 900123"}]
        else:
            with pytest.raises(Refused, match="The sender did not choose to be phoned or emailed"):
                opening.reveal(tip=tip, by=caseworker, keys=keys, reason=reason)
    assert AuditEvent.objects.filter(act="revealed").count() == len(reasons)


def test_a_no_in_any_text_forbids_to_phone(tell, keys):
    tell("details")
    assert asking.may_phone(opening.open_all(tip=Tip.objects.get(), keys=keys))
    tell("none")
    tell(reply="I have more to say.")
    assert not asking.may_phone(opening.open_all(tip=Tip.objects.get(), keys=keys))


def test_what_came_after_the_words_were_stopped_chooses_no_phone_and_is_no_ground(tell, keys):
    """Whoever found the words would otherwise have us phone their own number, or be let tell children's services.

    A child could have written it all the same: what only warns stays.
    """
    tell()
    senders_side.stop(token=TOKEN)
    receiving.accept(
        token=TOKEN, answers={"what": "Phone me.", "contact": "details", "under_18": True}
    )
    outbox.drain()
    entries = opening.open_all(tip=Tip.objects.get(), keys=keys)
    assert [entry.answers.get("contact") for entry in entries] == [None, "details"]
    assert (asking.may_phone(entries), consent.known(entries).under_18) == (False, False)
    assert (consent.under_18(entries), urgent_calls.is_about_a_child(entries)) == (True, True)


def test_a_number_that_came_after_the_words_were_stopped_is_shown_only_for_a_danger(
    caseworker, keys
):
    sent = {"token": TOKEN, "contact": "details"}
    tip = telling.tell("A van.", contact_details="07700 900123", **sent)
    senders_side.stop(token=TOKEN)
    telling.tell("Phone me here.", contact_details="07700 900456", **sent)

    def shown(reason):
        sets = opening.reveal(tip=tip, by=caseworker, keys=keys, reason=reason)
        return [contact["contact_details"] for _week, contact in sets]

    assert shown("asked") == ["07700 900123"]
    assert shown("danger") == ["07700 900123", "07700 900456"]
