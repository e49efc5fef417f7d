"""The dashboard: for those with the right, in tables with bars."""

import html
import re
from datetime import timedelta

from django.utils import timezone

from reports.domain.keys import sealed
from reports.domain.tips.metadata import monday
from reports.models import ReferralResult, Tip
from tests.factories import make_keyholder, make_user
from tests.reports.admin.conftest import sign_in, unlock_with

PAGE, YEAR = "/admin/dashboard/", "/admin/dashboard/year/"


def test_every_figure_stands_in_a_table_beside_its_bar_and_leads_to_its_tips(
    team_lead, caseworker, unlocked, send
):
    tip = send(kind="home", area="olney")
    send(kind="street", area="bradwell")
    unlocked.get("/admin/reports/tip/")  # opens them
    Tip.objects.filter(pk=tip.pk).update(assignee=caseworker, appeal="forgotten", status="reading")
    client = sign_in(team_lead)
    response = client.get(PAGE)
    page, tables = response.text, response.context["tables"]
    assert [table.name for table in tables] == [
        "weeks",
        "areas",
        "kinds",
        "statuses",
        "appeals",
        "reading",
        "members",
    ]
    assert page.count("<meter") == sum(len(table.rows) for table in tables)
    figures = {str(row.label): row.number for table in tables for row in table.rows}
    assert (figures["Olney"], figures["Dealing from a home or a shop"], figures["olu"]) == (1, 1, 1)
    assert figures["Undecided, on any tab"] == 1, "the tab of that name counts fewer"
    assert "The oldest unread tip came at most" in page
    assert 'style="' not in page
    found = {
        html.unescape(link) for link in re.findall(r'<a href="(/admin/reports/tip/\?[^"]+)"', page)
    }
    filters = {link.partition("?")[2].partition("=")[0] for link in found}
    assert filters == {"area", "category", "status", "appeal", "member"}
    for link in found:
        number = next(row.number for table in tables for row in table.rows if row.address == link)
        assert len(client.get(link).context["cl"].result_list) == number, link


def years_rows(page):
    """Return the figures of a year by what they count."""
    return dict(re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td>', page))


def letters(number, result):
    """Store so many results of weakest letter A."""
    for _again in range(number):
        at = ReferralResult.objects.count()
        month_before = timezone.localdate() - timedelta(days=31)
        new = ReferralResult(reference=f"H-AAAA-{at:04}", week=monday(month_before), answered=True)
        sealed.fill(
            new, {"sources": "1", "letter": "A", "result": result, "wrong": "", "month": ""}
        )
        new.save(force_insert=True)


def test_a_year_hides_numbers_under_five_and_needs_an_open_desk_for_letters(team_lead, keys):
    make_keyholder(team_lead)
    client = sign_in(team_lead)
    assert YEAR in client.get(PAGE).text
    letters(4, "borne_out")
    rows = years_rows(client.get(YEAR).text)
    assert set(rows.values()) == {"under 5"}
    letters(1, "cannot_say")
    locked = client.get(YEAR).text
    assert years_rows(locked)["Confirmed by the police"] == "5"
    assert "Unlock the desk to see this." in locked
    assert "Known directly" not in locked
    unlock_with(client, keys)
    line = "A Known directly to the source</th><td>{}</td><td>{}</td>"
    assert line.format(5, "under 5") in client.get(YEAR).text
    letters(1, "borne_out")
    assert line.format(6, 5) in client.get(YEAR).text


def test_an_auditor_sees_a_year_without_letters_and_a_caseworker_no_year(passphrase, caseworker):
    page = sign_in(make_user("audrey", "Auditor")).get(YEAR)
    assert (page.status_code, "by weakest letter" in page.text) == (200, False)
    assert sign_in(caseworker).get(YEAR).status_code == 403
