"""The urgent tips on the first screen: since when, of what kind, children first; what tells a child stays sealed."""

import random
import re
from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from reports import questions
from reports.domain.tips import recusal
from reports.domain.triage import alarm, triaging
from reports.models import Entry, Label, Tip

HOME = "/admin/"
MANY = 12  # of 50 tips: so many have the same value, and all or none of them are from a child, only if that is stored

type Facts = dict[Tip, dict[str, tuple[Any, ...]]]


def urgent_list(client):
    """Return the lines of the urgent tips, each as one line of text."""
    page = client.get(HOME).text
    lists = "".join(re.findall(r'<ul class="own-list">(.*?)</ul>', page, re.DOTALL))
    lines = re.findall("<li>(.*?)</li>", lists, re.DOTALL)
    return [
        " ".join(re.sub("<form.*?</form>|<[^>]+>", " ", line, flags=re.DOTALL).split())
        for line in lines
    ]


def test_a_locked_desk_says_since_when_and_which_kind_an_unlocked_one_children_first(
    signed_in, unlock, caseworker, send
):
    said = (
        {"danger": "yes", "kind": "street"},
        {"danger": "yes"},
        {"under_18": True},
        {"danger": "yes", "under_18": True},
    )
    tips, hidden = [send(**answers) for answers in said], send(under_18=True)
    recusal.Recusal.objects.create(tip=hidden, user=caseworker, key_index=1, sealed=b"")
    for number, tip in enumerate(tips):
        Tip.objects.filter(pk=tip.pk).update(reference=f"TT{9 - number}T-TTTT")
    Tip.objects.update(received="2026-11-25")
    nobody, day = "Urgent: nobody has it Unread", "received: 25 Nov 2026"
    assert urgent_list(signed_in) == [f"TT{number}T-TTTT {nobody} {day}" for number in (6, 7, 8, 9)]
    alarm.start(now=datetime(2026, 11, 25, 14, 3, tzinfo=timezone.get_default_timezone()))
    since = f"{nobody} reminders from 25 Nov, 14:15"
    assert urgent_list(signed_in) == [f"TT{number}T-TTTT {since}" for number in (6, 7, 8, 9)]
    unlock(signed_in)
    sold = questions.label("kind", "street")
    from_day = "reminders from 25 Nov, 14:15"
    assert urgent_list(signed_in) == [
        f"TT6T-TTTT {nobody} Danger Under 18 {from_day}",
        f"TT7T-TTTT {nobody} Under 18 {from_day}",
        f"TT8T-TTTT {nobody} Danger {from_day}",
        f"TT9T-TTTT {nobody} Danger {sold} {from_day}",
    ]
    signed_in.post("/admin/lock/")
    triaging.acknowledge(tip=Tip.objects.get(pk=tips[0].pk), by=caseworker)
    taken = f"TT9T-TTTT Urgent: olu has it Unread {sold} received: week of 23 Nov 2026"
    assert urgent_list(signed_in) == [*(f"TT{number}T-TTTT {since}" for number in (6, 7, 8)), taken]


def test_of_eleven_the_one_with_a_shotgun_is_named_and_the_rest_is_counted(signed_in, unlock, send):
    for _number in range(9):
        send("He shouts at people.", danger="yes")
    child, armed = (
        send("They carry for him.", danger="yes", kind="children"),
        send("The Shotgun is back.", danger="yes"),
    )
    for number, tip in enumerate(Tip.objects.exclude(pk__in=[child.pk, armed.pk])):
        Tip.objects.filter(pk=tip.pk).update(reference=f"AA{number + 2}A-AAAA")
    Tip.objects.filter(pk=child.pk).update(reference="YYYY-YYYY")
    Tip.objects.filter(pk=armed.pk).update(reference="ZZZZ-ZZZZ")
    Tip.objects.update(received="2026-11-25")
    more = (
        '<a href="/admin/reports/tip/?waiting=urgent">1 more urgent tip is not named '
        "here: look at all urgent tips</a>"
    )
    locked = " ".join(signed_in.get(HOME).text.split())
    assert more in locked.replace('"> 1', '">1')
    assert not any("ZZZZ-ZZZZ" in line for line in urgent_list(signed_in))
    unlock(signed_in)
    lines = urgent_list(signed_in)
    assert [line.split()[0] for line in lines[:2]] == ["YYYY-YYYY", "ZZZZ-ZZZZ"]
    assert "eapon" not in " ".join(lines), "the order says nothing of the text; a chip would"
    assert more in " ".join(signed_in.get(HOME).text.split()).replace('"> 1', '">1')
    first = signed_in.get("/admin/next/")
    assert str(child.pk) in first.headers["Location"]
    Tip.objects.filter(pk=child.pk).update(reference="2222-2222")
    Tip.objects.exclude(pk=armed.pk).update(acknowledged_by="olu", acknowledged_at=timezone.now())
    assert "not named here" not in signed_in.get(HOME).text


