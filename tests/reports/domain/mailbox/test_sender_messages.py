"""Writing to a sender: sealed to both readers, numbered, recorded, never a word that they wrote; taken back unread."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection

from reports import replies
from reports.domain.errors import Refused
from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import sender_messages, senders_side
from reports.domain.tips import opening
from reports.domain.triage import safety
from reports.models import AuditEvent, Entry, Message, SafetyDecision, Status, Tip
from reports.sealing import envelope, receipts
from tests.languages import catalogue
from tests.reports import forging, telling
from tests.reports.mailboxes import SEVEN, TOKEN, write_to
from tests.reports.unrecorded import record_broken

type Write = Callable[..., Message]

WHY = "Anyone who has the seven words can read this, and that may not be the sender."
SMALL = "If a word is not a name, write it with a small letter."
NAME = "(a capital letter: perhaps a name)"


def told(by, keys, **answers):
    """Return a tip under TOKEN that says this and has been read."""
    found = telling.tell(token=TOKEN, **answers)
    opening.read(tip=found, by=by, keys=keys)
    return found


@pytest.fixture
def read_tip(keys, caseworker):
    """Return a tip that names somebody and says how to reach its sender."""
    what = "The man they call Kev sells from AB12 CDE."
    return told(caseworker, keys, what=what, contact_details="me@x.uk")


@pytest.fixture
def silent(keys, caseworker):
    """Return a tip whose sender asked not to be asked."""
    return told(caseworker, keys, what="A grey van comes to the garages.", contact="none")


@pytest.fixture
def write(read_tip, caseworker, keys):
    """Return a function that writes to the tip's sender."""

    def written(text="Was it in the day or at night?", *, question=True):
        return sender_messages.write(
            tip=Tip.objects.get(pk=read_tip.pk),
            text=text,
            question=question,
            by=caseworker,
            keys=keys,
        )

    return written


def read(read_tip, caseworker, keys):
    """Return the talk as the caseworker sees it."""
    return sender_messages.thread(
        reading=opening.read(tip=read_tip, by=caseworker, keys=keys), keys=keys
    )


def test_a_message_is_sealed_to_the_desk_and_to_the_sender(write, keys):
    sent = write(" Was it by day?\r\nOr at night? ")
    kept = Message.objects.get()
    text = {"text": "Was it by day?\nOr at night?"}
    desk = envelope.open_sealed(bytes(kept.sealed), identities=keys.identities, bound=kept.bound())
    own = str(receipts.tipster_identity(TOKEN))
    bound = kept.bound_for_sender(receipts.lookup(TOKEN))
    assert kept.for_sender is not None
    sender = envelope.open_sealed(bytes(kept.for_sender), identities=[own], bound=bound)
    assert (sent, desk.content, sender.content) == (kept, text, text)
    for sealed in (kept.sealed, kept.for_sender):
        assert b"night" not in bytes(sealed)
    with pytest.raises(envelope.WrongKey):
        envelope.open_sealed(bytes(kept.for_sender), identities=keys.identities, bound={})
    with pytest.raises(envelope.WrongKey):
        envelope.open_sealed(bytes(kept.sealed), identities=[own], bound={})


def test_a_question_moves_the_tip_and_waits_for_an_answer(write, read_tip, caseworker):
    Tip.objects.update(answered=True)
    write()
    found = Tip.objects.get()
    assert (found.status, found.answered) == (Status.NEEDS_MORE, False)
    acts = AuditEvent.objects.filter(
        subject=read_tip.reference, act__in=("moved", "asked")
    ).order_by("seq")
    assert [(event.act, event.actor, event.detail) for event in acts] == [
        ("moved", "olu", {"before": "reading", "after": "needs_more"}),
        ("asked", "olu", {"number": 1}),
    ]
    write("Once more: by day?")
    assert Tip.objects.get().status == Status.NEEDS_MORE


