import pytest

from reports.domain.triage import labels
from reports.models import AuditEvent, Label, ReplyTemplate
from tests.reports.admin.conftest import sign_in

LABELS, REPLIES = "/admin/reports/label/", "/admin/reports/replytemplate/"


@pytest.fixture
def usual(caseworker):
    """Give the desk the usual labels and replies."""
    labels.begin_with_the_usual(by=caseworker)


def test_team_lead_adds_changes_and_retires_a_label_and_it_is_recorded(team_lead, usual):
    client = sign_in(team_lead)
    client.post(f"{LABELS}add/", {"name": "garages"})
    made = Label.objects.get(name="garages")
    page = client.post(f"{LABELS}add/", {"name": "Garages"}).text
    assert "There is already a label with this name." in page
    client.post(f"{LABELS}{made.pk}/change/", {"name": "garages", "retired": "on"})
    assert Label.objects.get(pk=made.pk).retired
    events = AuditEvent.objects.filter(subject="label garages").values_list("act", "actor")
    assert list(events) == [("set-up", "lena")] * 2
    assert client.get(f"{LABELS}{made.pk}/delete/").status_code == 403


def test_team_lead_writes_and_removes_a_reply(team_lead, usual):
    client = sign_in(team_lead)
    client.post(f"{REPLIES}add/", {"title": "Thanks", "text": "Thank you."})
    made = ReplyTemplate.objects.get(title="Thanks")
    client.post(f"{REPLIES}{made.pk}/delete/", {"post": "yes"})
    assert not ReplyTemplate.objects.filter(title="Thanks").exists()
    events = (
        AuditEvent.objects.filter(subject="replytemplate Thanks")
        .order_by("seq")
        .values_list("act", flat=True)
    )
    assert list(events) == ["set-up", "removed-reply"]
