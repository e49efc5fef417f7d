"""Many invented tips, sealed as the intake seals them and loaded in bulk, and the same in clear for the stock admin.

Each of two words is in one tip of a thousand; both are in one of 100,000 and in three more: fewer than a page of
results, so that a search for both must look at every tip. Sealing runs in child processes. Above REAL tips, rows are
copies under new names, without an envelope or a digest of their own (no page of the bench opens them); but they are
packed in segments, sealed like all others, with the words of the tip that they are a copy of.
"""

import hashlib
import itertools
import multiprocessing
import os
import random
import secrets
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from reports.answers import CHOICES

CHUNK = 1_000
REAL = 100_000
RARE = ("marmalade", "bassoon")
COMMON = """the a and to of in is he they at on with it for was that by from out car door flat man night every two men
street house van people after bags goes comes shop bike money garages school park number young"""
AREAS, KINDS = ([value for value, _ in CHOICES[name]] for name in ("area", "kind"))
STATUSES = ("reading", "needs_more", "linked", "passed_on", "no_action", "not_for_us", "malicious", "spam")
LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
FIRST_DAY = date(2020, 1, 6)
FIRST = 80  # tips that are urgent and unread at every size: more than a page, so that the same page is compared


class Made(NamedTuple):
    """One tip, ready to be stored: its rows' columns, its text in clear, and its digest, not sealed yet."""

    tip: dict[str, Any]
    entry: dict[str, Any]
    text: str
    digest: bytes


def _vocabulary() -> list[str]:
    dice = random.Random(1)
    parts = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "ol")]
    made = {"".join(dice.choices(parts, k=dice.choice((2, 3)))) for _ in range(6_000)}
    return [*COMMON.split(), *sorted(made - {*COMMON.split(), *RARE})]


VOCABULARY = _vocabulary()
WEIGHTS = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(VOCABULARY))))


def answers(number: int) -> dict[str, Any]:
    """Return the answers of the tip with this number: about sixty words, and things by which tips are matched."""
    dice = random.Random(number)
    words = dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=dice.randint(30, 90))
    both = number % 100_000 == 7 or number in (11, 13, 17)
    for place, word in enumerate(RARE):
        if both or number % 1_000 == 100 * (place + 1):
            words[dice.randrange(len(words))] = word
    text = {"what": " ".join(words), "place": " ".join(dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=4))}
    if dice.random() < 0.3:
        letters = "".join(dice.choices(LETTERS, k=5))
        text["vehicles"] = f"{letters[:2]}{dice.randint(51, 74)} {letters[2:]}"
    if dice.random() < 0.2:
        text["numbers"] = f"07700 900{dice.randint(0, 999):03}"
    if dice.random() < 0.2:
        text["postcode"] = f"MK{dice.randint(1, 15)} {dice.randint(1, 9)}{''.join(dice.choices('ABDEFGHJ', k=2))}"
    return text | {"kind": dice.choice(KINDS), "area": dice.choice(AREAS), "danger": "no", "police": "words"}


def made(numbers: range, *, key: Any, users: list[int], fresh: bool, sealed: bool) -> Iterator[Made]:
    """Yield tips; `fresh`: as they arrive, unopened."""
    from reports.domain.reading import digests
    from reports.models import new_reference
    from reports.sealing import digest, envelope

    for number in numbers:
        given, dice = answers(number), random.Random(number ^ 0x5EA1)
        status = "new" if fresh else "reading" if number % 97 == 0 else dice.choice(STATUSES)
        week = FIRST_DAY + timedelta(weeks=299 + number % 2 if fresh else number % 300)
        lookup, tag = hashlib.sha256(b"%d" % number).hexdigest(), secrets.token_hex(16)
        tip: dict[str, Any] = {
            "id": uuid.uuid4(), "reference": new_reference(), "lookup": lookup, "received": week, "status": status,
            "urgent": number % 50 == 0 or number < FIRST, "unread": fresh or number % 500 == 0 or number < FIRST,
            "opened": not fresh,
            "assignee_id": dice.choice([None, *users]),
        }  # fmt: skip
        if not fresh:
            tip |= {"category": given["kind"], "area": given["area"], "digested": True}
            tip["decided"] = week + timedelta(weeks=2) if status not in ("reading", "needs_more") else None
            tip |= {"acknowledged_by": "bench"} if number % 100 else {}
        entry: dict[str, Any] = {
            "id": uuid.uuid4(), "tag": tag, "received": week, "key_index": key.index, "opened": not fresh,
        }  # fmt: skip
        entry["sealed"] = b""
        if sealed:
            bound = {"id": str(entry["id"]), "lookup": lookup, "tag": tag, "key": key.index, "week": str(week)}
            content = {"kind": "tip", "answers": given, "suspect": []}
            entry["sealed"] = envelope.seal(envelope.Bundle(bound, content), recipients=[key.recipient])
        text = "\n".join(str(given[name]) for name in given if name not in ("danger", "police"))
        yield Made(tip, entry, text, b"" if fresh else digest.digest(list(digests.texts(given).values())))


