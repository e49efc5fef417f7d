"""The mailbox behind seven words: the tip's state, one of four, and the desk's messages.

It never shows the tip's text nor the sender's replies: a finder of the words must not learn what they are about.
Opening takes the same steps for any words (docs/decisions), so that a wrong receipt looks the same as a stopped one.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from itertools import cycle
from operator import itemgetter
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Case, F, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from reports.domain.errors import TooManyLooks, Unreachable
from reports.domain.intake import arrivals, outbox
from reports.domain.intake.rate_limit import RateLimit
from reports.domain.outcomes import public_results
from reports.domain.outcomes.public_results import ReceiptOutcome
from reports.domain.state_files import empty_write_ahead_log, is_restoring
from reports.domain.storage import database_roles, database_threads, deletion_records
from reports.domain.tips.metadata import monday
from reports.models import Message, Tip
from reports.sealing import envelope, receipts

type MessageRow = dict[str, Any]

PATIENCE = 2  # seconds that a visitor waits for a database that others hold
ATTEMPTS = 2  # at showing what is new, where a message is taken back at the same moment
EMPTIES = 32  # opened in turn: one alone would stay in the processor's cache, and open faster than a message does
PADDING = (
    "." * 10
)  # as long as a date: a row then grows or shrinks by as much as one that is marked
LEAST = 2  # envelopes that every look opens, if only empty ones of our own
NOBODY = uuid.UUID(int=0)
NO_TIP: MessageRow = {"unread": True, "answered": False, "outcome": None}
# Receipts a minute that open nothing, in one process: ten times what a busy place mistypes.
RATE = 600
BURST = 300
LETTER = tuple(
    f"messages__{name}"
    for name in ("pk", "number", "asks", "week", "seen", "for_sender", "taken_back")
)

WAITING = "waiting"
READ = "read"
QUESTION = "question"
OUTCOME = "outcome"


@dataclass(frozen=True)
class Letter:
    """One opened message from the desk; `text` is empty if it does not open or belongs to another row."""

    id: uuid.UUID
    number: int
    asks: bool
    week: date
    new: bool
    text: str = field(repr=False)


@dataclass(frozen=True)
class Mailbox:
    """A sender's mailbox: its state (WAITING, READ, QUESTION or OUTCOME), the messages, and any outcome.

    `answered`: it waits, and something came after our last question. `withheld`: there are new messages, and it could
    not be stored that they are shown.
    """

    state: str
    letters: tuple[Letter, ...] = ()
    outcome: ReceiptOutcome | None = None
    answered: bool = False
    withheld: bool = False

    @property
    def newest(self) -> int:
        """Return the number of the newest message; 0 without any."""
        return max((letter.number for letter in self.letters), default=0)


def open_mailbox(*, token: str) -> Mailbox | None:
    """Return the mailbox of a receipt; None for a wrong, stopped or expired one. Raises Unreachable.

    It does the same queries, derivations and openings for all of them. That messages are shown is stored before they
    are returned; those of which that cannot be stored stay out, so that one which was taken back unread was never read.

    Receipts that open nothing empty a bucket. While it is empty, all of these raise TooManyLooks alike, once the
    reading statement has found nothing; one that opens is never refused: it has 90 bits, so nobody guesses it.
    """
    lookup = receipts.lookup(token)
    here = outbox.waits_for(
        lookup
    )  # before the query, so that an entry drained in between is found in one of the two
    rows, stored, left = _rows_to_show(lookup, waits=here)
    identity = str(receipts.tipster_identity(token))
    waits = here or left
    rows.sort(key=itemgetter("messages__number"))  # in the engine it would move the envelopes about
    tip = rows[0] if rows else NO_TIP
    readable = [row for row in rows if row["messages__for_sender"]]
    letters = _opened(
        [row for row in readable if stored or row["messages__seen"]], lookup, identity
    )
    outcome = public_results.from_row(tip["outcome"])
    is_asked = _is_asked(rows)
    question_open = is_asked and not tip["answered"] and not waits
    state = _state(outcome, question_open=question_open, unread=tip["unread"] or waits)
    facts = {"answered": is_asked and state == WAITING, "withheld": len(letters) < len(readable)}
    mailbox = Mailbox(state, letters, outcome, **facts)
    exists = tip is not NO_TIP or (waits and not _is_stopped(lookup))
    return mailbox if exists else None


def _rows_to_show(lookup: str, *, waits: bool) -> tuple[list[MessageRow], bool, bool]:
    """Return a tip's rows, whether it is stored that its messages are shown, and whether more was left for the desk.

    Where one was taken back between the two statements, both are sent again. `waits`: something lies here for it.
    """
    for _attempt in range(ATTEMPTS):
        with _asking():
            all_rows = _rows(lookup)
            left = all_rows[0]["left"] if all_rows else bool(arrivals.count(lookup))
        # A stand-in ends here.
        rows = [row for row in all_rows if row["lookup"] == lookup and row["stopped"] is None]
        if not rate_limit.take(cost=0 if rows or left or waits else 1):
            raise TooManyLooks("Too many people are looking at their messages at the moment.")
        new = [
            row["messages__pk"]
            for row in rows
            if row["messages__for_sender"] and row["messages__seen"] is None
        ]
        written = _store_shown(new, beside=all_rows[0]["beside"] if all_rows else None)
        if written is None or not new or written == len(new):
            return rows, not new or written is not None, left
    return rows, False, left


def _store_shown(new: Sequence[uuid.UUID], *, beside: uuid.UUID | None) -> int | None:
    """Store the week in which these messages are first shown; return how many rows were written, None if none can be.

    One statement that always writes a row again: where nothing is new, the message `beside`, anyone's, of which the
    padding alone changes. A look that finds something new would otherwise take longer than any other, as SQLite writes
    nothing where nothing changes.
    """
    mine = new or [NOBODY]
    week = Case(When(pk__in=mine, then=Value(monday(timezone.localdate()))))
    padding = Case(
        When(pk__in=mine, then=F("padding")),
        When(padding="", then=Value(PADDING)),
        default=Value(""),
    )
    other = NOBODY if new or beside is None else beside
    either = Q(pk=other) | Q(pk__in=mine, for_sender__isnull=False)
    with suppress(Unreachable), _asking():
        return Message.objects.filter(either).update(seen=Coalesce("seen", week), padding=padding)
    return None


def delete(*, token: str, number: int) -> None:
    """Delete the sender's copy of a message permanently; the desk keeps its own. Raises Unreachable."""
    with _asking(), transaction.atomic():
        copies = Message.objects.filter(tip__lookup=receipts.lookup(token), number=number)
        if copies.exclude(for_sender=None).update(for_sender=None):
            transaction.on_commit(empty_write_ahead_log)


