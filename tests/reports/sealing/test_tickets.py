"""A ticket is worth something to one server, for an hour, and shows nothing of the words."""

from base64 import urlsafe_b64decode

import pytest

from reports.sealing import receipts, tickets

TOKEN = "Ab3-xY_9qLm0Zt7"
SECRET, MINUTE = "a server's secret", 29_000_000


def test_ticket_gives_the_token_back_for_an_hour():
    ticket = tickets.write(TOKEN, secret=SECRET, minute=MINUTE)
    read = {
        age: tickets.read(ticket, secret=SECRET, minute=MINUTE + age) for age in (-1, 0, 59, 60)
    }
    assert read == {-1: None, 0: TOKEN, 59: TOKEN, 60: None}


def test_ticket_shows_neither_token_nor_words_and_is_another_each_time():
    ticket, other_ticket = (tickets.write(TOKEN, secret=SECRET, minute=MINUTE) for _ in range(2))
    assert ticket != other_ticket
    raw = urlsafe_b64decode(ticket + "=")
    assert TOKEN.encode() not in raw
    assert not [word for word in receipts.words(TOKEN) if word.encode() in raw]


@pytest.mark.parametrize("ticket", ["", "A", "AAAA", "é", "A" * 63, "Ab3-xY_9qLm0Zt7"])
def test_what_is_no_ticket_gives_nothing(ticket):
    assert tickets.read(ticket, secret=SECRET, minute=MINUTE) is None


def test_another_servers_ticket_or_a_changed_one_gives_nothing():
    ticket = tickets.write(TOKEN, secret=SECRET, minute=MINUTE)
    assert tickets.read(ticket, secret="another secret", minute=MINUTE) is None
    changed = ticket[:30] + ("A" if ticket[30] != "A" else "B") + ticket[31:]
    assert tickets.read(changed, secret=SECRET, minute=MINUTE) is None
