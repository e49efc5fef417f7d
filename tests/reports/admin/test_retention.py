import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from reports.admin import retention as retention_pages
from reports.domain import retention
from reports.domain.triage import safety
from reports.models import AuditEvent, Hold, SafetyDecision, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

PAGE = "/admin/reports/tip/deletions/"


def put(tip: Tip, **facts: object) -> Tip:
    Tip.objects.filter(pk=tip.pk).update(**{"unread": False, **facts})
    tip.refresh_from_db()
    return tip


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def act(tip: Tip, name: str) -> str:
    return f"/admin/reports/tip/{tip.pk}/{name}/"


@pytest.mark.parametrize(("days", "warned"), [(6, True), (5, False)])
def test_staff_are_warned_a_week_before_and_told_why(signed_in, send, days, warned):
    tip = put(send(), status="spam", decided=ago(days))  # 7 days, and 6 for the rest of the week
    page = signed_in.get(PAGE).content.decode()
    assert (tip.reference in page) is warned
    assert ("Spam, decided in the week of" in page) is warned
    assert ("1 tip is deleted within a week." in signed_in.get("/admin/").content.decode()) is warned


def test_tip_page_says_when_it_is_deleted(signed_in, send):
    tip = put(send(), status="no_action", decided=ago(3))
    assert "unless it is moved" in signed_in.get(act(tip, "change")).content.decode()
    assert "Kept as it stands." in signed_in.get(act(send(), "change")).content.decode()


def test_tip_page_says_that_a_lead_has_yet_to_look_at_the_decision_about_danger(signed_in, send, officer):
    tip = put(send(), status="no_action", decided=ago(3))
    safety.add(tip=tip, kind="closed", choice="none", text="Read twice.", by=officer)
    page, said = act(tip, "change"), "Kept until a Team lead has looked at the decision about danger."
    assert said in signed_in.get(page).content.decode()
    SafetyDecision.objects.update(looked_by="lena", looked_on=ago(0))
    assert said not in signed_in.get(page).content.decode()


@pytest.fixture
def at_work(unlocked, officer, lead):
    """Return an unlocked browser of a lead's: the officer, who founded the desk, becomes one."""
    officer.groups.set(lead.groups.all())
    return unlocked


def test_lead_puts_a_tip_under_a_hold_and_ends_it(at_work, send):
    tip, client = put(send(), status="spam", decided=ago(6)), at_work
    assert "Nothing of it is deleted" in client.get(act(tip, "hold")).content.decode()
    page = client.post(act(tip, "hold"), {"reason": "A court asked."}, follow=True).content.decode()
    assert f"{tip.reference} is under a legal hold." in page
    assert "Legal hold by olu" in page
    assert "Nothing is deleted in the next seven days." in client.get(PAGE).content.decode()
    assert "A court asked" not in client.get(PAGE).content.decode()
    response = client.post(act(tip, "release"), {"next": PAGE}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert not Hold.objects.exists()


def test_reason_that_is_missing_is_asked_for(at_work, send):
    tip = send()
    response = at_work.post(act(tip, "hold"), {"reason": ""})
    assert "Write the reason. Only leads can read it." in response.content.decode()
    assert not Hold.objects.exists()


def test_a_locked_desk_makes_no_hold(lead, send):
    tip = send()
    sign_in(lead).post(act(tip, "hold"), {"reason": "A court asked."})  # nobody could vouch for it
    assert not Hold.objects.exists()


def test_hold_made_meanwhile_is_told(at_work, lead, send):
    tip = send()
    retention.hold(tip=tip, by=lead, reason="A court.")
    page = at_work.post(act(tip, "hold"), {"reason": "Another court."}).content.decode()
    assert "A legal hold keeps this tip already." in page
    assert "Another court." in page


def test_reasons_of_holds_are_shown_unlocked_and_recorded(unlocked, officer, lead, send):
    tip = send()
    retention.hold(tip=tip, by=lead, reason="A court asked.")
    officer.groups.set(lead.groups.all())  # the unlocked browser is the officer's
    assert "A court asked." in unlocked.post(PAGE).content.decode()
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject) == ("read-reason", tip.reference)
    assert sign_in(lead).post(PAGE)["Location"].startswith("/admin/unlock/?next=")


def test_old_tips_are_shown_to_leads_who_say_that_they_are_needed(lead, officer, send):
    tip = put(send(), received=ago(190))
    client = sign_in(lead)
    assert tip.reference in client.get(PAGE).content.decode()
    assert "1 tip has been kept for six months." in client.get("/admin/").content.decode()
    assert "six months: still needed?" not in sign_in(officer).get(PAGE).content.decode()
    page = client.post(act(tip, "needed"), {"next": PAGE}, follow=True).content.decode()
    assert "You are asked again in six months." in page
    assert "Nothing is that old." in page


def test_lists_show_what_comes_first_whatever_its_status(lead, send, monkeypatch):
    monkeypatch.setattr(retention_pages, "SHOWN", 2)
    facts = [("no_action", 90), ("no_action", 89), ("no_action", 88), ("spam", 12)]
    going = [put(send(), status=status, decided=ago(days)) for status, days in facts]
    old = [put(send(), status=status, received=ago(days)) for days, status in enumerate(["new"] * 3 + ["reading"], 190)]
    page = sign_in(lead).get(PAGE).content.decode()
    dues = sorted(going, key=lambda tip: (retention.due_on(tip), tip.reference))
    assert going[3] in dues[:2]  # the control: of the last status, and among the first
    assert [tip.reference in page for tip in dues] == [True, True, False, False]
    assert [tip.reference in page for tip in old] == [False, False, True, True]


@pytest.mark.parametrize("role", ["Officer", "Editor", "Auditor"])
def test_only_leads_decide_about_keeping(send, role):
    tip, client = send(), sign_in(make_user("memba", role))
    answers = {name: client.post(act(tip, name), {"reason": "x"}).status_code for name in ("hold", "release", "needed")}
    assert set(answers.values()) == {403}
    assert client.get(PAGE).status_code == (200 if role == "Officer" else 403)
    assert not Hold.objects.exists()


def test_schedule_on_the_page_is_the_one_that_deletes(signed_in):
    page = signed_in.get(PAGE).content.decode()
    for status, rule in retention.SCHEDULE.items():
        assert f'<th scope="row">{status.label}</th>' in page
        assert rule is None or re.search(rf"<td>\s*{rule.days} days", page)
