import pytest

from reports.domain.triage import labels
from reports.models import AuditEvent, Label, ReplyTemplate
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import press

LABELS, REPLIES = "/admin/reports/label/", "/admin/reports/replytemplate/"


@pytest.fixture
def usual(officer):
    """Give the desk the usual labels and replies."""
    labels.begin_with_the_usual(by=officer)


def test_lead_adds_changes_and_retires_a_label_and_it_is_recorded(lead, usual):
    client = sign_in(lead)
    client.post(f"{LABELS}add/", {"name": "garages"})
    made = Label.objects.get(name="garages")
    page = client.post(f"{LABELS}add/", {"name": "Garages"}).text
    assert "There is a label of this name already." in page
    client.post(f"{LABELS}{made.pk}/change/", {"name": "garages", "retired": "on"})
    assert Label.objects.get(pk=made.pk).retired
    events = AuditEvent.objects.filter(subject="label garages").values_list("act", "actor")
    assert list(events) == [("set-up", "lena")] * 2
    assert client.get(f"{LABELS}{made.pk}/delete/").status_code == 403


def test_lead_writes_and_removes_a_reply(lead, usual):
    client = sign_in(lead)
    client.post(f"{REPLIES}add/", {"title": "Thanks", "text": "Thank you."})
    made = ReplyTemplate.objects.get(title="Thanks")
    client.post(f"{REPLIES}{made.pk}/delete/", {"post": "yes"})
    assert not ReplyTemplate.objects.filter(title="Thanks").exists()
    events = AuditEvent.objects.filter(subject="replytemplate Thanks").order_by("seq").values_list("act", flat=True)
    assert list(events) == ["set-up", "removed-reply"]


def test_tip_is_labelled_on_its_page_in_one_step(unlocked, usual, send):
    tip, label = send(), Label.objects.get(name="rumour")
    page = press(unlocked, tip, **{f"label-{label.pk}": "on"}).text
    assert f"{tip.reference}: labelled “rumour”." in page
    page = press(unlocked, tip, **{f"label-{label.pk}": []}).text
    assert f"{tip.reference}: no longer labelled “rumour”." in page


def test_reply_that_names_somebody_is_refused_when_it_is_saved(lead, usual):
    client, sent = sign_in(lead), {"title": "Thanks", "text": "Thank you. We have told Capper, 07700 900123."}
    page = client.post(f"{REPLIES}add/", sent).text
    assert "Leave out “Capper” (a capital letter: perhaps a name), “07700 900123” (a phone number)" in page
    assert not ReplyTemplate.objects.filter(title="Thanks").exists()
    client.post(f"{REPLIES}add/", sent | {"text": "Thank you. Call Crimestoppers on 0800 555 111."})
    assert ReplyTemplate.objects.get(title="Thanks").text.endswith("0800 555 111.")