def test_the_same_message_within_ten_minutes_is_sent_once(
    write, read_tip, team_lead, keys, time_machine
):
    first = write()
    again = {"tip": Tip.objects.get(), "text": "Was it in the day or at night? ", "keys": keys}
    with pytest.raises(Refused, match="olu sent the sender the same message at"):
        sender_messages.write(**again, question=False, by=team_lead)
    assert [message.pk for message in Message.objects.all()] == [first.pk]
    write("Was it in the day?")
    sender_messages.take_back(message=first, by=team_lead)
    sender_messages.write(
        **again, question=True, by=team_lead
    )  # what was withdrawn may be sent again
    time_machine.move_to(sender_messages.REPEATED_WITHIN + timedelta(seconds=1))
    write()
    assert Message.objects.count() == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write something before you send it."),
        (" \r\n ", "Write something before you send it."),
        (
            "x" * 2001,
            "“Message” is too long: 2,001 characters. The limit is 2,000. Make it shorter.",
        ),
        (
            "Is Kev in ab12cde, and are you me@x.uk?",
            f"Remove “Kev” (a name or a place), “ab12cde” (a number plate), “me@x.uk” (an email address). {WHY}",
        ),
        (
            "Others told us about a grey car, XX99 ZZX, driven by Capper.",
            f"Remove “XX99 ZZX” (a number plate), “Capper” {NAME}. {WHY} {SMALL}",
        ),
    ],
)
def test_what_must_not_be_sent_is_refused_with_what_to_leave_out(write, text, sentence):
    with pytest.raises(Refused) as refusal:
        write(text)
    assert str(refusal.value) == sentence
    assert Message.objects.count() == 0
    assert Tip.objects.get().status == Status.READING


def test_what_the_sender_answered_is_not_repeated_either(write):
    write()
    telling.reply(token=TOKEN, text="I saw Marek do it.", after=1)
    with pytest.raises(Refused, match="Remove “Marek”"):
        write("What does Marek look like?")


def test_to_a_stopped_receipt_nothing_is_written(write):
    senders_side.stop(token=TOKEN)
    with pytest.raises(Refused, match="The sender has stopped their seven words working"):
        write()
    assert Message.objects.count() == 0


@pytest.mark.promise("messages")
@pytest.mark.parametrize("reply_to", [forging.stranger, str])
def test_of_two_readers_under_one_receipt_a_team_lead_chooses(
    write, read_tip, team_lead, keys, reply_to
):
    """Where not all of a tip was sent with the same seven words, only a team lead chooses who gets a message.

    Who can write to the database adds an envelope that names another reader, or none.
    """
    forging.leave(
        read_tip.lookup, kind="tip", answers={"what": "Write to me."}, reply_to=reply_to()
    )
    outbox.drain()
    with pytest.raises(Refused, match="A team lead must choose who gets your message"):
        write()
    asked = {
        "tip": read_tip,
        "text": "was it at night?",
        "question": True,
        "by": team_lead,
        "keys": keys,
    }
    for nobody in (0, 3):
        with pytest.raises(Refused, match="Choose who gets your message"):
            sender_messages.write(**asked, to=nobody)
    message = sender_messages.write(**asked, to=1)
    bound = message.bound_for_sender(read_tip.lookup)
    identity = str(receipts.tipster_identity(TOKEN))
    assert message.for_sender is not None
    opened = envelope.open_sealed(bytes(message.for_sender), identities=[identity], bound=bound)
    assert opened.content == {"text": "was it at night?"}


def test_to_what_is_no_recipient_nothing_is_written(caseworker, keys):
    forging.leave("a" * 64, kind="tip", answers={"what": "Write to me."}, reply_to="age1nobody")
    outbox.drain()
    tip = Tip.objects.get()
    with pytest.raises(Refused, match="nobody could read your message"):
        sender_messages.write(
            tip=tip, text="was it at night?", question=True, by=caseworker, keys=keys
        )
    assert not Message.objects.exists()


def test_what_is_not_recorded_is_not_sent(write):
    with record_broken(), pytest.raises(DatabaseError):
        write()
    assert Message.objects.count() == 0
    assert Tip.objects.get().status == Status.READING


def test_the_talk_stands_in_its_order_whatever_came_in_first(write, read_tip, caseworker, keys):
    write("First?")
    telling.reply(token=TOKEN, text="To the second.", after=2)
    write("Second?")
    for text, after in (("To the first.", 1), ("Before all.", 0)):
        receiving.reply(token=TOKEN, text=text, after=after)
    outbox.drain()
    lines = read(Tip.objects.get(), caseworker, keys)
    assert [(line.text, line.message and line.message.number) for line in lines] == [
        ("Before all.", None),
        ("First?", 1),
        ("To the first.", None),
        ("Second?", 2),
        ("To the second.", None),
    ]


@pytest.mark.promise("sender")
def test_staff_learn_that_a_message_was_seen_only_when_that_week_is_over(
    write, read_tip, caseworker, keys
):
    """Staff learn that a message was seen only when that week is over."""
    write()
    assert senders_side.open_mailbox(token=TOKEN) is not None
    assert Message.objects.get().seen is not None
    assert [line.seen for line in read(read_tip, caseworker, keys)] == [False]
    Message.objects.update(seen=date(2020, 1, 6))
    assert [line.seen for line in read(read_tip, caseworker, keys)] == [True]


