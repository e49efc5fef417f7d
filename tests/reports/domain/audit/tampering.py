"""Ways to tamper with the record, systematically: by column, by event, by what the attacker can reach."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import combinations

from django.db import connection

from reports.domain.audit import audit_log, triggers
from reports.domain.audit.audit_keys import checkpoint_mac
from reports.models import AuditEvent, Checkpoint

type Tampering = tuple[str, Callable[[], object]]

EVENTS = 38
EVERY = 6  # each such event is an unlock, with its checkpoint; so is the last
STRANGER = b"\x01" * 32

COLUMNS = {
    "at": [
        lambda at, by=by: at + by
        for by in (timedelta(microseconds=1), timedelta(hours=-1), timedelta(days=30))
    ],
    "actor": [lambda who: "nobody", lambda who: "", lambda who: who.upper(), lambda who: f"{who} "],
    "act": [lambda act: "moved", lambda act: "", lambda act: f"{act}x"],
    "subject": [lambda ref: "ZZZZ-9999", lambda ref: f"{ref}.", lambda ref: ref.lower() + "a"],
    "detail": [
        lambda said: {},
        lambda said: said | {"more": 1},
        lambda said: {name: str(value) for name, value in said.items()},
        lambda said: [said],
    ],
    "previous": [lambda h: audit_log.GENESIS[:-1] + "1", lambda h: h[::-1], lambda h: h.upper()],
    "hash": [lambda h: h[::-1], lambda h: h[:-1] + "g", lambda h: h.upper()],
    "seq": [lambda seq: seq + 1000],
}


def take_down():
    """Drop the triggers that guard the record, as whoever owns the database can."""
    with connection.cursor() as cursor:
        for name in triggers._triggers(connection.vendor):
            cursor.execute(triggers._drop(name, connection.vendor))


def changes():
    """Yield one changed column of one event, for each event, column and kind of change that changes anything."""
    for event in AuditEvent.objects.order_by("seq"):
        for column, kinds in COLUMNS.items():
            for number, kind in enumerate(kinds):
                old = getattr(event, column)
                if kind(old) != old:
                    yield (
                        f"{column} {number} of {event.seq}",
                        _update(event.seq, **{column: kind(old)}),
                    )


def removals():
    """Yield events taken out: one, several in a row, every second, all; and the end cut off, with its checkpoints."""
    for first in range(1, EVENTS + 1):
        for count in (1, 2, 5):
            seqs = list(range(first, min(first + count, EVENTS + 1)))
            yield (
                f"remove {seqs}",
                lambda seqs=seqs: AuditEvent.objects.filter(seq__in=seqs).delete(),
            )
        yield f"cut off from {first}", lambda first=first: _cut(first)
    yield "every second", lambda: AuditEvent.objects.filter(seq__in=range(1, EVENTS, 2)).delete()
    yield "all", lambda: _cut(1)


def swaps():
    """Yield two events with their contents exchanged, with and without their hashes."""
    for one, other in combinations(range(1, EVENTS + 1, 3), 2):
        for whole in (False, True):
            yield (
                f"swap {one} {other} {whole}",
                lambda one=one, other=other, whole=whole: _swap(one, other, whole),
            )


def insertions():
    """Yield an event put in: before the first, and in the middle with the rest moved up."""
    yield "before the first", lambda: _forged(0, audit_log.GENESIS).save(force_insert=True)
    for after in range(0, EVENTS, 2):
        yield f"insert after {after}", lambda after=after: _insert(after, rehash=False)
        yield f"insert after {after}, rehashed", lambda after=after: _insert(after, rehash=True)


def rehashings():
    """Yield a changed event with all that follows hashed anew, by who can write the database and has no audit key.

    They leave the checkpoints, correct their hashes, remove them, or write new ones under a key of their own; and
    those who can write the head's file as well correct that too.
    """
    for first in range(1, EVENTS + 1):
        for about, checkpoints in CHECKPOINTS.items():
            yield (
                f"rehash from {first}, {about}",
                lambda first=first, do=checkpoints: _rehash(first, do),
            )
            if about in ("corrected", "forged") and first <= EVENTS - EVERY:
                yield (
                    f"rehash from {first}, {about}, head too",
                    lambda first=first, do=checkpoints: (
                        _rehash(first, do),
                        audit_log.renew_head(),
                    ),
                )


def of_checkpoints():
    """Yield checkpoints that are changed, removed, exchanged or put in."""
    rows = Checkpoint.objects.order_by("number")
    for row in rows:
        own = Checkpoint.objects.filter(pk=row.pk)
        yield f"checkpoint {row.pk} removed", own.delete
        yield f"checkpoint {row.pk} hash", lambda own=own, row=row: own.update(hash=row.hash[::-1])
        yield f"checkpoint {row.pk} mac", lambda own=own, row=row: own.update(mac=row.mac[::-1])
        yield (
            f"checkpoint {row.pk} mac letters",
            lambda own=own, row=row: own.update(mac=row.mac.upper()),
        )
        yield f"checkpoint {row.pk} empty", lambda own=own: own.update(mac="")
        yield f"checkpoint {row.pk} seq", lambda own=own, row=row: own.update(seq=row.seq + 1)
        yield f"checkpoint {row.pk} beyond", lambda own=own: own.update(seq=5000)
        yield f"checkpoint {row.pk} number", lambda own=own: own.update(number=50)
        event = AuditEvent.objects.get(seq=row.seq - 1)
        yield (
            f"checkpoint before {row.seq} put in",
            lambda event=event: _checkpoint(90, event, STRANGER),
        )


def of_the_head():
    """Yield a head that is gone, damaged, or names a checkpoint that the record does not have."""
    head, path = audit_log.head(), audit_log.head_path()
    assert head is not None
    yield "head gone", path.unlink
    for text in ("", "{}", "null", '{"number": 7, "seq": 38', "[1, 2, 3]"):
        yield f"head says {text}", lambda text=text: path.write_text(text)
    for other in (
        replace(head, hash=head.hash[::-1]),
        replace(head, seq=head.seq + 3),
        replace(head, number=head.number + 1),
        replace(head, number=0),
    ):
        said = json.dumps(asdict(other))
        yield f"head says {said}", lambda said=said: path.write_text(said)


def _update(number, /, **values):
    return lambda: AuditEvent.objects.filter(seq=number).update(**values)


def _cut(first):
    AuditEvent.objects.filter(seq__gte=first).delete()
    Checkpoint.objects.filter(seq__gte=first).delete()


def _swap(one, other, whole):
    columns = ["at", "actor", "act", "subject", "detail", *(["previous", "hash"] if whole else [])]
    left, right = AuditEvent.objects.get(seq=one), AuditEvent.objects.get(seq=other)
    values = [{column: getattr(event, column) for column in columns} for event in (left, right)]
    if whole:
        AuditEvent.objects.filter(seq=one).update(hash="-")  # hashes are unique
    AuditEvent.objects.filter(seq=other).update(**values[0])
    AuditEvent.objects.filter(seq=one).update(**values[1])


def _forged(seq, previous):
    event = AuditEvent.objects.get(seq=EVENTS)
    event.seq, event.previous, event.actor = seq, previous, "somebody"
    event.hash = audit_log.digest(event)
    return event


def _insert(after, *, rehash):
    for seq in range(EVENTS, after, -1):
        AuditEvent.objects.filter(seq=seq).update(seq=seq + 1)
        Checkpoint.objects.filter(seq=seq).update(seq=seq + 1)
    before = AuditEvent.objects.filter(seq=after).first()
    source = AuditEvent.objects.order_by("seq").last()
    assert source is not None
    source.seq, source.actor, source.previous = (
        after + 1,
        "somebody",
        before.hash if before else audit_log.GENESIS,
    )
    source.hash = audit_log.digest(source)
    source.save(force_insert=True)
    if rehash:
        chain_anew(after + 1)


def _rehash(first, checkpoints):
    AuditEvent.objects.filter(seq=first).update(actor="somebody")
    chain_anew(first)
    checkpoints(first)


def chain_anew(first):
    before = AuditEvent.objects.filter(seq=first - 1).first()
    previous = before.hash if before else audit_log.GENESIS
    for event in AuditEvent.objects.filter(seq__gte=first).order_by("seq"):
        event.previous = previous
        event.hash = previous = audit_log.digest(event)
        AuditEvent.objects.filter(seq=event.seq).update(previous=event.previous, hash=event.hash)


def _correct(first):
    for mark in Checkpoint.objects.filter(seq__gte=first):
        Checkpoint.objects.filter(pk=mark.pk).update(hash=AuditEvent.objects.get(seq=mark.seq).hash)


def _forge(first):
    for mark in Checkpoint.objects.filter(seq__gte=first):
        Checkpoint.objects.filter(pk=mark.pk).delete()
        _checkpoint(mark.number, AuditEvent.objects.get(seq=mark.seq), STRANGER)


def _checkpoint(number, event, key):
    new = Checkpoint(number=number, seq=event.seq, hash=event.hash)
    new.mac = checkpoint_mac(new, key=key)
    new.save(force_insert=True)


CHECKPOINTS = {
    "left": lambda first: None,
    "corrected": _correct,
    "removed": lambda first: Checkpoint.objects.filter(seq__gte=first).delete(),
    "forged": _forge,
}
KINDS = (changes, removals, swaps, insertions, rehashings, of_checkpoints, of_the_head)
