"""The dashboard: for those with the right, in tables with bars."""

import html
import re

from reports.models import Tip
from tests.reports.admin.conftest import sign_in

PAGE = "/admin/dashboard/"


def test_every_figure_stands_in_a_table_beside_its_bar_and_leads_to_its_tips(team_lead, caseworker, unlocked, send):
    tip = send(kind="home", area="olney")
    send(kind="street", area="bradwell")
    unlocked.get("/admin/reports/tip/")  # opens them
    Tip.objects.filter(pk=tip.pk).update(assignee=caseworker, appeal="forgotten", status="reading")
    client = sign_in(team_lead)
    response = client.get(PAGE)
    page, tables = response.text, response.context["tables"]
    assert [table.name for table in tables] == ["weeks", "areas", "kinds", "statuses", "appeals", "reading", "members"]
    assert page.count("<meter") == sum(len(table.rows) for table in tables)
    figures = {str(row.label): row.number for table in tables for row in table.rows}
    assert (figures["Olney"], figures["Dealing from a home or a shop"], figures["olu"]) == (1, 1, 1)
    assert figures["Undecided, on any tab"] == 1, "the tab of that name counts fewer"
    assert "The oldest unread tip came at most" in page
    assert 'style="' not in page
    found = {html.unescape(link) for link in re.findall(r'<a href="(/admin/reports/tip/\?[^"]+)"', page)}
    filters = {link.partition("?")[2].partition("=")[0] for link in found}
    assert filters == {"area", "category", "status", "appeal", "member"}
    for link in found:
        number = next(row.number for table in tables for row in table.rows if row.address == link)
        assert len(client.get(link).context["cl"].result_list) == number, link
