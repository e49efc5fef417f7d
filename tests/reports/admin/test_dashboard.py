"""The dashboard: for those with the right, from a file, as charts and as tables."""

import pytest
from django.utils import timezone

from reports.domain.maintenance import dashboard
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

PAGE = "/admin/dashboard/"


@pytest.mark.parametrize(("role", "sees"), [("Lead", True), ("Auditor", True), ("Officer", False), ("Editor", False)])
def test_dashboard_is_for_leads_and_auditors(roles, role, sees):
    client = sign_in(make_user("memba", role))
    assert client.get(PAGE).status_code == (200 if sees else 403)
    assert ("How the desk is doing" in client.get("/admin/").content.decode()) is sees


def test_before_the_first_count_it_says_so(roles):
    assert "Nothing has been counted yet." in sign_in(make_user("ada", "Auditor")).get(PAGE).content.decode()


def test_every_figure_is_drawn_and_stands_in_a_table(lead, unlocked, send):
    send(kind="home", area="olney")
    unlocked.get("/admin/reports/tip/")
    dashboard.refresh(now=timezone.now())
    response = sign_in(lead).get(PAGE)
    page = response.content.decode()
    drawn = response.context["dashboard"]["charts"]
    assert [chart.name for chart in drawn] == ["weeks", "areas", "kinds", "statuses", "reading", "members"]
    assert page.count('<svg class="chart"') == 5  # nobody has been given a tip: that chart is a sentence
    assert '<th scope="row">Olney</th><td>1</td>' in page
    assert '<th scope="row">Dealing from a home or a shop</th><td>1</td>' in page
    assert "The oldest unread tip is" in page
    assert 'style="' not in page


def test_dashboard_asks_nothing_of_the_tips(lead, send, django_assert_max_num_queries):
    send()
    dashboard.refresh(now=timezone.now())
    client = sign_in(lead)
    client.get(PAGE)
    with django_assert_max_num_queries(12) as asked:
        client.get(PAGE)
    assert [query["sql"] for query in asked.captured_queries if "reports_tip" in query["sql"]] == []