def stored(tips):
    """Return every value of every table of the rows that are about each tip, by `table.column`."""
    of_key = {str(tip.pk): tip for tip in tips} | {tip.reference: tip for tip in tips}
    of_key |= {
        str(entry.pk): of_key[str(entry.tip_id)] for entry in Entry.objects.filter(tip__in=tips)
    }
    of_key |= {
        key.replace("-", ""): tip for key, tip in of_key.items() if len(key) > len("K7QX-94MW")
    }
    facts = {tip: defaultdict(list) for tip in tips}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [f"{table}.{column[0]}" for column in cursor.description]
            for row in cursor.fetchall():
                for tip in {of_key[str(value)] for value in row if str(value) in of_key}:
                    for name, value in zip(names, row, strict=True):
                        plain = bytes(value) if isinstance(value, memoryview) else value
                        facts[tip][name].append(str(plain))
                        facts[tip][f"length of {name}"].append(len(str(plain)))
                        if isinstance(plain, bytes):
                            facts[tip][f"size of {name}"].append(len(plain))
    return {
        tip: {name: tuple(values) for name, values in row.items()} for tip, row in facts.items()
    }


def telling(facts, children):
    """Return what tells tips of children from others: by its order, or because many have it and all or none are."""
    tells = []
    for name in sorted({name for row in facts.values() for name in row}):
        groups = defaultdict(list)
        for tip, row in facts.items():
            groups[row.get(name, ())].append(tip in children)
        pure = [group for group in groups.values() if len(group) >= MANY and len(set(group)) == 1]
        theirs, others = (
            [value for value, group in groups.items() if is_child in group]
            for is_child in (True, False)
        )
        if pure or max(theirs) < min(others) or max(others) < min(theirs):
            tells.append(name)
    return tells


@pytest.fixture
def fifty(send, signed_in):
    """Return 50 urgent tips, and which of them came from a child."""
    young = random.Random(50).sample([True] * 25 + [False] * 25, k=50)
    tips = [send(**({"under_18": True} if is_child else {"danger": "yes"})) for is_child in young]
    return tips, {tip for tip, is_child in zip(tips, young, strict=True) if is_child}


def test_fifty_tips_lie_there_and_nothing_tells_which_came_from_a_child(
    signed_in,
    unlock,
    fifty,
    caseworker,
):
    tips, children = fifty
    unlock(signed_in)
    while Tip.objects.filter(opened=False):
        signed_in.get(HOME)
    lines = urgent_list(signed_in)
    assert len(lines) == 10
    assert all("Under 18" in line for line in lines)
    assert {line.split()[0] for line in lines} <= {tip.reference for tip in children}
    signed_in.get("/admin/reports/tip/?waiting=urgent")
    signed_in.get(f"/admin/reports/tip/{tips[0].pk}/change/")
    signed_in.post("/admin/lock/")
    assert telling(stored(tips), children) == []
    label = Label.objects.create(name="market")
    for tip in list(children)[:MANY]:
        triaging.label(tip=tip, label=label, by=caseworker)
    Tip.objects.filter(pk__in=[tip.pk for tip in children]).update(stopped=1)
    controls = telling(stored(tips), children)
    assert "reports_tip.stopped" in controls
    assert "reports_tip_labels.label_id" in controls
