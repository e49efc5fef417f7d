import pytest

from reports.domain import triage
from reports.models import AuditEvent, Note, Tip
from tests.reports.admin.tip_page import address, press


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def last(tip: Tip) -> tuple[str, str, dict]:
    return AuditEvent.objects.filter(subject=tip.reference).values_list("actor", "act", "detail").first()


@pytest.fixture
def tip(send, unlocked) -> Tip:
    """Return a tip that the officer has begun to read."""
    sent = send()
    unlocked.get(address(sent))
    return Tip.objects.get(pk=sent.pk)


def test_taking_an_urgent_tip_needs_no_unlocked_desk_and_the_pages_say_who_has_it(signed_in, send, officer):
    tip = send(danger="yes")
    response = signed_in.post(address(tip, "acknowledge"), {"next": "/admin/"}, follow=True)
    assert response.redirect_chain == [("/admin/", 302)]
    told = "you are taking care of it. Its alarm is silent for two hours, or until you decide."
    assert said(response) == [f"{tip.reference}: {told}"]
    assert (Tip.objects.get().acknowledged_by, Tip.objects.get().assignee) == ("olu", officer)
    assert last(tip) == ("olu", "assigned", {"to": "olu"})
    page = response.text
    assert "Urgent: olu has it" in page
    assert "Urgent: nobody" not in page
    response = signed_in.post(address(tip, "hand-back"), {"next": "/admin/"}, follow=True)
    assert said(response) == [f"{tip.reference}: handed back. Its alarm rings until somebody takes care of it."]
    assert "Urgent: nobody has it" in response.text
    Tip.objects.update(acknowledged_by="lena")  # as two hours without a decision leave it
    for page in ("/admin/", "/admin/reports/tip/", address(tip)):
        assert "lena took it, undecided" in " ".join(signed_in.get(page).text.split())


def test_note_is_saved_sealed_and_shown_as_a_conversation(unlocked, tip, lead):
    triage.note(tip=tip, text="Seen the van too.", by=lead)
    response = press(unlocked, tip, note="Which plate?")
    assert response.context["said"].lines == [f"Your note on {tip.reference} is saved."]
    assert [(remark.note.author, remark.text) for remark in response.context["reading"].notes] == [
        ("lena", "Seen the van too."),
        ("olu", "Which plate?"),
    ]
    assert b"plate" not in bytes(Note.objects.get(author="olu").sealed)


def test_reveal_shows_the_contact_after_recording_why(unlocked, send):
    tip = send(contact="details", contact_details="07700 900123", contact_safe="Text only")
    page = unlocked.get(address(tip)).text
    assert "The sender left contact details" in page
    assert "07700 900123" not in page
    response = unlocked.post(address(tip, "reveal"), {"reveal-reason": "danger"})
    assert "07700 900123" in response.text
    assert "Text only" in response.text
    assert "no-store" in response["Cache-Control"]
    assert last(tip) == ("olu", "revealed", {"reason": "danger"})
    assert "07700 900123" not in unlocked.get(address(tip)).text


def test_reveal_without_a_reason_shows_nothing(unlocked, send):
    tip = send(contact="details", contact_details="07700 900123")
    page = unlocked.post(address(tip, "reveal"), {"reveal-reason": "because"}).text
    assert '<p class="error" id="reveal-reason_error" role="alert">Choose why you need the contact details.</p>' in page
    assert "07700 900123" not in page
    assert not AuditEvent.objects.filter(act="revealed").exists()


def test_what_an_act_led_to_is_said_in_its_section_and_nowhere_else(unlocked, tip):
    page = press(unlocked, tip, "write", write__text="Thank you.", write__asks="no").text
    assert page.count('id="said"') == 1
    assert page.index('id="talk"') < page.index('id="said"') < page.index("Your message is in the sender")
    assert "messagelist" not in page
    refused = press(unlocked, tip, "write", write__text="", write__asks="no").text
    assert refused.count('id="said"') == 1
    assert refused.index('id="talk"') < refused.index('id="said"') < refused.index('id="write-text_error"')


def test_page_is_one_form_whose_first_button_saves(unlocked, tip):
    page = unlocked.get(address(tip)).text
    surface = page[page.index('class="tip-form"') :]
    assert f'action="{address(tip, "save")}#said"' in surface
    first = page[page.index("<button") : page.index("</button>")]  # of the page: the header's buttons send the form too
    assert 'form="page-form"' in first
    assert "formaction" not in first
    assert first.endswith(">Save")
    content = page[page.index('id="content"') :]
    assert content.count("<form") == 2, "the surface, and the switch of the single keys"
    assert " required" not in surface.partition("</form>")[0], "a browser would hold up every other button"


def test_reading_does_not_silence_the_alarm_and_the_page_says_so(unlocked, send):
    tip = send(danger="yes")
    page = unlocked.get(address(tip)).text
    assert "Reading the tip does not silence it" in page
    taken = press(unlocked, tip, "acknowledge").text
    assert taken.index('id="alarm"') < taken.index('id="said"') < taken.index("you are taking care of it")
    assert "olu is taking care of this tip." in taken
    assert "Reading the tip does not silence it" not in taken
    assert "rings until somebody takes care of it" in press(unlocked, tip, "hand-back").text
