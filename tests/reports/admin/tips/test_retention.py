from datetime import timedelta

import pytest
from django.utils import timezone

from reports.models import AuditEvent, Hold, Tip
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address as act

PAGE = "/admin/reports/tip/deletions/"


def put(tip, **facts):
    Tip.objects.filter(pk=tip.pk).update(**{"unread": False, **facts})
    tip.refresh_from_db()
    return tip


def ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.mark.parametrize(("days", "warned"), [(6, True), (5, False)])
def test_staff_are_warned_a_week_before_and_told_why(signed_in, send, days, warned):
    tip = put(send(), status="spam", decided=ago(days))  # 7 days, and 6 for the rest of the week
    page = signed_in.get(PAGE).text
    assert (tip.reference in page) is warned
    assert ("Spam, decided in the week of" in page) is warned
    assert ("1 tip will be deleted within a week." in signed_in.get("/admin/").text) is warned


def test_team_lead_puts_a_tip_under_a_hold_and_ends_it(unlocked, caseworker, team_lead, send):
    caseworker.groups.set(team_lead.groups.all())  # the unlocked browser is the caseworker's
    tip, client = put(send(), status="spam", decided=ago(6)), unlocked
    assert "We will not delete any of this tip" in client.get(act(tip, "hold")).text
    page = client.post(act(tip, "hold"), {"reason": "A court asked."}, follow=True).text
    assert f"{tip.reference} is under a legal hold." in page
    assert "Under a legal hold by olu" in page
    assert "No tips are due for deletion in the next 7 days." in client.get(PAGE).text
    assert "A court asked" not in client.get(PAGE).text
    assert "A court asked." in client.post(PAGE).text
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject) == ("read-reason", tip.reference)
    response = client.post(act(tip, "release"), {"next": PAGE}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert not Hold.objects.exists()


def test_old_tips_are_shown_to_team_leads_who_say_that_they_are_needed(team_lead, caseworker, send):
    tip = put(send(), received=ago(190))
    client = sign_in(team_lead)
    assert tip.reference in client.get(PAGE).text
    assert "We have kept 1 tip for six months." in client.get("/admin/").text
    assert "6 months: still needed?" not in sign_in(caseworker).get(PAGE).text
    page = client.post(act(tip, "needed"), {"next": PAGE}, follow=True).text
    assert "We will ask you again in 6 months." in page
    assert "No tips are that old." in page
