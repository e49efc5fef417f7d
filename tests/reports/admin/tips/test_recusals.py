import pytest
from django.urls import reverse

from reports.domain.tips import recusal
from reports.models import AuditEvent, Recusal
from tests.factories import let_in, make_keyholder
from tests.reports.admin.conftest import sign_in

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
    refused = unlocked.post(url, {"reason": ""}).text
    assert "How do you know them?" in refused
    assert ">Reason<" not in refused
    response = unlocked.post(url, {"reason": "My cousin."}, follow=True)
    assert response.redirect_chain == [(QUEUE, 302)]
    assert f"{tip.reference} is hidden from you." in response.text
    assert [(row.tip, row.user) for row in Recusal.objects.all()] == [(tip, caseworker)]


def test_team_lead_reads_the_reason_and_shows_it_again_with_their_words(
    caseworker, team_lead, tip, passphrase, keys
):
    words, browser = let_in(team_lead, by=caseworker, passphrase=passphrase), sign_in(team_lead)
    browser.post("/admin/unlock/", {"passphrase": words})
    hidden = recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=keys)
    assert "My cousin." in browser.post(RECUSALS).text
    assert AuditEvent.objects.latest("seq").act == "read-reason"
    address = f"{RECUSALS}{hidden.pk}/lift/"
    assert "Choose why they can see this tip again." in browser.post(address).text
    asked = browser.post(address, {"reason": "stranger"})
    assert 'name="passphrase"' in asked.text
    assert Recusal.objects.exists()
    page = browser.post(address, {"reason": "stranger", "passphrase": words}, follow=True).text
    assert f"{tip.reference}: olu can see this tip again." in page
    assert not Recusal.objects.exists()