def stop(*, token: str) -> None:
    """Make a receipt stop working permanently and delete the sender's messages; the tip stays. Raises Unreachable.

    Nothing is written about when: the record would say when its sender was here.
    """
    lookup = receipts.lookup(token)
    with _asking():
        if outbox.waits_for(lookup):
            outbox.drain()  # what is still on its way has no row that could be marked
        with transaction.atomic():
            # Of these columns alone, as a public machine's login may read no others.
            tip = Tip.objects.select_for_update().filter(lookup=lookup).only("stopped").first()
            if tip is None and (outbox.waits_for(lookup) or arrivals.count(lookup)):
                raise Unreachable("What you sent is still on its way. Try again in a minute.")
            if tip is not None and tip.stopped is None:
                _stop(tip, lookup)


def stop_again(*, lookups: Iterable[str]) -> int:
    """Stop receipts that a restored backup brought back to life; return how many."""
    alive = Tip.objects.filter(stopped=None)
    stopped = 0
    for lookup in list(alive.filter(lookup__in=lookups).values_list("lookup", flat=True)):
        with transaction.atomic():
            for tip in (
                alive.select_for_update(skip_locked=True).filter(lookup=lookup).only("stopped")
            ):
                _stop(tip, lookup)
                stopped += 1
    return stopped


def _stop(tip: Tip, lookup: str) -> None:
    # Both are counted while we hold the tip, so that nothing is taken in between.
    came = tip.entries.count() + arrivals.count(lookup)
    Tip.objects.filter(pk=tip.pk).update(stopped=came)
    tip.messages.update(for_sender=None)
    transaction.on_commit(partial(deletion_records.add_stopped, lookup=lookup))
    transaction.on_commit(empty_write_ahead_log)


@contextmanager
def _asking() -> Iterator[None]:
    """Run queries with a short timeout on SQLite, which would wait for twenty seconds; raises Unreachable.

    So it does where this machine's login may do more than a public one must, and where so many threads wait for the
    database that none would be left for the form.
    """
    try:
        with database_threads.places.take() as free, _impatient():
            if not free or is_restoring():
                raise Unreachable("We cannot load your messages at the moment.")
            database_roles.require()
            yield
    except DatabaseError as error:
        raise Unreachable("We cannot load your messages at the moment.") from error


@contextmanager
def _impatient() -> Iterator[None]:
    """Make SQLite wait for at most PATIENCE, in a new connection and in one that is there.

    The settings are changed too, not only the connection: to connect sets pragmas, and these wait for a locked file.
    """
    usual = connection.settings_dict
    if connection.vendor != "sqlite":
        yield
        return
    patience = usual["OPTIONS"]["timeout"]
    connection.settings_dict = usual | {"OPTIONS": usual["OPTIONS"] | {"timeout": PATIENCE}}
    try:
        connection.ensure_connection()
        _wait_at_most(PATIENCE)
        yield
    finally:
        connection.settings_dict = usual
        _wait_at_most(patience)


