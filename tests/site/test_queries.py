"""A page asks the database as often on a desk with more of everything."""

import pytest
from django.contrib.auth.models import Group

from tests.reports.admin.conftest import sign_in, unlock_with
from tests.site.addresses import of_the_desk
from tests.site.desk import Desk, enlarge
from tests.site.walk import walk

pytestmark = pytest.mark.engine

LISTS = ("people", "searches", "dashboard", "index")
OF_A_TIP = ("reports_tip_change", "reports_tip_related", "reports_tip_danger")
# They ask of each other team lead whether they can be a second person by now.
EACH = {"index", "reports_tip_danger"}


def test_a_page_asks_as_often_on_a_larger_desk(desk: Desk, whole: bool) -> None:
    desk.boss.groups.set(Group.objects.all())
    client = sign_in(desk.boss)
    unlock_with(client, desk.keys)

    def asked() -> dict[str, int]:
        asks = of_the_desk(desk.samples, methods=("GET",))
        chosen = [ask for ask in asks if whole or ask.name in (*LISTS, *OF_A_TIP) or ask.name.endswith("_changelist")]
        return {answer.name: answer.queries for answer in walk(client, chosen)}

    enlarge(desk, names="a")
    before = asked()
    enlarge(desk, names="bcd")
    after = asked()
    more = {name: (count, after[name]) for name, count in before.items() if after[name] > count}
    assert {name: counts for name, counts in more.items() if name not in EACH} == {}
