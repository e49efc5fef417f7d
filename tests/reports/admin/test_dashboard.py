"""The dashboard: for those with the right, as charts and as tables."""

import csv
import html
import io
import re

import pytest

from reports.models import Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

PAGE = "/admin/dashboard/"


def test_every_figure_is_drawn_and_stands_in_a_table(lead, unlocked, send):
    send(kind="home", area="olney")
    unlocked.get("/admin/reports/tip/")
    response = sign_in(lead).get(PAGE)
    page = response.text
    drawn = response.context["dashboard"]["charts"]
    assert [chart.name for chart in drawn] == ["weeks", "areas", "kinds", "statuses", "reading", "members"]
    assert page.count('<svg class="chart"') == 5  # nobody has been given a tip: that chart is a sentence
    figures = {str(row.label): row.number for chart in drawn for row in chart.rows}
    assert figures["Olney"] == 1
    assert figures["Dealing from a home or a shop"] == 1
    assert "The oldest unread tip is" in page
    assert 'style="' not in page


@pytest.fixture
def counted(lead, officer, unlocked, send):
    """Count one tip of each of two areas, one of them given to the officer."""
    Tip.objects.filter(pk=send(kind="home", area="olney").pk).update(assignee=officer)
    send(kind="street", area="bradwell")
    unlocked.get("/admin/reports/tip/")


def links(page: str) -> list[str]:
    return sorted({html.unescape(link) for link in re.findall(r'<a href="(/admin/reports/tip/\?[^"]+)"', page)})


def test_each_number_leads_to_its_tips(counted, lead):
    client = sign_in(lead)
    found = links(client.get(PAGE).text)
    names = {link.partition("?")[2].partition("=")[0] for link in found}
    assert names == {"week", "area", "category", "status", "member"}
    for link in found:
        charts = client.get(PAGE).context["dashboard"]["charts"]
        number = next(row.number for chart in charts for row in chart.rows if row.address == link)
        assert len(client.get(link).context["cl"].result_list) == number, link


def test_figures_are_taken_as_a_table(counted, roles):
    client = sign_in(make_user("ada", "Auditor"))
    rows = list(csv.reader(io.StringIO(client.get(f"{PAGE}csv/").text)))
    assert rows[0] == ["figure", "of what", "number"]
    assert ["Tips by area", "Olney", "1"] in rows
    assert ["Not decided, by member", "olu", "1"] in rows
    assert sign_in(make_user("edie", "Editor")).get(f"{PAGE}csv/").status_code == 403
