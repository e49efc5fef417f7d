import pytest

from reports.admin import history
from reports.domain import audit, triage
from reports.models import AuditEvent
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

RECORD = "/admin/reports/auditevent/"


@pytest.fixture
def auditor(roles):
    """Return an auditor's browser."""
    return sign_in(make_user("ada", "Auditor"))


def test_record_says_who_did_what_in_words(auditor, officer, send):
    tip = send()
    triage.move(tip=tip, to="spam", by=officer)
    page = auditor.get(RECORD).content.decode()
    assert "moved it from “New” to “Spam”" in page
    assert tip.reference in page


@pytest.mark.parametrize(("narrowed", "acts"), [("act=noted", ["noted"]), ("actor=lena", ["acknowledged"])])
def test_record_can_be_narrowed_by_act_and_actor(auditor, officer, lead, send, *, narrowed, acts):
    tip = send(danger="yes")
    triage.note(tip=tip, text="A note.", by=officer)
    triage.acknowledge(tip=tip, by=lead)
    found = auditor.get(f"{RECORD}?{narrowed}").context["cl"].result_list
    assert [event.act for event in found] == acts


def test_record_cannot_be_changed(auditor, officer):
    event = audit.record(by=officer, act="unlocked", ring=1)
    assert auditor.get(f"{RECORD}{event.pk}/change/").status_code == 200
    assert auditor.post(f"{RECORD}{event.pk}/change/", {"actor": "nobody"}).status_code == 403
    assert auditor.post(f"{RECORD}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.get(pk=event.pk).actor == "olu"


@pytest.mark.parametrize(
    ("act", "detail", "words"),
    [
        ("assigned", {"to": "lena"}, "gave it to lena"),
        ("assigned", {"to": ""}, "gave it to nobody"),
        ("revealed", {"reason": "danger"}, "saw the contact details: Someone may be in danger"),
        ("opened", {"count": 3}, "opened 3 sealed arrivals"),
        ("founded", {}, "made the desk (ring )"),
        ("some-new-act", {"x": 1}, "some-new-act"),
    ],
)
def test_history_in_words(act, detail, words):
    assert history.in_words(AuditEvent(act=act, detail=detail)) == words
