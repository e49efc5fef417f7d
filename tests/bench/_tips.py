"""Many invented tips in a demonstration's database: `python -m tests.bench._tips NUMBER`, in the measured checkout.

They are sealed as the intake seals them, loaded in bulk, and opened by the desk. Its modules are found by their last
name: the rooms that they lie in may have other names in the other checkout.
"""

import contextlib
import hashlib
import importlib
import itertools
import multiprocessing
import pkgutil
import random
import sys
import uuid
from datetime import date, timedelta
from typing import Any

CHUNK = 2_000
RARE = ("marmalade", "bassoon")  # each in one tip of a thousand, and both in three: a search has to look at every tip
COMMON = """the a and to of in is he they at on with it for was that by from out car door flat man night every two men
street house van people after bags goes comes shop bike money garages school park number young"""
ALIKE = 80  # tips that are unread at every size: more than a page, so that the same page is compared
COPIES = range(20, 30)  # of them, all with the same text
NOTED = range(0, ALIKE, 3)  # and with a note
LINKED = 50  # other tips, in one enquiry
FOREIGN = {
    3: "Szary van staje za garażami co wieczór około dziewiątej i ludzie przychodzą do bocznych drzwi.",
    7: "ہر شام نو بجے کے قریب ایک سرمئی وین گیراجوں کے پیچھے رکتی ہے اور لوگ اس کے پاس آتے ہیں۔",
}  # by the last digit of a tip's number
MONDAY, TODAY = date(2020, 1, 6), date(2026, 1, 5)
DECIDED = ("linked", "passed_on", "no_action", "not_for_us", "malicious", "spam")
STATUSES = ("reading", "needs_more", *DECIDED)


def find(name: str) -> Any:
    """Return the module of the desk's rules that has this name, whatever room it lies in."""
    import reports.domain

    modules = pkgutil.walk_packages(reports.domain.__path__, "reports.domain.")
    path = next(one.name for one in modules if one.name.endswith(f".{name}"))
    return importlib.import_module(path)


def _vocabulary() -> list[str]:
    dice = random.Random(1)
    parts = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "ol")]
    made = {"".join(dice.choices(parts, k=dice.choice((2, 3)))) for _ in range(6_000)}
    return [*COMMON.split(), *sorted(made - {*COMMON.split(), *RARE})]


VOCABULARY = _vocabulary()
UNLOCKED = contextlib.ExitStack()  # until the process ends
WEIGHTS = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(VOCABULARY))))


def answers(number: int) -> dict[str, str]:
    """Return the answers of the tip with this number: about sixty words, and things by which tips are matched."""
    number = COPIES[0] if number in COPIES else number
    dice = random.Random(number)
    words = dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=dice.randint(30, 90))
    for place, word in enumerate(RARE):
        if number in (11, 12, 16) or number % 1_000 == 100 * (place + 1):
            words[dice.randrange(len(words) // 2) * 2 + place] = word
    given = {
        "what": FOREIGN.get(number % 10, "") or " ".join(words),
        "place": " ".join(dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=4)),
    }
    if dice.random() < 0.3:
        letters = "".join(dice.choices("ABCDEFGHJKLM", k=5))
        given["vehicles"] = f"{letters[:2]}{dice.randint(51, 74)} {letters[2:]}"
    if dice.random() < 0.2:
        given["numbers"] = f"07700 900{dice.randint(0, 999):03}"
    kind, area = dice.choice(("street", "deliveries")), dice.choice(("wolverton", "olney"))
    return given | {"kind": kind, "area": area, "danger": "no"}


def _lookup(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()


def _made(numbers: range) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the columns of tips and of their sealed entries."""
    from reports.domain import desk
    from reports.models import new_reference
    from reports.sealing import envelope

    key, rows = desk.public_key(), []
    for number in numbers:
        age = 299 if number < ALIKE else number % 299
        week, tag = MONDAY + timedelta(weeks=age), hashlib.sha256(b"tag%d" % number).hexdigest()[:32]
        lookup, pk = _lookup(number), uuid.uuid4()
        bound = {"id": str(pk), "lookup": lookup, "tag": tag, "key": key.index, "week": str(week)}
        content = {"kind": "tip", "answers": answers(number), "suspect": []}
        sealed = envelope.seal(envelope.Bundle(bound, content), recipients=[key.recipient])
        tip = {"id": uuid.uuid4(), "reference": new_reference(), "lookup": lookup, "received": week}
        tip["urgent"] = number % 20 == 0
        rows.append((tip, {"id": pk, "tag": tag, "received": week, "key_index": key.index, "sealed": sealed}))
    return rows


def load(count: int) -> None:
    """Store and open so many tips."""
    from django.db import connections

    from reports.models import Entry, Tip

    connections.close_all()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for rows in pool.imap(_made, [range(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]):
            tips = Tip.objects.bulk_create([Tip(**tip) for tip, _ in rows])
            Entry.objects.bulk_create([Entry(tip=tip, **entry) for tip, (_, entry) in zip(tips, rows, strict=True)])
    lead, keys = unlocked()
    while find("opening").open_new(by=lead, keys=keys):
        pass
    _settle(lead)


def _settle(lead: Any) -> None:
    """Give the tips what they would have after a while: but for ALIKE, a status, a reader, a date; some an enquiry."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from reports.models import Tip

    readers = [None, lead, *(User.objects.create_user(f"officer-{number}", is_staff=True) for number in range(2))]
    alike = [_lookup(number) for number in range(ALIKE)]
    for digit in range(16):  # of the lookup, which is as good as random
        status = STATUSES[digit % len(STATUSES)]
        Tip.objects.filter(received__lt=TODAY, lookup__startswith=f"{digit:x}").exclude(lookup__in=alike).update(
            status=status,
            unread=False,
            assignee=readers[digit % len(readers)],
            decided=TODAY if status in DECIDED else None,
            acknowledged_at=timezone.now(),
        )
    for tip in Tip.objects.filter(lookup__in=[_lookup(number) for number in NOTED]):
        find("triage").note(tip=tip, text="Compare this with what came last week.", by=lead)
    enquiry = find("enquiries").begin(by=lead)
    others = Tip.objects.filter(received__lt=TODAY, urgent=False, opened=True).exclude(lookup__in=alike)
    for tip in others.exclude(status="spam").order_by("lookup")[:LINKED]:
        find("enquiries").link(tip=tip, enquiry=enquiry, by=lead)


def unlocked() -> tuple[Any, Any]:
    """Return the demonstration's member and their keys, with which this process records from now on."""
    from django.conf import settings
    from django.contrib.auth.models import User

    text = (settings.STATE_DIR / "demo.txt").read_text(encoding="utf-8")
    lead = User.objects.get(username=shown(text, "User name"))
    keys = find("keyholders").unlock(user=lead, phrase=shown(text, "Unlock phrase"))
    UNLOCKED.enter_context(find("named_rows").signed_with(lambda: keys))
    return lead, keys


def shown(text: str, name: str) -> str:
    """Return what a demonstration's `demo.txt` says under a name."""
    return text.partition(f"{name}:")[2].partition("\n")[0].strip()


if __name__ == "__main__":
    import django

    django.setup()
    load(int(sys.argv[1]))
