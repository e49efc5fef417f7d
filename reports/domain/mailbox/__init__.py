"""What a sender finds behind their seven words: where the tip stands, in four steps, and what the desk wrote.

Never the tip's text nor what they answered: whoever finds the words must not find out what they are about. Whatever
the words are, looking takes the same steps (docs/decisions), so that a wrong receipt cannot be told from a burned one.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import cycle
from operator import itemgetter
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import outcomes
from reports.domain.desk import empty_write_ahead_log
from reports.domain.errors import Unreachable
from reports.domain.intake import outbox
from reports.domain.intake.rate_limit import Bucket
from reports.domain.outcomes import Told
from reports.domain.tips.metadata import monday
from reports.models import Message, Tip
from reports.sealing import envelope, receipts

type Row = dict[str, Any]

PATIENCE = 2  # seconds that a visitor waits for a database that others hold
EMPTIES = 32
LEAST = 2  # envelopes that every look opens, if only empty ones of our own
NOBODY = uuid.UUID(int=0)
NO_TIP: Row = {"unread": True, "answered": False, "told": None}
RATE, BURST = 600, 300  # looks a minute in one process, whoever asks; ten times what a busy town needs
LETTER = tuple(f"messages__{name}" for name in ("pk", "number", "asks", "week", "seen", "for_sender"))

WAITING, READ, QUESTION, OUTCOME = "waiting", "read", "question", "outcome"


@dataclass(frozen=True)
class Letter:
    """One message from the desk, opened; `text` is empty when it does not open or does not belong here."""

    id: uuid.UUID
    number: int
    asks: bool
    week: date
    new: bool
    text: str = field(repr=False)


@dataclass(frozen=True)
class Mailbox:
    """All that a sender is shown: one of WAITING, READ, QUESTION and OUTCOME, and the messages."""

    state: str
    letters: tuple[Letter, ...] = ()
    outcome: Told | None = None

    @property
    def newest(self) -> int:
        """Return the number of the newest message that is shown; 0 without any."""
        return max((letter.number for letter in self.letters), default=0)


def look(*, token: str) -> Mailbox | None:
    """Return the mailbox of a receipt; None for a wrong, burned or expired one. Raises Unreachable.

    The same query, derivations and openings for all of them.
    """
    lookup, identity = receipts.lookup(token), str(receipts.tipster_identity(token))
    waits = outbox.waits_for(lookup)  # before the database is asked: what is drained in between is found in one of them
    with _asking():
        found = _rows(lookup)
    rows = [row for row in found if row["lookup"] == lookup and row["burned"] is None]  # a stand-in ends here
    rows.sort(key=itemgetter("messages__number"))  # in the engine it would move the envelopes about
    tip = rows[0] if rows else NO_TIP
    letters = _opened([row for row in rows if row["messages__for_sender"]], lookup, identity)
    outcome = outcomes.told(tip["told"])
    asked = _is_asked(rows) and not tip["answered"] and not waits
    mailbox = Mailbox(_state(outcome, asked=asked, unread=tip["unread"] or waits), letters, outcome)
    there = tip is not NO_TIP or (waits and not _is_burned(lookup))
    return mailbox if there else None


def mark_seen(*, letters: Sequence[Letter]) -> None:
    """Keep the week in which messages were first shown; nothing is lost where that fails."""
    new = [letter.id for letter in letters if letter.new]
    if new:
        with _asking():
            Message.objects.filter(pk__in=new, seen=None).update(seen=monday(timezone.localdate()))


def delete(*, token: str, number: int) -> None:
    """Delete the sender's copy of a message for good; the desk keeps its own. Raises Unreachable."""
    with _asking(), transaction.atomic():
        copies = Message.objects.filter(tip__lookup=receipts.lookup(token), number=number)
        if copies.exclude(for_sender=None).update(for_sender=None):
            transaction.on_commit(empty_write_ahead_log)


