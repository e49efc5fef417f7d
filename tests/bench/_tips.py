"""Many invented tips in a demonstration's database: `python -m tests.bench._tips NUMBER`, in the measured checkout.

They are sent through the intake, and opened by the desk. Its modules are found by their last name: the rooms that they
lie in may have other names in the other checkout.
"""

import contextlib
import importlib
import itertools
import pkgutil
import random
import sys

RARE = (
    "marmalade",
    "bassoon",
)  # each in one tip of a thousand, and both in three: a search has to look at every tip
COMMON = """the a and to of in is he they at on with it for was that by from out car door flat man night every two men
street house van people after bags goes comes shop bike money garages school park number young"""
ALIKE = (
    80  # tips that are unread at every size: more than a page, so that the same page is compared
)
COPIES = range(20, 30)  # of them, all with the same text
LINKED = 50  # other tips, in one enquiry
DECIDED = ("linked", "passed_on", "no_action", "not_for_us", "spam")
STATUSES = ("reading", "needs_more", *DECIDED)


def find(*names):
    """Return the module of the desk's rules that has the first of these names, whatever room it lies in.

    Older checkouts have it under a later one.
    """
    import reports.domain

    modules = [
        one.name for one in pkgutil.walk_packages(reports.domain.__path__, "reports.domain.")
    ]
    path = next(module for name in names for module in modules if module.endswith(f".{name}"))
    return importlib.import_module(path)


def _vocabulary():
    dice = random.Random(1)
    parts = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "ol")]
    made = {"".join(dice.choices(parts, k=dice.choice((2, 3)))) for _ in range(6_000)}
    return [*COMMON.split(), *sorted(made - {*COMMON.split(), *RARE})]


VOCABULARY = _vocabulary()
UNLOCKED = contextlib.ExitStack()  # until the process ends
WEIGHTS = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(VOCABULARY))))


def answers(number):
    """Return the answers of the tip with this number: about sixty words, and things by which tips are matched."""
    number = COPIES[0] if number in COPIES else number
    dice = random.Random(number)
    words = dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=dice.randint(30, 90))
    for place, word in enumerate(RARE):
        if number in (11, 12, 16) or number % 1_000 == 100 * (place + 1):
            words[dice.randrange(len(words) // 2) * 2 + place] = word
    given = {
        "what": " ".join(words),
        "place": " ".join(dice.choices(VOCABULARY, cum_weights=WEIGHTS, k=4)),
    }
    if dice.random() < 0.3:
        letters = "".join(dice.choices("ABCDEFGHJKLM", k=5))
        given["vehicles"] = f"{letters[:2]}{dice.randint(51, 74)} {letters[2:]}"
    if dice.random() < 0.2:
        given["numbers"] = f"07700 900{dice.randint(0, 999):03}"
    kind, area = dice.choice(("street", "deliveries")), dice.choice(("wolverton", "olney"))
    return given | {"kind": kind, "area": area, "danger": "no"}


def load(count):
    """Send and open so many tips, and give them what they would have after a while: a status, a note, an enquiry."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from reports.models import Tip
    from reports.sealing import receipts

    tokens = [receipts.new_token() for _number in range(count)]
    for number, token in enumerate(tokens):
        find("receiving", "intake").accept(token=token, answers=answers(number))
    find("outbox").drain()
    team_lead, keys = unlocked()
    while find("opening").open_new(by=team_lead, keys=keys):
        pass
    alike, others = tokens[:ALIKE], tokens[ALIKE:]
    readers = [
        None,
        team_lead,
        *(User.objects.create_user(f"caseworker-{number}", is_staff=True) for number in range(2)),
    ]
    for number, status in enumerate(STATUSES):
        Tip.objects.filter(lookup__in=map(receipts.lookup, others[number :: len(STATUSES)])).update(
            status=status,
            unread=False,
            assignee=readers[number % len(readers)],
            decided=timezone.localdate() if status in DECIDED else None,
            acknowledged_at=timezone.now(),
        )
    for tip in Tip.objects.filter(lookup__in=map(receipts.lookup, alike[::3])):
        find("triaging", "triage").note(
            tip=tip, text="Compare this with what came last week.", by=team_lead
        )
    enquiry = find("enquiries").begin(by=team_lead)
    for tip in Tip.objects.filter(lookup__in=map(receipts.lookup, others[: 2 * LINKED])).exclude(
        status="spam"
    )[:LINKED]:
        find("enquiries").link(tip=tip, enquiry=enquiry, by=team_lead)


def unlocked():
    """Return the demonstration's member and their keys, with which this process records from now on."""
    from django.conf import settings
    from django.contrib.auth.models import User

    text = (settings.STATE_DIR / "demo.txt").read_text(encoding="utf-8")
    team_lead = User.objects.get(username=shown(text, "Username"))
    keys = find("keyholders").unlock(user=team_lead, passphrase=shown(text, "Six words"))
    if hasattr(
        find("named_rows"), "signed_with"
    ):  # of the checkouts before the keys became an argument
        UNLOCKED.enter_context(find("named_rows").signed_with(lambda: keys))
    return team_lead, keys


def shown(text, name):
    """Return what a demonstration's `demo.txt` says under a name."""
    return text.partition(f"{name}:")[2].partition("\n")[0].strip()


if __name__ == "__main__":
    import django

    django.setup()
    load(int(sys.argv[1]))
