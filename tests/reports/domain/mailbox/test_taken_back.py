"""A message is taken back unread or not at all, and that tells nobody when its sender comes."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.test import Client

from reports.domain import mailbox
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips import opening
from reports.models import AuditEvent, Message, Tip
from tests.reports.mailboxes import SEVEN, TOKEN, write_to
from tests.reports.unrecorded import record_broken

TEXT = "Was it by day?"


@pytest.fixture
def message(tip: Tip, officer: User, keys: Keys) -> Message:
    """Return a question that nobody has been shown."""
    opening.read(tip=tip, by=officer, keys=keys)
    return messages.write(tip=tip, text=TEXT, question=True, by=officer, keys=keys)


def texts() -> list[str]:
    """Return what the sender is shown."""
    box = mailbox.look(token=TOKEN)
    assert box is not None
    return [letter.text for letter in box.letters]


def test_what_nobody_was_shown_is_never_shown(message: Message, officer: User) -> None:
    messages.take_back(message=message, by=officer)
    box = mailbox.look(token=TOKEN)
    assert box is not None
    assert (box.letters, box.state, box.withheld) == ((), "read", False)  # nor is anything asked
    event = AuditEvent.objects.get(act="took-back")
    assert (event.actor, event.subject, event.detail) == ("olu", message.tip.reference, {"number": 1})
    kept = Message.objects.get()
    assert (kept.for_sender, bool(kept.sealed)) == (None, True)  # the desk keeps its own


def test_what_was_shown_stays_where_its_sender_can_read_it_again(message: Message, officer: User) -> None:
    assert texts() == [TEXT]
    messages.take_back(message=message, by=officer)
    assert texts() == [TEXT]
    assert Message.objects.get().for_sender is not None


@pytest.mark.parametrize("shown", [False, True])
def test_whoever_takes_it_back_learns_nothing_of_whether_its_sender_came(
    message: Message, tip: Tip, officer: User, keys: Keys, shown: bool
) -> None:
    """Verb, record and thread are the same until the week is over."""
    if shown:
        assert texts() == [TEXT]
    before = AuditEvent.objects.count()
    messages.take_back(message=message, by=officer)
    (event,) = AuditEvent.objects.filter(seq__gt=before)
    assert (event.act, event.detail) == ("took-back", {"number": 1})
    (item,) = messages.thread(reading=opening.read(tip=tip, by=officer, keys=keys), keys=keys)
    assert (item.text, item.seen, item.taken_back) == (TEXT, False, "now")


def test_thread_says_from_the_next_week_on_whether_it_had_been_seen(
    message: Message, tip: Tip, officer: User, keys: Keys
) -> None:
    def line() -> tuple[bool, str]:
        (item,) = messages.thread(reading=opening.read(tip=tip, by=officer, keys=keys), keys=keys)
        return item.seen, item.taken_back

    assert line() == (False, "")
    assert texts() == [TEXT]
    messages.take_back(message=message, by=officer)
    assert line() == (False, "now")
    Message.objects.update(taken_back=date(2020, 1, 6), seen=None)
    assert line() == (False, "before")
    Message.objects.update(seen=date(2020, 1, 6))
    assert line() == (True, "before")


def test_what_staff_know_to_be_seen_and_what_is_taken_back_is_not_taken_back(message: Message, officer: User) -> None:
    Message.objects.update(seen=date(2020, 1, 6))
    message.refresh_from_db()
    with pytest.raises(Refused, match="The sender has seen this message"):
        messages.take_back(message=message, by=officer)
    Message.objects.update(seen=None)
    message.refresh_from_db()
    messages.take_back(message=message, by=officer)
    with pytest.raises(Refused, match="taken back already"):
        messages.take_back(message=message, by=officer)


def test_what_cannot_be_recorded_is_not_taken_back(message: Message, officer: User) -> None:
    with record_broken(), pytest.raises(DatabaseError):
        messages.take_back(message=message, by=officer)
    assert texts() == [TEXT]


class TestShown:
    """That a message is shown is stored before its page leaves."""

    def test_taken_back_between_the_two_statements_it_is_not_shown(
        self, message: Message, officer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = mailbox._rows

        def ask_and_take_back(lookup: str) -> list[mailbox.MessageRow]:
            rows = asked(lookup)
            if Message.objects.filter(taken_back=None).exists():
                messages.take_back(message=message, by=officer)
            return rows

        monkeypatch.setattr(mailbox, "_rows", ask_and_take_back)
        assert texts() == []
        assert Message.objects.get().seen is None

    @pytest.mark.django_db(transaction=True)
    def test_where_it_cannot_be_stored_only_what_was_shown_before_is_there(
        self, message: Message, officer: User, keys: Keys, client: Client
    ) -> None:
        assert texts() == [TEXT]
        write_to(message.tip, officer, keys, "One thing more.")

        def read_only(execute: Any, sql: str, *more: Any) -> Any:
            if not sql.startswith("SELECT"):
                raise DatabaseError("readonly")
            return execute(sql, *more)

        with connection.execute_wrapper(read_only):
            box = mailbox.look(token=TOKEN)
            assert box is not None
            assert ([letter.text for letter in box.letters], box.withheld) == ([TEXT], True)
            page = client.post("/mailbox/", {"words": SEVEN})
            assert (page.status_code, "One thing more." in page.text) == (200, False)
            assert "we cannot show it at this moment" in page.text
        assert texts() == [TEXT, "One thing more."]
