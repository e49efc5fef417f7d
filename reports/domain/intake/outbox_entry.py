"""One entry of the outbox: a file with a line of facts in clear and a sealed envelope, on its way to the database."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.utils import timezone

from core.file_names import is_name
from reports.domain.storage.mirror import ENTRY
from reports.models import Arrival, Entry, Tip

BELIEVED = timedelta(days=3)  # how far from today the day may be that a public machine names


@dataclass(frozen=True)
class OutboxEntry:
    """One sealed envelope on its way to the database, with the few facts that are stored in clear."""

    lookup: str
    tag: str
    id: str
    received: str  # ISO day
    key: int
    urgent: bool
    sealed: bytes
    answer: bool = False  # it was sent from a mailbox
    suspect: bool = False  # a program seems to have sent it

    @property
    def name(self) -> str:
        """Return the file's name: the same content under the same receipt has the same name."""
        return f"{self.lookup}.{self.tag}"

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        facts = asdict(self)
        sealed: bytes = facts.pop("sealed")
        return json.dumps(facts).encode() + b"\n" + sealed

    @classmethod
    def from_bytes(cls, data: bytes) -> "OutboxEntry":
        """Return the entry that `to_bytes` wrote; raises ValueError, KeyError or TypeError for anything else.

        What a database would refuse is refused here: one damaged fact must not keep a whole batch out.
        """
        facts, _, sealed = data.partition(b"\n")
        entry = cls(**json.loads(facts), sealed=sealed)
        uuid.UUID(entry.id)
        date.fromisoformat(entry.received)
        if not is_name(entry.name, ENTRY):
            raise ValueError("this names no entry's file")
        if not 0 <= entry.key < 1 << 31 or {entry.urgent, entry.answer, entry.suspect} - {
            False,
            True,
        }:
            raise ValueError("a fact is out of its range")
        return entry

    def to_arrival(self) -> Arrival:
        """Return the unsaved row by which a public machine leaves this entry to the desk's."""
        facts = {
            "lookup": self.lookup,
            "tag": self.tag,
            "received": self.received,
            "key_index": self.key,
        }
        flags = {"urgent": self.urgent, "answer": self.answer, "suspect": self.suspect}
        return Arrival(id=self.id, **facts, **flags, sealed=self.sealed)

    @classmethod
    def from_arrival(cls, row: Arrival) -> "OutboxEntry":
        """Return the entry that a public machine left as this row; a day that cannot be believed becomes today."""
        today = timezone.localdate()
        received = today
        if abs(row.received - today) <= BELIEVED:
            received = row.received
        facts = (row.lookup, row.tag, str(row.pk), received.isoformat(), row.key_index, row.urgent)
        return cls(*facts, sealed=bytes(row.sealed), answer=row.answer, suspect=row.suspect)

    def to_entry(self, tip: Tip, *, position: int) -> Entry:
        """Return the unsaved row for this entry."""
        return Entry(
            id=self.id,
            tip=tip,
            tag=self.tag,
            position=position,
            received=self.received,
            key_index=self.key,
            sealed=self.sealed,
        )