def _wait_at_most(seconds: int) -> None:
    """Tell SQLite, where it is connected; that reads nothing from its file."""
    if connection.connection is not None:
        connection.connection.execute(f"PRAGMA busy_timeout = {seconds * 1000}")


def _is_stopped(lookup: str) -> bool:
    """Return whether a waiting entry belongs to a stopped receipt."""
    with _asking():
        return Tip.objects.filter(lookup=lookup).exclude(stopped=None).exists()


def _rows(lookup: str) -> list[MessageRow]:
    """Return the tip with this lookup, unless stopped, with what may be told of it: a row for each of its messages.

    One statement finds all of it. Where there is no such tip, another stands in, one with messages if it can: the
    engine then has as much to read. It is another for each lookup, or it would lie nearer at hand than what is asked
    for by the right words. It may be the stopped one itself, so callers check both `lookup` and `stopped`. `beside` is
    the key of some message, another at each look, so that the row which is written for it points at nobody; `left` says
    whether a public machine has left something under this lookup that the desk's has not taken in.
    """
    mine = Tip.objects.filter(lookup=lookup, stopped=None)
    written = Message.objects.order_by("pk").values("tip")
    near = uuid.UUID(hex=lookup[:32])
    instead = [written.filter(pk__gte=near), written, Tip.objects.order_by("pk").values("pk")]
    tips = Tip.objects.filter(
        pk=Coalesce(*(Subquery(tip[:1]) for tip in (mine.values("pk"), *instead)))
    )
    messages = Message.objects.order_by("pk").values("pk")
    beside = Coalesce(
        *(Subquery(some[:1]) for some in (messages.filter(pk__gte=uuid.uuid4()), messages))
    )
    facts = ("lookup", "stopped", "unread", "answered", *LETTER)
    return list(
        tips.values(
            *facts,
            beside=beside,
            left=arrivals.left(lookup),
            outcome=Subquery(public_results.telling()),
        )
    )


def _is_asked(rows: Sequence[MessageRow]) -> bool:
    """Return whether the desk's last question is still there; the sender may have deleted it.

    One that was taken back unread was never asked.
    """
    unasked = [
        row for row in rows if row["messages__taken_back"] and not row["messages__for_sender"]
    ]
    questions = [row for row in rows if row["messages__asks"] and row not in unasked]
    return bool(questions and questions[-1]["messages__for_sender"])


def _state(outcome: ReceiptOutcome | None, *, question_open: bool, unread: bool) -> str:
    """Return the mailbox's state.

    Where the tip stands at the desk is no part of it: linked, passed on and no action are all `read`, and
    a question stays one whatever the desk does meanwhile, or its going would tell that something was decided.
    """
    if outcome:
        return OUTCOME
    if question_open:
        return QUESTION
    return WAITING if unread else READ


def _opened(rows: Sequence[MessageRow], lookup: str, identity: str) -> tuple[Letter, ...]:
    """Open the messages, and empty envelopes to make up LEAST, so that each opening takes as long."""
    letters = tuple(_letter(row, lookup, identity) for row in rows)
    for _missing in range(LEAST - len(rows)):
        _letter(*next(_empties()))
    return letters


def _letter(row: MessageRow, lookup: str, identity: str) -> Letter:
    pk, number, asks, week, seen, sealed, _taken_back = (row[name] for name in LETTER)
    try:
        bound = Message.bound_to(lookup, pk=pk, number=number, asks=asks)
        text = envelope.open_sealed(bytes(sealed), identities=[identity], bound=bound).content[
            "text"
        ]
    except envelope.EnvelopeError:
        text = ""
    return Letter(pk, number, asks, week, seen is None, str(text))


@lru_cache(maxsize=1)
def _empties() -> Iterator[tuple[MessageRow, str, str]]:
    """Return messages to nobody, in turn and without end, each with its lookup and the identity that opens it."""
    return cycle([_empty() for _ in range(EMPTIES)])


def _empty() -> tuple[MessageRow, str, str]:
    identity = receipts.tipster_identity(receipts.new_token())
    bundle = envelope.Bundle(
        Message.bound_to("", pk=NOBODY, number=0, asks=False), {"text": "." * 200}
    )
    sealed = envelope.seal(bundle, recipients=[str(identity.to_public())])
    return (
        dict(zip(LETTER, (NOBODY, 0, False, date(2000, 1, 3), None, sealed, None), strict=True)),
        "",
        str(identity),
    )


rate_limit = RateLimit(rate=RATE, burst=BURST)
