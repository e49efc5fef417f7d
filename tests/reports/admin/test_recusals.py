import re

import pytest
from django.contrib import admin
from django.urls import reverse

from reports.domain import intake
from reports.domain.intake import outbox
from reports.domain.tips import recusal
from reports.models import AuditEvent, Recusal, Tip
from reports.sealing import receipts
from tests.factories import make_keyholder, make_user
from tests.reports import pictures
from tests.reports.admin.conftest import sign_in

TEXT = "A grey van by the garages, every night at nine."
QUEUE, RECUSALS = "/admin/reports/tip/", "/admin/reports/tip/recusals/"


@pytest.fixture
def second(lead, phrase):
    """Return the lead, who counts as a keyholder too."""
    make_keyholder(lead)
    return lead


@pytest.fixture
def tip(phrase):
    """Return an urgent tip with a picture."""
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": TEXT, "danger": "yes"})
    outbox.drain()
    intake.send_photos(token=token, pictures=[pictures.encode(pictures.gradient(), "JPEG")])
    outbox.drain()
    return Tip.objects.get()


def addresses(tip: Tip) -> dict[str, str]:
    """Return every address of the desk that names a tip, by name: all that are there, not a list of ours."""
    photo = tip.entries.order_by("position").last()
    known = {"pk": str(tip.pk), "object_id": str(tip.pk), "entry": str(photo.pk), "number": "0"}
    found = {}
    for pattern in admin.site._registry[Tip].get_urls():
        wanted = re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern))
        if pattern.name and {"pk", "object_id"} & set(wanted) and pattern.name != "reports_tip_lift":
            found[pattern.name] = reverse(f"admin:{pattern.name}", kwargs={name: known[name] for name in wanted})
    return found


def test_every_address_of_a_tip_refuses_a_member_who_has_recused_themself(unlocked, officer, second, tip):
    names = set(addresses(tip))
    assert {"reports_tip_change", "reports_tip_picture", "reports_tip_save", "reports_tip_write"} <= names
    before = {unlocked.get(addresses(tip)[name]).status_code for name in ("reports_tip_change", "reports_tip_picture")}
    assert before == {200}  # the control
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    count, facts = AuditEvent.objects.count(), Tip.objects.values().get()
    form = {"save-status": "spam", "save-note": "A note."}
    for name, url in addresses(tip).items():
        for response in (unlocked.get(url, follow=True), unlocked.post(url, form, follow=True)):
            assert response.status_code in (403, 404, 405), (name, response.status_code)
            assert TEXT not in response.text
    assert (AuditEvent.objects.count(), Tip.objects.values().get()) == (count, facts)
    colleague = sign_in(make_user("cora", "Officer"))
    assert colleague.get(addresses(tip)["reports_tip_change"]).status_code == 200


def test_member_hides_a_tip_with_a_reason(unlocked, officer, second, tip):
    url = reverse("admin:reports_tip_recuse", args=[tip.pk])
    page = unlocked.get(reverse("admin:reports_tip_change", args=[tip.pk])).text
    assert f'formaction="{url}"' in page
    asked = unlocked.post(url, {"ask": "1"}, follow=True)
    assert asked.redirect_chain == [(url, 302)]
    assert "Only a lead can show it to you again" in asked.text
    response = unlocked.post(url, {"reason": "My cousin."}, follow=True)
    assert response.redirect_chain == [(QUEUE, 302)]
    assert f"{tip.reference} is hidden from you." in response.text
    assert [(row.tip, row.user) for row in Recusal.objects.all()] == [(tip, officer)]


def test_lead_reads_the_reason_and_shows_it_again(officer, lead, tip, let_in):
    browser = let_in(lead)
    hidden = recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    assert "My cousin." in browser.post(RECUSALS).text
    assert AuditEvent.objects.latest("seq").act == "read-reason"
    page = browser.post(f"{RECUSALS}{hidden.pk}/lift/", follow=True).text
    assert f"{tip.reference}: olu can see it again." in page
    assert not Recusal.objects.exists()