NO = "The sender asked us not to ask them anything. You can write again if they write to us."


@pytest.mark.parametrize("question", [True, False])
def test_to_a_sender_who_said_no_nothing_is_written_until_they_write_again(
    silent, caseworker, keys, question
):
    def write():
        text = "Was it by day?" if question else "Thank you."
        return sender_messages.write(
            tip=Tip.objects.get(), text=text, question=question, by=caseworker, keys=keys
        )

    with pytest.raises(Refused) as refusal:
        write()
    assert str(refusal.value) == NO
    assert (Message.objects.count(), Tip.objects.get().status) == (0, Status.READING)
    telling.reply(token=TOKEN, text="I have more to say.", after=0)
    assert write().asks is question  # the control


@pytest.mark.promise(
    "messages", control="test_a_message_about_their_safety_lacks_no_reason_and_repeats_nothing"
)
def test_a_message_about_their_own_safety_goes_with_its_reason_for_a_team_lead(
    silent, caseworker, team_lead, keys
):
    """A message about a sender's own safety goes with its reason, which a team lead looks at, and is never a
    question.
    """
    text, reason = "Do not go to the garages this week.", " He told a neighbour whom he suspects. "
    sent = sender_messages.write_about_safety(
        tip=silent, text=text, reason=reason, by=caseworker, keys=keys
    )
    assert (sent.asks, Tip.objects.get().status) == (False, Status.READING)
    found = senders_side.open_mailbox(token=TOKEN)
    assert found is not None
    assert ([letter.text for letter in found.letters], found.state) == ([text], "read")
    decision = SafetyDecision.objects.get()
    assert (decision.tip, decision.kind, decision.author) == (silent, "wrote", "olu")
    assert safety.content(decision, keys=keys)["text"] == reason.strip()
    assert list(safety.waiting(user=team_lead)) == [decision]
    acts = AuditEvent.objects.filter(subject=silent.reference, act__startswith="wrote").order_by(
        "seq"
    )
    assert [event.act for event in acts] == ["wrote", "wrote-for-safety"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"text": "Stay away.", "reason": " "},
            "Say in a sentence why this is about the sender’s own safety",
        ),
        ({"text": "", "reason": "He is armed."}, "Write something before you send it"),
        ({"text": "Stay away from Kev.", "reason": "He is armed."}, "Remove “Kev”"),
        ({"text": "Stay away.", "reason": "x" * 501}, "“Sentence” is too long"),
    ],
)
def test_a_message_about_their_safety_lacks_no_reason_and_repeats_nothing(
    silent, caseworker, keys, said, sentence
):
    with pytest.raises(Refused, match=sentence):
        sender_messages.write_about_safety(tip=silent, **said, by=caseworker, keys=keys)
    assert (Message.objects.count(), SafetyDecision.objects.count()) == (0, 0)


def test_where_a_part_does_not_open_only_a_message_about_their_safety_goes(
    write, read_tip, caseworker, keys
):
    telling.tell("The same, once more.", token=TOKEN)
    Entry.objects.filter(position=2).update(sealed=Entry.objects.get(position=1).sealed)
    for question in (True, False):
        with pytest.raises(Refused, match="We cannot open a part of this tip"):
            write(question=question)
    sender_messages.write_about_safety(
        tip=read_tip, text="Stay away.", reason="He is armed.", by=caseworker, keys=keys
    )


URDU, POLISH, ENGLISH = (
    "کیا یہ دن میں تھا؟",
    "Czy widzieli Państwo ten samochód w dzień?",
    "was it by day?",
)


