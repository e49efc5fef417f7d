import pytest
from django.urls import reverse

from reports.domain.tips import recusal
from reports.models import AuditEvent, Recusal
from tests.factories import make_keyholder

QUEUE, RECUSALS = "/admin/reports/tip/", "/admin/reports/tip/recusals/"


@pytest.fixture
def second(team_lead, passphrase):
    """Return the team lead, who counts as a keyholder too."""
    make_keyholder(team_lead)
    return team_lead


@pytest.fixture
def tip(send):
    """Return a tip."""
    return send()


def test_member_hides_a_tip_with_a_reason(unlocked, caseworker, second, tip):
    url = reverse("admin:reports_tip_recuse", args=[tip.pk])
    page = unlocked.get(reverse("admin:reports_tip_change", args=[tip.pk])).text
    assert f'formaction="{url}"' in page
    asked = unlocked.post(url, {"ask": "1"}, follow=True)
    assert asked.redirect_chain == [(url, 302)]
    assert "Only a team lead can show you the tip again" in asked.text
    response = unlocked.post(url, {"reason": "My cousin."}, follow=True)
    assert response.redirect_chain == [(QUEUE, 302)]
    assert f"{tip.reference} is hidden from you." in response.text
    assert [(row.tip, row.user) for row in Recusal.objects.all()] == [(tip, caseworker)]


def test_team_lead_reads_the_reason_and_shows_it_again(caseworker, team_lead, tip, let_in):
    browser = let_in(team_lead)
    hidden = recusal.recuse(tip=tip, by=caseworker, reason="My cousin.")
    assert "My cousin." in browser.post(RECUSALS).text
    assert AuditEvent.objects.latest("seq").act == "read-reason"
    page = browser.post(f"{RECUSALS}{hidden.pk}/lift/", follow=True).text
    assert f"{tip.reference}: olu can see this tip again." in page
    assert not Recusal.objects.exists()
