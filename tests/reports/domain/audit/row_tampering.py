"""Ways to change what events name, by somebody who can write to the database and holds no key."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction

from newsroom.models import Article
from reports.domain.audit import audit_log, columns, named_rows
from reports.models import AuditEvent, Entry, Outcome, Recipient, Referral, Tip
from tests.reports.domain.audit import tampering as of_the_record

type Tampering = tuple[str, Callable[[], object]]

TRIES = 20  # of one kind, until the database takes it


@dataclass(frozen=True)
class Older:
    """All rows that events name, as they were once, and the newest event then: what a thief may put back later."""

    rows: dict[type[models.Model], dict[str, dict[str, Any]]]  # by table and hashed key
    present: dict[str, dict[str, str]]  # by subject and name
    seq: int


def snapshot():
    """Return everything as it stands."""
    rows = {
        model: {
            columns.hashed(row[model._meta.pk.attname]): row
            for row in model._default_manager.values()
        }
        for model in columns.COLUMNS
    }
    return Older(rows, columns.of_subjects(_subjects()), AuditEvent.objects.latest("seq").seq)


def random_one(chance, older):
    """Return one tampering at random: its kind, its table, and a function that does it and returns whether it could."""
    kind = chance.choice(KINDS)
    model = chance.choice(list(columns.COLUMNS))
    return f"{kind.__name__} {model.__name__}", lambda: _tried(lambda: kind(model, chance, older))


def change(model, chance, older):
    """Change one column of one row."""
    row = _any(model, chance)
    column = chance.choice(
        [one for one in columns.COLUMNS[model] if one != "id" and _field(model, one) is not None]
    )
    new = _other(getattr(row, column), model, column, chance)
    if new == getattr(row, column):
        return False
    return bool(_of(model).filter(pk=row.pk).update(**{column: new}))


def swap(model, chance, older):
    """Exchange what two rows say, or what belongs to whom."""
    one, other = _any(model, chance), _any(model, chance)
    column = "sealed" if "sealed" in columns.COLUMNS[model] else columns.COLUMNS[model][1]
    first, second = getattr(one, column), getattr(other, column)
    if one.pk == other.pk or first == second:
        return False
    if model is Recipient:
        _of(model).filter(pk=one.pk).update(name="Nobody yet")
    _of(model).filter(pk=other.pk).update(**{column: first})
    return bool(_of(model).filter(pk=one.pk).update(**{column: second}))


def remove(model, chance, older):
    """Delete one row, with what hangs on it; without a recipient's nothing can go to them."""
    if model is Recipient:
        return False
    return bool(_of(model).filter(pk=_any(model, chance).pk).delete()[0])


def remove_tip(model, chance, older):
    """Delete a tip with all that hangs on it."""
    return model is Entry and bool(Tip.objects.filter(pk=_any(model, chance).tip_id).delete()[0])


def put_in(model, chance, older):
    """Put a row in, like one that is there."""
    row = _any(model, chance)
    if isinstance(row.pk, uuid.UUID):
        row.pk = uuid.uuid4()
    elif isinstance(row.pk, int):
        row.pk = None
    others = {
        "version": 97,
        "number": 97,
        "tag": "ab" * 16,
        "reference": "H-ZZZZ-ZZZZ",
        "public_key": "age1",
    }
    for column, new in others.items() | {("name", "Another one")}:
        if hasattr(row, column):
            setattr(row, column, new)
    row.save(force_insert=True)
    return True


def put_back(model, chance, older):
    """Put all that is named of one subject back as it was once."""
    subject = chance.choice(_changed_since(older))
    _restore(subject, older)
    return True


def append_again(model, chance, older):
    """Do the same, and append an old event of that subject again, with its own names and its own MAC."""
    subject = chance.choice(_changed_since(older))
    _restore(subject, older)
    append(chance.choice(list(_signed(subject).filter(seq__lte=older.seq))))
    return True


def cut_off(model, chance, older):
    """Put every row back as it was once, and the record with them: cut its end off, with the checkpoints there."""
    for subject in _changed_since(older):
        _restore(subject, older)
    of_the_record._cut(older.seq + 1)
    return True


def forge(model, chance, older):
    """Change a row, and append an event that names it as it is now, under a key of one's own."""
    if not change(model, chance, older):
        return False
    for subject, now in columns.of_subjects(_subjects()).items():
        said = named_rows.newest([subject], proof=None)[subject].rows
        if wrong := {row: digest for row, digest in now.items() if said.get(row) != digest}:
            append(_newest(subject), rows=wrong, key=of_the_record.STRANGER)
    return True


def take_mac_off(model, chance, older):
    """Take the MAC off the event that names a row."""
    row = _any(model, chance)
    subject = chance.choice(columns.subjects(row))
    name = columns.name(row, subject=subject)
    naming = [
        event.seq for event in _signed(subject) if event.rows.get(name) == columns.digest(row)
    ]
    return bool(naming and AuditEvent.objects.filter(seq=naming[-1]).update(mac=""))


