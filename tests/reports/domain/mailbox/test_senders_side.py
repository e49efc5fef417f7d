"""What seven words show, one of four things and messages, and what their holder can do."""

from datetime import date

import pytest
from django.utils import timezone

from reports.domain.intake import outbox, receiving
from reports.domain.mailbox import sender_messages, senders_side
from reports.domain.tips import metadata, opening
from reports.models import AuditEvent, Message, Status, Tip
from tests.reports import telling
from tests.reports.mailboxes import TOKEN, WRONG, something_came_of

TEXT = "A grey van by the garages."

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("passphrase")]


@pytest.fixture
def plain_tip():
    """Return a tip under TOKEN that is nothing but its text."""
    return telling.tell(TEXT, token=TOKEN)


@pytest.fixture
def ask(plain_tip, caseworker, keys):
    """Return a function by which the desk reads the tip and asks its sender something."""

    def asked(text="By day or at night?", *, question=True):
        opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
        return sender_messages.write(
            tip=Tip.objects.get(), text=text, question=question, by=caseworker, keys=keys
        )

    return asked


def look(token=TOKEN):
    """Return a mailbox that must be there."""
    found = senders_side.open_mailbox(token=token)
    assert found is not None
    return found


class TestState:
    def test_waits_until_it_is_read(self, plain_tip, caseworker, keys):
        assert look() == senders_side.Mailbox("waiting")
        opening.open_new(by=caseworker, keys=keys)
        assert look().state == "waiting"
        opening.read(tip=plain_tip, by=caseworker, keys=keys)
        assert look() == senders_side.Mailbox("read")

    def test_waits_while_something_more_is_unread(self, plain_tip, caseworker, keys):
        opening.read(tip=plain_tip, by=caseworker, keys=keys)
        receiving.send_photos(token=TOKEN, pictures=[b"jpeg"], answer=True)
        assert look().state == "waiting"
        outbox.drain()
        assert look().state == "waiting"

    def test_is_a_question_until_that_is_answered(self, ask, caseworker, keys):
        ask()
        assert look().state == "question"
        receiving.reply(token=TOKEN, text="At night.", after=1)
        assert look().state == "waiting"
        outbox.drain()
        assert look().state == "waiting"
        opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
        assert look().state == "read"
        ask("And where?")
        assert look().state == "question"

    def test_is_no_question_once_the_sender_has_deleted_it(self, ask):
        ask()
        ask("Thank you.", question=False)
        senders_side.delete(token=TOKEN, number=1)
        assert look().state == "read"

    @pytest.mark.promise("messages")
    def test_is_a_question_whatever_becomes_of_the_tip_meanwhile(self, ask):
        """An open question stays one whatever the desk does in between.

        Were it gone when the tip is linked or put aside, its going would tell that something was decided.
        """
        ask()
        for status in Status:
            Tip.objects.update(status=status, unread=False)
            assert look().state == "question", status

    @pytest.mark.promise("messages")
    def test_shows_no_status_finer_than_read(self, ask):
        """The mailbox says one of four things, and nothing finer than “read”."""
        ask(question=False)
        for status in Status:
            Tip.objects.update(status=status, unread=False)
            assert look().state == "read", status

    def test_is_an_outcome_where_there_is_one(self, ask, plain_tip):
        ask()
        told = something_came_of(plain_tip)
        assert (look().state, look().outcome) == ("outcome", told)


class TestLetters:
    def test_are_the_desks_messages_in_order_and_never_what_the_sender_wrote(self, ask):
        ask()
        telling.reply(token=TOKEN, text="At night.", after=1)
        ask("Thank you.", question=False)
        found = look()
        assert [
            (letter.number, letter.text, letter.asks, letter.new) for letter in found.letters
        ] == [
            (1, "By day or at night?", True, True),
            (2, "Thank you.", False, True),
        ]
        assert found.newest == 2
        assert "night?" not in repr(found)

    def test_are_new_until_they_were_shown_and_keep_the_week_only(self, ask):
        ask()
        assert [letter.new for letter in look().letters] == [True]
        assert [letter.new for letter in look().letters] == [False]
        seen = Message.objects.get().seen
        assert seen == metadata.monday(timezone.localdate())
        Message.objects.update(seen=date(2020, 1, 6))
        look()
        assert Message.objects.get().seen == date(2020, 1, 6)

    def test_go_for_good_when_they_are_deleted_and_the_desk_keeps_its_own(self, ask):
        ask()
        ask("Thank you.", question=False)
        senders_side.delete(token=WRONG, number=2)
        assert len(look().letters) == 2
        senders_side.delete(token=TOKEN, number=2)
        senders_side.delete(token=TOKEN, number=2)
        senders_side.delete(token=TOKEN, number=99)
        assert [letter.number for letter in look().letters] == [1]
        kept = Message.objects.get(number=2)
        assert kept.for_sender is None
        assert kept.sealed


class TestStopping:
    def test_ends_the_receipt_and_the_sender_s_messages_and_keeps_the_tip(self, ask, plain_tip):
        ask()
        before = AuditEvent.objects.count()
        senders_side.stop(token=TOKEN)
        assert senders_side.open_mailbox(token=TOKEN) is None
        assert Message.objects.get().for_sender is None
        assert (Tip.objects.get(), Tip.objects.get().stopped) == (plain_tip, 1)
        assert AuditEvent.objects.count() == before, "the record says when the sender was here"

    def test_twice_is_once(self, ask):
        senders_side.stop(token=TOKEN)
        telling.reply(token=TOKEN, text="Whose?", after=0)
        senders_side.stop(token=TOKEN)
        assert Tip.objects.get().stopped == 1

    @pytest.mark.promise("messages")
    def test_nothing_that_is_sent_afterwards_revives_it(self, plain_tip):
        """Nothing that is sent afterwards makes stopped words work again."""
        senders_side.stop(token=TOKEN)
        for send in (
            lambda: receiving.accept(token=TOKEN, answers={"what": TEXT}),
            lambda: receiving.accept(token=TOKEN, answers={"what": "Changed."}),
            lambda: receiving.reply(token=TOKEN, text="More.", after=0),
            lambda: receiving.send_photos(token=TOKEN, pictures=[b"jpeg"], answer=True),
        ):
            send()
            assert senders_side.open_mailbox(token=TOKEN) is None
            outbox.drain()
            assert senders_side.open_mailbox(token=TOKEN) is None
        assert (Tip.objects.get().stopped, plain_tip.entries.count()) == (1, 5)

    def test_takes_in_what_is_still_on_its_way(self):
        receiving.accept(token=TOKEN, answers={"what": TEXT})
        senders_side.stop(token=TOKEN)
        assert senders_side.open_mailbox(token=TOKEN) is None
        assert Tip.objects.get().stopped == 1
