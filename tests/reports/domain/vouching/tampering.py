"""Ways to change what a desk has vouched for, by somebody who can write to the database and holds no key."""

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction

from newsroom.models import Article
from reports.domain import audit, vouching
from reports.domain.vouching import rows as kept_rows
from reports.models import AuditEvent, Digest, Enquiry, Entry, Outcome, Tip, Voucher

type Tampering = tuple[str, Callable[[], object]]
type Kept = dict[type[models.Model], list[dict[str, Any]]]

TRIES = 20  # of one kind, until the database takes it


def snapshot() -> Kept:
    """Return everything that is vouched for, and the vouchers, as they stand: what a thief may put back later."""
    tables = (*kept_rows.COLUMNS, Voucher)
    return {model: list(model._default_manager.order_by("pk").values()) for model in tables}


def random_one(chance: random.Random, older: Kept) -> Tampering:
    """Return one tampering at random: its kind, its table, and a function that does it and returns whether it could."""
    kind = chance.choice(KINDS)
    model = chance.choice(list(kept_rows.COLUMNS))
    return f"{kind.__name__} {model.__name__}", lambda: _tried(lambda: kind(model, chance, older))


def change(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Change one column of one row."""
    row = _any(model, chance)
    column = chance.choice([one for one in kept_rows.COLUMNS[model] if one != "id" and _field(model, one) is not None])
    new = _other(getattr(row, column), model, column, chance)
    if new == getattr(row, column):
        return False
    return bool(_of(model).filter(pk=row.pk).update(**{column: new}))


def swap(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Exchange what two rows say, or what belongs to whom."""
    one, other = _any(model, chance), _any(model, chance)
    column = "sealed" if "sealed" in kept_rows.COLUMNS[model] else kept_rows.COLUMNS[model][1]
    first, second = getattr(one, column), getattr(other, column)
    if one.pk == other.pk or first == second:
        return False
    if model is Tip:
        _of(model).filter(pk=one.pk).update(reference="ZZZZ-ZZZZ")
    _of(model).filter(pk=other.pk).update(**{column: first})
    return bool(_of(model).filter(pk=one.pk).update(**{column: second}))


def remove(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Delete one row, with what hangs on it."""
    return bool(_of(model).filter(pk=_any(model, chance).pk).delete()[0])


def put_in(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Put a row in, like one that is there; a tip has one digest, and the database lets no other in."""
    if model is Digest:
        return False
    row = _any(model, chance)
    if isinstance(row.pk, uuid.UUID):
        row.pk = uuid.uuid4()
    elif isinstance(row.pk, int):
        row.pk = None
    for column, new in (("version", 97), ("number", 97), ("tag", "ab" * 16), ("reference", "H-ZZZZ-ZZZZ"[-11:])):
        if hasattr(row, column) and (column != "reference" or model is not Tip):
            setattr(row, column, new)
    if isinstance(row, Tip):
        entry = Entry.objects.filter(tip=_any(Tip, chance)).first()
        row.reference, row.lookup = "ZZZZ-9999", "f" * 64
        row.save(force_insert=True)
        if entry is None:
            return False
        entry.pk, entry.tip, row = uuid.uuid4(), row, entry
    row.save(force_insert=True)
    return True


def put_back(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Put all that is named by one voucher back as it was once, with the voucher of that time."""
    voucher = chance.choice(older[Voucher])
    now = Voucher.objects.filter(pk=voucher["subject"]).first()
    if now is None or now.version == voucher["version"]:
        return False
    _restore(voucher, older, now)
    return True


def put_back_and_named(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Do the same, and append an event that names the older voucher, with its right hash."""
    voucher = chance.choice(older[Voucher])
    now = Voucher.objects.filter(pk=voucher["subject"]).first()
    if now is None or now.version == voucher["version"]:
        return False
    _restore(voucher, older, now)
    _append(now.subject, f"{voucher['version']} {vouching.digest(Voucher(**voucher))}")
    return True


def forge(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Change a row, write the voucher that fits under a key of one's own, and append an event that names it."""
    if not change(model, chance, older):
        return False
    for voucher in Voucher.objects.order_by("pk"):
        present = presents(voucher.subject)
        if present == voucher.rows:
            continue
        voucher.rows, voucher.version = present, voucher.version + 1
        voucher.mac = vouching.mac(voucher, key=b"\x01" * 32)
        voucher.save()
        _append(voucher.subject, f"{voucher.version} {vouching.digest(voucher)}")
    return True


def drop_voucher(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Delete a voucher, so that what it vouched for looks as if nobody ever had."""
    return bool(Voucher.objects.filter(pk=_any(Voucher, chance).pk).delete()[0])


def put_twin_in(model: type[models.Model], chance: random.Random, older: Kept) -> bool:
    """Put an enquiry or an outcome in that has the subject of one that is there, as its key begins alike."""
    if model not in (Enquiry, Outcome):
        return False
    row = _any(model, chance)
    row.pk = uuid.UUID(row.pk.hex[:8] + uuid.uuid4().hex[8:])
    if isinstance(row, Enquiry):
        row.codename = "a twin"
    else:
        row.article_id, row.sentence = chance.choice(_stories()), "Something else."
    row.save(force_insert=True)
    return True


def _stories() -> list[int]:
    """Return the stories without an outcome."""
    free = Article.objects.exclude(pk__in=Outcome.objects.standing().values("article"))
    return list(free.values_list("pk", flat=True))


KINDS = (change, change, change, swap, remove, put_in, put_twin_in, put_back, put_back_and_named, forge, drop_voucher)


def presents(subject: str) -> dict[str, str]:
    """Return the rows of a subject as they stand now."""
    return kept_rows.of_subjects([subject])[subject]


def _tried(once: Callable[[], bool]) -> bool:
    """Return whether the database took one of some tries: it refuses what its own constraints forbid."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                if once():
                    return True
        except (IntegrityError, models.ProtectedError, ValueError):
            continue
    return False


def _restore(voucher: dict[str, Any], older: Kept, now: Voucher) -> None:
    """Write the rows that an older voucher names as they were, and take away what came since."""
    for model, rows in older.items():
        if model is Voucher:
            continue
        name = str(model._meta.model_name)
        had = {str(row[model._meta.pk.attname]): row for row in rows}
        for named in voucher["rows"]:
            if named.split(" ")[0] == name and (row := had.get(named.split(" ")[1])):
                values = {key: value for key, value in row.items() if key != "rank"}
                if not _of(model).filter(pk=row[model._meta.pk.attname]).update(**values):
                    model(**values).save(force_insert=True)
        for named in now.rows:
            if named.split(" ")[0] == name and named not in voucher["rows"]:
                _of(model).filter(pk=named.split(" ")[1]).delete()
    Voucher.objects.filter(pk=voucher["subject"]).update(**voucher)


def _append(subject: str, named: str) -> None:
    """Append an event as this program would; the head's file stays as it is."""
    last = AuditEvent.objects.order_by("-seq").first()
    assert last is not None
    last.seq, last.previous, last.act, last.subject, last.detail = (
        last.seq + 1, last.hash, "noted", subject, {vouching.NAMED: named},
    )  # fmt: skip
    last.hash = audit.digest(last)
    last.save(force_insert=True)


def _any(model: type[models.Model], chance: random.Random) -> Any:
    rows = list(_of(model).order_by("pk"))
    if model is Entry:
        rows = [row for row in rows if row.opened]
    if not rows:
        raise ValueError
    return chance.choice(rows)


def _of(model: type[models.Model]) -> Any:
    return model._default_manager.all()


def _field(model: type[models.Model], column: str) -> Any:
    found = [field for field in model._meta.concrete_fields if field.attname == column]
    return found[0] if found and not found[0].primary_key else None


def _other(value: Any, model: type[models.Model], column: str, chance: random.Random) -> Any:
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
    fixed = dict.fromkeys(("vouched", "reviewed_on", "looked_on"), date(2026, 1, 5)) | {"reference": "ZZZZ-2345"}
    text = str(value or "")
    return fixed.get(column) or ("independent" if column == "verdict" else f"{chance.choice('xyz')}{text[1:]}")


def some(count: int, older: Kept, *, seed: int) -> Iterator[Tampering]:
    """Yield so many of them, the same ones for the same seed."""
    for number in range(count):
        yield random_one(random.Random(f"{seed} {number}"), older)
