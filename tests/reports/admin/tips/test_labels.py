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
    events = AuditEvent.objects.filter(subject="replytemplate Thanks").order_by("seq").values_list("act", flat=True)
    assert list(events) == ["set-up", "removed-reply"]


def test_nobody_renames_retires_or_deletes_the_built_in_label_or_takes_its_name(team_lead, usual):
    client, built_in = sign_in(team_lead), Label.objects.get(malicious=True)
    page = client.get(f"{LABELS}{built_in.pk}/change/").text
    assert "You cannot rename or retire this label, because tips that have it count in no figure or result." in page
    assert 'name="name"' not in page
    for act, sent in (("change", {"name": "rumours"}), ("change", {"retired": "on"}), ("delete", {"post": "yes"})):
        assert client.post(f"{LABELS}{built_in.pk}/{act}/", sent).status_code == 403
    assert Label.objects.get(malicious=True).name == "possibly malicious"
    other = Label.objects.get(name="with a picture")
    page = client.get(f"{LABELS}{other.pk}/change/").text
    assert ('name="name"' in page, "You cannot rename" in page) == (True, False)
    Label.objects.filter(malicious=True).delete()  # as on a desk that never used it
    page = client.post(f"{LABELS}add/", {"name": "Possibly Malicious"}).text
    assert "Streetlight’s own label, and no other, is called “possibly malicious”. Choose another name." in page
