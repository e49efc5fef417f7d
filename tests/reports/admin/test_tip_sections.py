"""The panels for what may leave the desk: grading and our own words, on a page that keeps what was typed."""

import pytest

from reports.models import Grading, Sanitised, Tip
from tests.reports.admin.tip_page import address, press

TIP = "A grey van comes to the garages every night at nine."
GRADE = {"source": "2", "information": "C", "handling": "C", "conditions": "Not to the landlord."}
WORDS = {f"sanitise-{name}": text for name, text in {"text": "By my neighbour.", "seen": "0"}.items()}


def panel(response, name: str) -> dict:
    return response.context["sections"][name]


@pytest.fixture
def tip(send) -> Tip:
    return send(TIP, source="saw")


def test_grading_is_labelled_suggested_and_has_the_senders_how_beside_the_letter(unlocked, tip):
    page = unlocked.get(address(tip)).text
    assert "Suggested grading" in page
    assert "we are no intelligence unit" in page
    assert "The sender says: “I saw or heard it myself”. First hand: the sender knows it directly." in page
    assert '<option value="2" selected>2 Untested</option>' in page
    assert page.count('<option value="" selected>– Open</option>') == 2


def test_grade_is_saved_and_shown(unlocked, tip):
    page = press(unlocked, tip, **GRADE).text
    assert f"{tip.reference}: suggested grading saved." in page
    assert '<option value="C" selected>C Known indirectly</option>' in page
    assert "Not to the landlord." in page
    assert "3x5x2, by olu, version 1" in page
    assert "suggested a grading (version 1)" in page


def test_own_words_stand_beside_the_original_and_say_what_is_asked(unlocked, tip):
    response = unlocked.post(address(tip, "sanitise"), WORDS, follow=True)
    (asked,) = panel(response, "own_words")["questions"]
    text = response.text
    assert text.index('class="original"') < text.rindex(TIP) < text.index('id="sanitise-text"')
    assert "“my neighbour”" in text
    assert "Not answered." in text
    answered = WORDS | {"sanitise-seen": "1", asked.because.html_name: "The shop is called so."}
    response = unlocked.post(address(tip, "sanitise"), answered, follow=True)
    assert "Not answered." not in response.text
    assert 'value="The shop is called so."' in response.text


def test_versions_that_do_not_open_say_so_and_the_rest_of_the_tip_shows(unlocked, tip):
    press(unlocked, tip, **GRADE)
    unlocked.post(address(tip, "sanitise"), WORDS)
    for model in (Grading, Sanitised):
        model.objects.update(sealed=b"rubbish")
    page = unlocked.get(address(tip)).text
    assert page.count("This does not open, or does not belong here. Tell a lead.") == 2
    assert TIP in page
