"""Wrong, stopped and purged receipts are all the same, and looked into with the same steps as one that opens."""

import cProfile
import re
from contextlib import suppress
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports.domain.errors import TooManyLooks
from reports.domain.intake import receiving
from reports.domain.intake.rate_limit import RateLimit
from reports.domain.mailbox import senders_side
from reports.models import Tip
from reports.sealing import receipts
from tests.reports import telling
from tests.reports.mailboxes import TOKEN, WRONG, something_came_of, write_to
from tests.reports.purging import purge
from tests.settings import BASE_DIR

pytestmark = pytest.mark.usefixtures("passphrase", "another")


@pytest.fixture
def another(tip):
    """Send one more tip, which nobody has read either."""
    telling.tell("Something else.")
    return tip


def ended(how):
    """Return a token that opens nothing (any more)."""
    tip = Tip.objects.get(lookup=receipts.lookup(TOKEN))
    if how == "stopped":
        senders_side.stop(token=TOKEN)
    if how == "purged":
        purge(tip=tip)
    return WRONG if how == "wrong" else TOKEN


# A lookup, or an id (of any tip, or of none).
WHICH = re.compile(
    r"'[0-9a-f]{64}'|'[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}'(?:::uuid)?|(?<= )[0-9a-f]{32}(?= )"
)


def steps(token):
    """Return how often a look calls each of our functions and the statements that it sends."""
    senders_side.open_mailbox(token=token)  # what is kept for next time is there by now
    profile = cProfile.Profile()
    with CaptureQueriesContext(connection) as queries:
        profile.runcall(senders_side.open_mailbox, token=token)
    profile.create_stats()
    ours = {
        f"{name}:{function}": counts[0]
        for (name, _, function), counts in profile.stats.items()  # type: ignore[attr-defined]
        if name.startswith(str(BASE_DIR / "reports"))
        or function.startswith(
            ("<method 'derive", "<method 'decrypt")
        )  # not what another thread decodes
    }
    return ours, [WHICH.sub("?", query["sql"]) for query in queries]


def shown(token):
    """Return what a look finds, and the statements that it sends."""
    with CaptureQueriesContext(connection) as queries:
        found = senders_side.open_mailbox(token=token)
    return found, [WHICH.sub("?", query["sql"]) for query in queries]


@pytest.mark.promise("messages", control="test_a_stand_in_is_never_shown")
@pytest.mark.parametrize("how", ["wrong", "stopped", "purged"])
def test_what_opens_nothing_takes_the_same_steps_as_what_opens(tip, how):
    """What opens nothing takes the same steps as what opens."""
    right = steps(TOKEN)
    assert senders_side.open_mailbox(token=(token := ended(how))) is None
    assert steps(token) == right
    assert (
        sum(count for name, count in right[0].items() if name.endswith("open_sealed"))
        == senders_side.LEAST
    )
    # The tip with its messages and what may be told of it; and what is shown, or a row of anybody's.
    assert [sql.split()[0] for sql in right[1]] == ["SELECT", "UPDATE"]


@pytest.mark.parametrize("how", ["stopped", "purged"])
def test_in_a_flood_all_that_opens_nothing_is_refused_after_the_same_steps(tip, monkeypatch, how):
    monkeypatch.setattr(senders_side, "rate_limit", RateLimit(rate=0, burst=0))
    assert senders_side.open_mailbox(token=TOKEN), "the control: right words are not refused"
    wrong, token = refused(WRONG), ended(how)
    assert refused(token) == wrong
    assert [sql.split()[0] for sql in wrong[1]] == ["SELECT"]
    assert len(wrong[0]) > 5, "the control: steps are counted"


def refused(token):
    """Return the steps of a look that is refused."""
    look = senders_side.open_mailbox
    with pytest.raises(TooManyLooks):
        look(token=token)

    def caught(*, token):
        with suppress(TooManyLooks):
            look(token=token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(senders_side, "open_mailbox", caught)
        return steps(token)


def test_a_mailbox_with_messages_takes_the_steps_of_a_wrong_one(tip, caseworker, keys):
    write_to(tip, caseworker, keys)
    found, first = shown(TOKEN)
    assert found
    calls, queries = steps(TOKEN)
    others, same = steps(WRONG)
    assert (
        first == queries
    )  # the first look, which stores that the message is shown, sends the same statements
    opened = {name: count for name, count in calls.items() if "sealing" in name}
    assert opened == {name: count for name, count in others.items() if "sealing" in name}
    assert queries == same


@pytest.mark.promise("messages")
def test_a_million_guesses_find_nothing(tip, whole):
    """A million guesses in `./dev check --all`, and fewer in `./dev test`, find nothing.

    At a million looks: 90 bits, so that a hit among them has a chance of one in 10**21.
    """
    guess, number = Random(20231128), 1_000_000 if whole else 50_000
    stored = set(Tip.objects.values_list("lookup", flat=True))
    assert receipts.lookup(TOKEN) in stored
    tokens = {receipts._to_token(guess.getrandbits(receipts.BITS)) for _ in range(number)}
    assert len(tokens) == number
    assert TOKEN not in tokens
    hits = [token for token in tokens if receipts.lookup(token) in stored]
    assert hits == []


def test_a_stand_in_is_never_shown(tip, caseworker, keys):
    """What a wrong receipt reads instead of its tip is another's; the state and the outcome of that stay out too."""
    write_to(tip, caseworker, keys)
    something_came_of(tip)
    rows = senders_side._rows(receipts.lookup(WRONG))
    assert [row["lookup"] for row in rows] == [receipts.lookup(TOKEN)], (
        "the control: another's tip is read"
    )
    assert senders_side.open_mailbox(token=WRONG) is None
    receiving.accept(token=WRONG, answers={"what": "On its way."})
    assert senders_side.open_mailbox(token=WRONG) == senders_side.Mailbox("waiting")
