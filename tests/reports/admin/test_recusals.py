import re

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from reports.domain import audit, intake, triage
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.tips import recusal
from reports.models import AuditEvent, Member, Recusal, Tip
from reports.sealing import receipts
from tests.conftest import CHEAP, make_user
from tests.reports import pictures
from tests.reports.admin.conftest import sign_in

TEXT = "A grey van by the garages, every night at nine."
QUEUE, RECUSALS = "/admin/reports/tip/", "/admin/reports/tip/recusals/"


@pytest.fixture
def second(lead, phrase):
    """Return the lead, who holds a key too."""
    keyholders.enrol(user=lead, costs=CHEAP)
    Member.objects.filter(user=lead).update(granted=timezone.localdate())
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


def statuses(client, tip: Tip) -> dict[str, tuple[int, int]]:
    """Return the answers to GET and POST at each address."""
    return {name: (client.get(url).status_code, client.post(url).status_code) for name, url in addresses(tip).items()}


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
            assert TEXT not in response.content.decode()
    assert (AuditEvent.objects.count(), Tip.objects.values().get()) == (count, facts)
    colleague = sign_in(make_user("cora", "Officer"))
    assert colleague.get(addresses(tip)["reports_tip_change"]).status_code == 200


def test_recused_tip_is_in_no_list_and_no_count(unlocked, officer, second, tip):
    pages = ("/admin/", QUEUE, f"{QUEUE}?waiting=unread", f"{QUEUE}?waiting=urgent", "/admin/reports/tip/deletions/")
    assert tip.reference in unlocked.get("/admin/").content.decode()
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    for page in pages:
        assert tip.reference not in unlocked.get(page).content.decode(), page
    context = unlocked.get("/admin/").context
    assert {tile.name: tile.waits.number for tile in context["tiles"]} == {"urgent": 0, "unread": 0, "mine": 0}
    assert context["going"].number == 0
    assert unlocked.get("/admin/next/")["Location"] == QUEUE


def test_member_hides_a_tip_with_a_reason(unlocked, officer, second, tip):
    url = reverse("admin:reports_tip_recuse", args=[tip.pk])
    page = unlocked.get(reverse("admin:reports_tip_change", args=[tip.pk])).content.decode()
    assert f'formaction="{url}"' in page
    asked = unlocked.post(url, {"ask": "1"}, follow=True)
    assert asked.redirect_chain == [(url, 302)]
    assert "Only a lead can show it to you again" in asked.content.decode()
    response = unlocked.post(url, {"reason": "My cousin."}, follow=True)
    assert response.redirect_chain == [(QUEUE, 302)]
    assert f"{tip.reference} is hidden from you." in response.content.decode()
    assert [(row.tip, row.user) for row in Recusal.objects.all()] == [(tip, officer)]


def test_reason_that_will_not_do_is_kept_and_said_beside_the_box(unlocked, second, tip):
    url = reverse("admin:reports_tip_recuse", args=[tip.pk])
    long = "My cousin. " * 200
    page = unlocked.post(url, {"reason": long}).content.decode()
    assert "A reason has room for 2,000 characters" in page
    assert long.strip() in page
    assert "<title>Error: I know someone here | Streetlight</title>" in re.sub(r"\s*(</?title>)\s*", r"\1", page)


def test_lead_sees_who_hid_what_and_reasons_only_unlocked_and_recorded(officer, second, phrase, tip):
    recusal.recuse(tip=tip, by=officer, reason="My cousin lives there.")
    client = sign_in(second)
    page = client.get(RECUSALS).content.decode()
    assert officer.username in page
    assert tip.reference in page
    assert "My cousin" not in page
    assert client.post(RECUSALS)["Location"] == "/admin/unlock/?next=%2Fadmin%2Freports%2Ftip%2Frecusals%2F".replace(
        "/admin/reports", "/admin/reports"
    )
    assert not AuditEvent.objects.filter(act="read-reason").exists()


def test_lead_with_an_unlocked_desk_reads_the_reasons(unlocked, officer, second, tip):
    recusal.recuse(tip=tip, by=second, reason="My cousin lives there.")
    officer.groups.set(second.groups.all())  # the fixture's unlocked session is the officer's
    page = unlocked.post(RECUSALS).content.decode()
    assert "My cousin lives there." in page
    assert AuditEvent.objects.latest("seq").act == "read-reason"


def test_lead_shows_it_again(officer, lead, tip, let_in):
    browser = let_in(lead)
    hidden = recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    page = browser.post(f"{RECUSALS}{hidden.pk}/lift/", follow=True).content.decode()
    assert f"{tip.reference}: olu can see it again." in page
    assert not Recusal.objects.exists()


def test_lead_lifts_no_recusal_of_their_own(officer, second, tip):
    hidden = recusal.recuse(tip=tip, by=second, reason="My cousin.")
    client = sign_in(second)
    assert tip.reference not in client.get(RECUSALS).content.decode()
    assert client.post(f"{RECUSALS}{hidden.pk}/lift/").status_code == 404


@pytest.mark.parametrize("role", ["Officer", "Editor", "Auditor"])
def test_who_is_no_lead_sees_no_recusals(officer, second, tip, role):
    hidden = recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    client = sign_in(make_user("memba", role))
    assert client.get(RECUSALS).status_code == client.post(f"{RECUSALS}{hidden.pk}/lift/").status_code == 403


def test_record_leaves_out_events_of_a_tip_that_is_hidden_from_the_reader(officer, second, tip):
    triage.move(tip=tip, to="reading", by=officer)
    event = audit.record(by=officer, act="noted", subject=tip.reference)
    client, record = sign_in(second), "/admin/reports/auditevent/"
    assert tip.reference in client.get(record).content.decode()
    recusal.recuse(tip=tip, by=second, reason="My cousin.")
    assert tip.reference not in client.get(record).content.decode()
    assert client.get(f"{record}{event.pk}/change/").status_code == 302
    auditor = sign_in(make_user("ada", "Auditor"))
    assert tip.reference in auditor.get(record).content.decode()
