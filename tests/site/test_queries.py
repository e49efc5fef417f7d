"""A page asks the database as often on a desk with more of everything."""

from collections import Counter

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.forms import Widget
from django.test.utils import CaptureQueriesContext

from reports.sealing import envelope
from tests.reports.admin.conftest import sign_in, unlock_with
from tests.reports.admin.tip_page import address
from tests.site.addresses import of_the_desk
from tests.site.desk import enlarge
from tests.site.walk import walk

pytestmark = pytest.mark.engine

LISTS = ("people", "searches", "dashboard", "index")
OF_A_TIP = ("reports_tip_change", "reports_tip_related", "reports_tip_danger")
# They ask of each other team lead whether they can be a second person by now, or what is hidden from them.
EACH = {"index", "reports_tip_danger", "reports_tip_recusals", "reports_referral_change"}


# Of the tip of a full desk, when the page was last drawn anew; before that they were 77, 10 and 36. That tip is in
# another language, for which there are five boxes more: the English, the tick, and a message about its sender's safety.
# Since then: whether a tip denies what others say, asked once for the sources and once for the log; and
# six of those that were asked twice are asked once.
QUERIES, OPENED, WIDGETS = 71, 10, 37  # PostgreSQL asks once more than SQLite


def counting(counted, name, real):
    """Return the same function, whose calls are counted."""

    def called(*args, **named):
        counted[name] += 1
        return real(*args, **named)

    return called


def test_the_page_of_a_tip_asks_opens_and_draws_no_more_than_it_did(desk, monkeypatch):
    """What is worked on most is asked for, decrypted and drawn as seldom as can be."""
    desk.boss.groups.set(Group.objects.all())
    client, counted = sign_in(desk.boss), Counter[str]()
    unlock_with(client, desk.keys)
    for owner, name in ((envelope, "open_sealed"), (Widget, "render")):
        monkeypatch.setattr(owner, name, counting(counted, name, getattr(owner, name)))
    with CaptureQueriesContext(connection) as asked:
        assert "tip-form" in client.get(address(desk.tip)).text
    cost = (len(asked), counted["open_sealed"], counted["render"])
    assert min(cost) > 0, "each is counted"
    assert all(now <= most for now, most in zip(cost, (QUERIES, OPENED, WIDGETS), strict=True)), (
        cost
    )


def test_a_page_asks_as_often_on_a_larger_desk(desk, whole):
    desk.boss.groups.set(Group.objects.all())
    client = sign_in(desk.boss)
    unlock_with(client, desk.keys)

    def asked():
        asks = of_the_desk(desk.samples, methods=("GET",))
        chosen = [
            ask
            for ask in asks
            if whole or ask.name in (*LISTS, *OF_A_TIP) or ask.name.endswith("_changelist")
        ]
        return {answer.name: answer.queries for answer in walk(client, chosen)}

    enlarge(desk, names="a")
    before = asked()
    enlarge(desk, names="bcd")
    after = asked()
    more = {name: (count, after[name]) for name, count in before.items() if after[name] > count}
    assert {name: counts for name, counts in more.items() if name not in EACH} == {}
