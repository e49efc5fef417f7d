import pytest

from reports.admin.audit import in_words
from reports.domain import audit, triage
from reports.domain.audit import triggers, verification
from reports.models import AuditEvent
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.domain.audit import tampering

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


@pytest.mark.parametrize(("narrowed", "acts"), [("act=noted", ["noted"]), ("actor=lena", ["assigned", "acknowledged"])])
def test_record_can_be_narrowed_by_act_and_actor(auditor, officer, lead, send, *, narrowed, acts):
    tip = send(danger="yes")
    triage.note(tip=tip, text="A note.", by=officer)
    triage.acknowledge(tip=tip, by=lead)
    found = auditor.get(f"{RECORD}?{narrowed}").context["lines"]
    assert [line.event.act for line in found] == acts


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
        ("moved", {"before": "new", "after": "linked"}, "moved it from “New” to “Part of an enquiry”"),
        ("moved", {"before": "open", "after": "paused", "enquiry": "HERON"}, "moved it from “Open” to “Paused”"),
        ("moved", {"before": "new", "after": "paused"}, "moved it from “New” to “paused”"),  # no status of a tip
        ("renamed", {"before": "spam", "after": "HERON"}, "gave “spam” the codename “HERON”"),
        ("founded", {}, "made the desk (ring )"),
        ("some-new-act", {"x": 1}, "some-new-act"),
    ],
)
def test_history_in_words(act, detail, words):
    assert in_words(AuditEvent(act=act, detail=detail)) == words


VERIFY = f"{RECORD}verify/"


@pytest.mark.django_db(transaction=True)
def test_a_restore_is_told_with_its_event(auditor, officer):
    for number in range(3):
        audit.record(by=None, act="restored", backup=number, known=40, ring=2)
        page = auditor.post(VERIFY, {"begin": "yes"}, follow=True).content.decode()
    text = " ".join(page.split())
    assert "The record is whole, with 3 restores, at 1, 3, 5: there an older backup took its place." in text
    assert "restored backup 2; events up to 40 had been known (ring 2)" in auditor.get(RECORD).content.decode()


@pytest.mark.django_db(transaction=True)
def test_auditor_verifies_the_record_and_that_goes_on_it(auditor, officer):
    audit.record(by=officer, act="read")
    assert "Verify the record" in auditor.get(RECORD).content.decode()
    assert "Nobody has looked through" in auditor.get(VERIFY).content.decode()
    page = auditor.post(VERIFY, {"begin": "yes"}, follow=True).content.decode()
    assert "The record is whole." in page
    assert "Who wrote the checkpoints was not proved" in page
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.actor, event.detail) == ("verified", "ada", {"found": 0})


@pytest.mark.django_db(transaction=True)
def test_keyholder_proves_the_checkpoints_too(unlocked, officer, lead):
    officer.groups.set(lead.groups.all())
    page = unlocked.post(VERIFY, {"begin": "yes"}, follow=True).content.decode()
    assert "The record is whole." in page
    assert "was not proved" not in page


def test_mark_is_shown_and_one_that_was_noted_is_compared(auditor, officer):
    audit.record(by=officer, act="read")
    page = auditor.get(VERIFY).content.decode()
    mark = verification.mark()
    assert f'<span class="ref mark">{mark}</span>' in page
    assert "holds everything up to that mark" in auditor.get(VERIFY, {"mark": mark}).content.decode()
    assert "does not know that mark" in auditor.get(VERIFY, {"mark": "0" * 20}).content.decode()
    page = auditor.get(VERIFY, {"mark": "<b>"}).content.decode()
    assert "A mark is four groups of five" in page
    assert 'value="&lt;b&gt;"' in page


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_is_said_in_a_sentence(auditor, officer):
    audit.record(by=officer, act="read")
    tampering.take_down()
    AuditEvent.objects.filter(seq=1).update(actor="nobody")
    triggers.put_up()
    page = auditor.post(VERIFY, {"begin": "yes"}, follow=True).content.decode()
    assert "The record is not whole." in page
    assert "<li>Event 1 was changed.</li>" in page


@pytest.mark.django_db(transaction=True)
def test_long_record_is_looked_through_in_steps(auditor, officer, monkeypatch):
    for _ in range(4):
        audit.record(by=officer, act="read")
    monkeypatch.setattr("reports.admin.audit.SECONDS", 0)
    monkeypatch.setattr(verification.step, "__kwdefaults__", {"limit": 2})
    page = auditor.post(VERIFY, {"begin": "yes"}, follow=True).content.decode()
    assert "2 of 4 events looked at." in page
    for _press in range(3):  # the other two events, what vouchers name, and what none names
        page = auditor.post(VERIFY, follow=True).content.decode()
    assert "The record is whole." in page
    assert "Verify again" in page