def _chunk(job: tuple[range, dict[str, Any]]) -> list[Made]:
    return list(made(job[0], **job[1]))


def load(first: int, last: int, *, users: list[int], keys: Any, fresh: bool = False) -> None:
    """Store the tips with these numbers, and (unless they are fresh) the same in clear for the stock admin."""
    from django.db import connection, connections

    from reports.domain import desk

    if last > REAL and not fresh:
        load(first, REAL, users=users, keys=keys)
        _copy(last - max(first, REAL), keys)
        return
    connections.close_all()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    key = desk.public_key()
    jobs = [
        (range(start, min(start + CHUNK, last)),
         {"key": key, "users": users, "fresh": fresh, "sealed": True})
        for start in range(first, last, CHUNK)
    ]  # fmt: skip
    with multiprocessing.get_context("fork").Pool(os.cpu_count() or 2) as pool:
        for chunk in pool.imap(_chunk, jobs):
            _store(chunk, keys, fresh=fresh)
    connections.close_all()


def _store(chunk: list[Made], keys: Any, *, fresh: bool) -> None:
    from django.db import transaction

    from reports.domain.reading import digests
    from reports.models import Entry, Tip
    from tests.bench._stock.models import ClearTip

    with transaction.atomic():
        tips = [Tip(**one.tip) for one in chunk]
        Tip.objects.bulk_create(tips)
        Entry.objects.bulk_create([Entry(tip=tip, **one.entry) for tip, one in zip(tips, chunk, strict=True)])
        if fresh:
            return
        digests.store({tip.pk: one.digest for tip, one in zip(tips, chunk, strict=True)}, keys=keys)
        columns = ("reference", "received", "status", "urgent", "category", "area", "assignee_id")
        ClearTip.objects.bulk_create(
            [ClearTip(text=one.text, **{name: one.tip[name] for name in columns}) for one in chunk]
        )


def _copy(count: int, keys: Any) -> None:
    """Store copies of the tips that are there, but for those that hold both rare words."""
    from django.db import connection, transaction

    from reports.domain.reading import digests
    from reports.models import Digest, Tip
    from reports.sealing import segment
    from tests.bench._stock.models import ClearTip

    while digests.prepare(keys=keys):
        pass
    opened = digests.opened(Digest.objects.all(), keys=keys)
    plains = itertools.cycle([plain for _, plain in opened if not all(f" {word} ".encode() in plain for word in RARE)])
    random_id, hexes = {
        "sqlite": ("lower(hex(randomblob(16)))", "lower(hex(randomblob(32)))"),
        "postgresql": ("gen_random_uuid()", "md5(random()::text) || md5(random()::text)"),
    }[connection.vendor]
    both = " AND ".join(f"text LIKE '%{word}%'" for word in RARE)
    while count > 0:
        some = min(count, 90_000)
        common = {"reference": f"'C' || CAST(row_number() OVER () + {Tip.objects.count()} AS text)"}
        new = common | {"id": random_id, "lookup": hexes}
        with transaction.atomic():
            before = set(Tip.objects.values_list("pk", flat=True))
            _duplicate(Tip, new, "opened", some)
            _duplicate(ClearTip, common, f"NOT ({both})", some, but=("id",))
            made = [pk for pk in Tip.objects.values_list("pk", flat=True) if pk not in before]
            for at in range(0, len(made), segment.PACKED):
                members = [(pk.bytes, next(plains)) for pk in made[at : at + segment.PACKED]]
                digests.pack(members, digests.ciphers(keys))
        count -= len(made)


def _duplicate(model: Any, new: dict[str, str], where: str, count: int, *, but: tuple[str, ...] = ()) -> None:
    from django.db import connection

    fields = [one for one in model._meta.concrete_fields if not one.generated and one.name not in but]
    columns = ", ".join(f'"{one.column}"' for one in fields)
    values = ", ".join(new.get(one.name, f'"{one.column}"') for one in fields)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {where} LIMIT {count}")