@pytest.mark.promise("messages", control="test_a_message_is_sealed_to_the_desk_and_to_the_sender")
def test_the_english_of_a_message_stays_at_the_desk(read_tip, caseworker, keys):
    """The English beside a message in another language is sealed to the desk alone, and its sender never gets it."""
    said = {"text": POLISH, "english": ENGLISH, "question": False}
    sender_messages.write(tip=read_tip, **said, by=caseworker, keys=keys)
    kept = Message.objects.get()
    own, bound = (
        str(receipts.tipster_identity(TOKEN)),
        kept.bound_for_sender(receipts.lookup(TOKEN)),
    )
    assert kept.for_sender is not None
    assert envelope.open_sealed(bytes(kept.for_sender), identities=[own], bound=bound).content == {
        "text": POLISH
    }
    assert texts() == [POLISH]
    assert [(line.text, line.english) for line in read(read_tip, caseworker, keys)] == [
        (POLISH, ENGLISH)
    ]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"text": POLISH}, "Write beside it in English what it says."),
        ({"text": URDU, "checked": True}, "Write beside it in English what it says."),
        ({"text": URDU, "english": ENGLISH}, "tick “Someone who reads it has checked it”"),
        ({"text": POLISH, "english": "is it Kev?"}, "Remove “Kev”"),
        ({"text": "Czy to Kev?", "english": "is it Kev?"}, "Remove “Kev” (a name or a place)."),
        ({"text": URDU, "english": "is it Kev?", "checked": True}, "Remove “Kev”"),
        ({"text": POLISH, "english": "x" * 2001}, "“In English, for the team” is too long"),
    ],
)
def test_a_message_in_another_language_lacks_no_english_and_no_check(
    read_tip, caseworker, keys, said, sentence
):
    with pytest.raises(Refused) as refusal:
        sender_messages.write(tip=read_tip, **said, question=True, by=caseworker, keys=keys)
    assert sentence in str(refusal.value)
    assert Message.objects.count() == 0


def test_in_a_script_that_cannot_be_read_it_goes_once_somebody_has_checked_it(
    read_tip, caseworker, keys
):
    said = {"text": URDU, "english": ENGLISH, "checked": True}
    sender_messages.write(tip=read_tip, **said, question=True, by=caseworker, keys=keys)
    assert texts() == [URDU]


def test_about_the_senders_own_safety_nothing_waits(read_tip, caseworker, keys):
    sender_messages.write_about_safety(
        tip=read_tip, text="وہاں نہ جائیں۔", reason="He is armed.", by=caseworker, keys=keys
    )
    assert texts() == ["وہاں نہ جائیں۔"]


def test_a_translated_reply_that_somebody_checked_needs_no_other_check(
    read_tip, caseworker, keys, tmp_path, settings
):
    catalogue.write(tmp_path, "ur", {str(replies.READ): URDU}, settings)
    sender_messages.write(
        tip=read_tip, text=URDU, english=ENGLISH, question=False, by=caseworker, keys=keys
    )
    with pytest.raises(Refused, match="We cannot look for names in this script"):
        sender_messages.write(
            tip=read_tip,
            text=f"{URDU} کیپر",
            english=ENGLISH,
            question=False,
            by=caseworker,
            keys=keys,
        )
    assert texts() == [URDU]


TEXT = "Was it by day?"


@pytest.fixture
def message(tip, caseworker, keys):
    """Return a question that nobody has been shown."""
    opening.read(tip=tip, by=caseworker, keys=keys)
    return sender_messages.write(tip=tip, text=TEXT, question=True, by=caseworker, keys=keys)


def texts():
    """Return what the sender is shown."""
    box = senders_side.open_mailbox(token=TOKEN)
    assert box is not None
    return [letter.text for letter in box.letters]


@pytest.mark.promise(
    "messages", control="test_what_was_shown_stays_where_its_sender_can_read_it_again"
)
def test_what_nobody_was_shown_is_never_shown(message, caseworker):
    """A message that was taken back unread is never shown, and taking back tells nobody whether its sender came."""
    sender_messages.take_back(message=message, by=caseworker)
    box = senders_side.open_mailbox(token=TOKEN)
    assert box is not None
    assert (box.letters, box.state, box.withheld) == ((), "read", False)  # nor is anything asked
    event = AuditEvent.objects.get(act="took-back")
    assert (event.actor, event.subject, event.detail) == (
        "olu",
        message.tip.reference,
        {"number": 1},
    )
    kept = Message.objects.get()
    assert (kept.for_sender, bool(kept.sealed)) == (None, True)  # the desk keeps its own


def test_what_was_shown_stays_where_its_sender_can_read_it_again(message, caseworker):
    assert texts() == [TEXT]
    sender_messages.take_back(message=message, by=caseworker)
    assert texts() == [TEXT]
    assert Message.objects.get().for_sender is not None


@pytest.mark.parametrize("shown", [False, True])
def test_whoever_takes_it_back_learns_nothing_of_whether_its_sender_came(
    message, tip, caseworker, keys, shown
):
    """Verb, record and thread are the same until the week is over."""
    if shown:
        assert texts() == [TEXT]
    before = AuditEvent.objects.count()
    sender_messages.take_back(message=message, by=caseworker)
    (event,) = AuditEvent.objects.filter(seq__gt=before)
    assert (event.act, event.detail) == ("took-back", {"number": 1})
    (item,) = sender_messages.thread(
        reading=opening.read(tip=tip, by=caseworker, keys=keys), keys=keys
    )
    assert (item.text, item.seen, item.taken_back) == (TEXT, False, "now")