def burn(*, token: str) -> None:
    """Make a receipt stop working for good and delete the sender's messages; the tip stays. Raises Unreachable.

    Nothing is written about when: the record would say when its sender was here.
    """
    lookup = receipts.lookup(token)
    with _asking():
        if outbox.waits_for(lookup):
            outbox.drain()  # what is still on its way has no row that could be marked
        with transaction.atomic():
            tip = Tip.objects.select_for_update().filter(lookup=lookup).first()
            if tip is None and outbox.waits_for(lookup):
                raise Unreachable(_("What you sent is still on its way. Try again in a minute."))
            if tip is not None and tip.burned is None:
                Tip.objects.filter(pk=tip.pk).update(burned=tip.entries.count())
                tip.messages.update(for_sender=None)
                transaction.on_commit(empty_write_ahead_log)


@contextmanager
def _asking() -> Iterator[None]:
    """Ask the database, with little patience where SQLite would wait for twenty seconds; raises Unreachable."""
    try:
        with _impatient():
            yield
    except DatabaseError as error:
        raise Unreachable(_("We cannot look into the mailbox now.")) from error


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


def _is_burned(lookup: str) -> bool:
    """Return whether something that waits here comes under a receipt which is burned."""
    with _asking():
        return Tip.objects.filter(lookup=lookup).exclude(burned=None).exists()


def _rows(lookup: str) -> list[Row]:
    """Return the tip with this lookup, unless burned, with what may be told of it: a row for each of its messages.

    One statement finds all of it. Where there is no such tip, another stands in, one with messages if it can: the
    engine then has as much to read. It is another for each lookup, or it would lie nearer at hand than what is asked
    for by the right words. It may be the burned one itself, so whoever calls this looks at both `lookup` and `burned`.
    """
    mine = Tip.objects.filter(lookup=lookup, burned=None)
    written = Message.objects.order_by("pk").values("tip")
    near = uuid.UUID(hex=lookup[:32])
    instead = [written.filter(pk__gte=near), written, Tip.objects.order_by("pk").values("pk")]
    tips = Tip.objects.filter(pk=Coalesce(*(Subquery(tip[:1]) for tip in (mine.values("pk"), *instead))))
    return list(tips.values("lookup", "burned", "unread", "answered", *LETTER, told=Subquery(outcomes.telling())))


def _is_asked(rows: Sequence[Row]) -> bool:
    """Return whether the desk's last question is still there; its sender may have deleted it."""
    questions = [row for row in rows if row["messages__asks"]]
    return bool(questions and questions[-1]["messages__for_sender"])


def _state(outcome: Told | None, *, asked: bool, unread: bool) -> str:
    """Return the one thing that is said.

    Where the tip stands at the desk is no part of it: linked, passed on, no action and malicious are all `read`, and
    a question stays one whatever the desk does meanwhile, or its going would tell that something was decided.
    """
    if outcome:
        return OUTCOME
    if asked:
        return QUESTION
    return WAITING if unread else READ


def _opened(rows: Sequence[Row], lookup: str, identity: str) -> tuple[Letter, ...]:
    """Open the messages, and as many empty envelopes as are missing to LEAST."""
    letters = tuple(_letter(row, lookup, identity) for row in rows)
    for _missing in range(LEAST - len(rows)):
        _letter(*next(_empties()))
    return letters


def _letter(row: Row, lookup: str, identity: str) -> Letter:
    pk, number, asks, week, seen, sealed = (row[name] for name in LETTER)
    try:
        bound = Message.bound_to(lookup, pk=pk, number=number, asks=asks)
        text = envelope.open_sealed(bytes(sealed), identities=[identity], bound=bound).content["text"]
    except envelope.EnvelopeError:
        text = ""
    return Letter(pk, number, asks, week, seen is None, str(text))


@lru_cache(maxsize=1)
def _empties() -> Iterator[tuple[Row, str, str]]:
    """Return messages to nobody in turn, each with its lookup and what opens it; a single one would lie at hand."""
    return cycle([_empty() for _ in range(EMPTIES)])


def _empty() -> tuple[Row, str, str]:
    identity = receipts.tipster_identity(receipts.new_token())
    bundle = envelope.Bundle(Message.bound_to("", pk=NOBODY, number=0, asks=False), {"text": "." * 200})
    sealed = envelope.seal(bundle, recipients=[str(identity.to_public())])
    return dict(zip(LETTER, (NOBODY, 0, False, date(2000, 1, 3), None, sealed), strict=True)), "", str(identity)


bucket = Bucket(rate=RATE, burst=BURST)