def forge_purge(model, chance, older):
    """Take a whole subject away, and append the event by which the desk would have deleted it permanently."""
    if model not in (Entry, Referral):
        return False
    row = _any(model, chance)
    owner = row.tip if model is Entry else row
    (subject,), _gone = columns.subjects(row), owner.delete()
    append(_newest(subject), act="purged", mac="")
    return True


def put_twin_in(model, chance, older):
    """Put an outcome in that has the subject of one that is there, as its key begins alike."""
    if model is not Outcome:
        return False
    row = _any(model, chance)
    row.pk = uuid.UUID(row.pk.hex[:8] + uuid.uuid4().hex[8:])
    row.article_id, row.sentence = chance.choice(_stories()), "Something else."
    row.save(force_insert=True)
    return True


def _stories():
    """Return the stories without an outcome."""
    free = Article.objects.exclude(pk__in=Outcome.objects.standing().values("article"))
    return list(free.values_list("pk", flat=True))


# Those of the record itself, which it finds alone.
OF_THE_RECORD = (append_again, cut_off, forge, take_mac_off, forge_purge)
KINDS = (
    change,
    change,
    change,
    swap,
    remove,
    remove_tip,
    put_in,
    put_twin_in,
    put_back,
    *OF_THE_RECORD,
)


def presents(subject):
    """Return the rows of a subject as they stand now."""
    return columns.of_subjects([subject])[subject]


def _tried(once):
    """Return whether the database took one of some tries: it refuses what its own constraints forbid."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                if once():
                    return True
        except (IntegrityError, models.ProtectedError, ValueError):
            continue
    return False


def append(event, *, key=b"", **facts):
    """Append an event like this one with other facts, as this program would; the head's file stays as it is."""
    last = AuditEvent.objects.latest("seq")
    event.seq, event.previous = last.seq + 1, last.hash
    for name, value in facts.items():
        setattr(event, name, value)
    if key:
        event.mac = named_rows.mac(event, key=key)
    event.hash = audit_log.digest(event)
    event.save(force_insert=True)
    return event


def _restore(subject, older):
    """Write the rows of a subject as they were, and take away what came since."""
    there = presents(subject)
    for model, rows in older.rows.items():
        kind = str(model._meta.model_name)
        had = {name.split(" ")[1] for name in older.present[subject] if name.split(" ")[0] == kind}
        for hashed in had:
            values = {key: value for key, value in rows[hashed].items() if key != "rank"}
            if not _of(model).filter(pk=values[model._meta.pk.attname]).update(**values):
                model(**values).save(force_insert=True)
        came = {name.split(" ")[1] for name in there if name.split(" ")[0] == kind} - had
        _of(model).filter(
            pk__in=[row.pk for row in _of(model) if columns.hashed(row.pk) in came]
        ).delete()


def _changed_since(older):
    now = columns.of_subjects(list(older.present))
    return [subject for subject, rows in older.present.items() if rows != now[subject]]


def _subjects():
    """Return the subjects of which an event names rows."""
    return sorted(set(AuditEvent.objects.exclude(mac="").values_list("subject", flat=True)))


def _signed(subject):
    """Return the events that name rows of a subject, the oldest first."""
    return AuditEvent.objects.filter(subject=subject).exclude(mac="").order_by("seq")


def _newest(subject):
    return _signed(subject).latest("seq")


def _any(model, chance):
    rows = list(_of(model).order_by("pk"))
    if model is Entry:
        rows = [row for row in rows if row.opened]
    if not rows:
        raise ValueError
    return chance.choice(rows)


def _of(model):
    return model._default_manager.all()


def _field(model, column):
    found = [field for field in model._meta.concrete_fields if field.attname == column]
    return found[0] if found and not found[0].primary_key else None


def _other(value, model, column, chance):
    """Return another value that fits the column."""
    relation = _field(model, column).remote_field
    if relation is not None:
        return chance.choice([*relation.model._default_manager.values_list("pk", flat=True)])
    if isinstance(value, bool):
        return not value
    if isinstance(value, bytes | memoryview):
        flipped = bytearray(value)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        return bytes(flipped)
    if isinstance(value, date):
        return value + timedelta(days=chance.choice((-7, 1, 7)))
    if isinstance(value, int):
        return value + chance.randint(1, 9)
    fixed = dict.fromkeys(("verified", "reviewed_on", "looked_on"), date(2026, 1, 5)) | {
        "reference": "H-ZZZZ-2345"
    }
    text = str(value or "")
    return fixed.get(column) or (
        "independent" if column == "verdict" else f"{chance.choice('xyz')}{text[1:]}"
    )


def some(count, older, *, seed):
    """Yield so many of them, the same ones for the same seed."""
    for number in range(count):
        yield random_one(random.Random(f"{seed} {number}"), older)