def test_thread_says_from_the_next_week_on_whether_it_had_been_seen(message, tip, caseworker, keys):
    def line():
        (item,) = sender_messages.thread(
            reading=opening.read(tip=tip, by=caseworker, keys=keys), keys=keys
        )
        return item.seen, item.taken_back

    assert line() == (False, "")
    assert texts() == [TEXT]
    sender_messages.take_back(message=message, by=caseworker)
    assert line() == (False, "now")
    Message.objects.update(taken_back=date(2020, 1, 6), seen=None)
    assert line() == (False, "before")
    Message.objects.update(seen=date(2020, 1, 6))
    assert line() == (True, "before")


def test_what_staff_know_to_be_seen_and_what_is_taken_back_is_not_taken_back(message, caseworker):
    Message.objects.update(seen=date(2020, 1, 6))
    message.refresh_from_db()
    with pytest.raises(Refused, match="The sender has seen this message"):
        sender_messages.take_back(message=message, by=caseworker)
    Message.objects.update(seen=None)
    message.refresh_from_db()
    sender_messages.take_back(message=message, by=caseworker)
    with pytest.raises(Refused, match="already been withdrawn"):
        sender_messages.take_back(message=message, by=caseworker)


def test_what_cannot_be_recorded_is_not_taken_back(message, caseworker):
    with record_broken(), pytest.raises(DatabaseError):
        sender_messages.take_back(message=message, by=caseworker)
    assert texts() == [TEXT]


class TestShown:
    """That a message is shown is stored before its page leaves."""

    def test_taken_back_between_the_two_statements_it_is_not_shown(
        self, message, caseworker, monkeypatch
    ):
        asked = senders_side._rows

        def ask_and_take_back(lookup):
            rows = asked(lookup)
            if Message.objects.filter(taken_back=None).exists():
                sender_messages.take_back(message=message, by=caseworker)
            return rows

        monkeypatch.setattr(senders_side, "_rows", ask_and_take_back)
        assert texts() == []
        assert Message.objects.get().seen is None

    @pytest.mark.django_db(transaction=True)
    def test_where_it_cannot_be_stored_only_what_was_shown_before_is_there(
        self, message, caseworker, keys, client
    ):
        assert texts() == [TEXT]
        write_to(message.tip, caseworker, keys, "One thing more.")

        def read_only(execute, sql, *more):
            if not sql.startswith("SELECT"):
                raise DatabaseError("readonly")
            return execute(sql, *more)

        with connection.execute_wrapper(read_only):
            box = senders_side.open_mailbox(token=TOKEN)
            assert box is not None
            assert ([letter.text for letter in box.letters], box.withheld) == ([TEXT], True)
            page = client.post("/mailbox/", {"words": SEVEN})
            assert (page.status_code, "One thing more." in page.text) == (200, False)
            assert "we cannot show the message right now" in page.text
        assert texts() == [TEXT, "One thing more."]


@pytest.mark.promise("messages", control="test_a_name_that_the_sender_told_us_is_found")
@pytest.mark.parametrize("contact", ["details", "receipt", "none"])
def test_no_check_of_a_message_tells_what_stands_in_the_contact_details(keys, caseworker, contact):
    """No check of a message says whether words are in the sender's contact details."""
    details = {
        "contact": contact,
        "contact_details": "Nevenka Kovac, 12 Mill Lane",
        "contact_safe": "not if Darren is in",
    }
    tip = told(caseworker, keys, what="a van comes there each night.", **details)
    guesses = (
        "Alice helps. Nevenka helps. Kovac helps. Darren helps. we saw 11 mill lane, 12 mill lane."
    )
    answers = [entry.answers for entry in opening.open_all(tip=tip, keys=keys)]
    assert sender_messages.against(text=guesses, answers=answers) == ""
    facts = {"tip": tip, "by": caseworker, "keys": keys}
    if contact == "none":
        sender_messages.write_about_safety(
            **facts, text=guesses, reason="They are looking for them."
        )
    else:
        sender_messages.write(**facts, text=guesses, question=False)
    assert Message.objects.count() == 1


def test_a_name_that_the_sender_told_us_is_found(keys, caseworker):
    told(caseworker, keys, what="They call him Nevenka, at 12 Mill Lane.")
    with pytest.raises(Refused, match="Remove “Nevenka”"):
        sender_messages.write(
            tip=Tip.objects.get(),
            text="Nevenka helps. we saw 12 mill lane.",
            question=False,
            by=caseworker,
            keys=keys,
        )
