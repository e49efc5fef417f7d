"""The panels for what may leave the desk: grading and our own words, on a page that keeps what was typed."""

import re

import pytest

from reports.domain.handover import grading, own_words
from reports.models import Grading, Sanitised, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address, press, sent

TIP = "A grey van comes to the garages every night at nine."
GRADE = {"source": "2", "information": "C", "handling": "C", "conditions": "Not to the landlord."}
WORDS = {f"sanitise-{name}": text for name, text in {"text": "By my neighbour.", "seen": "0"}.items()}


def values(form, *names: str) -> dict:
    return {name: form[name].value() for name in names}


def panel(response, name: str) -> dict:
    return response.context["sections"][name]


@pytest.fixture
def tip(send) -> Tip:
    return send(TIP, source="saw")


def test_grading_is_labelled_suggested_and_has_the_senders_how_beside_the_letter(unlocked, tip):
    page = unlocked.get(address(tip)).content.decode()
    assert "Suggested grading" in page
    assert "we are no intelligence unit" in page
    assert "The sender says: “I saw or heard it myself”. First hand: the sender knows it directly." in page
    assert '<option value="2" selected>2 Untested</option>' in page
    assert page.count('<option value="" selected>– Open</option>') == 2


def test_grade_is_saved_and_shown(unlocked, tip):
    page = press(unlocked, tip, **GRADE).content.decode()
    assert f"{tip.reference}: suggested grading saved." in page
    assert '<option value="C" selected>C Known indirectly</option>' in page
    assert "Not to the landlord." in page
    assert "3x5x2, by olu, version 1" in page
    assert "suggested a grading (version 1)" in page


def test_grade_that_is_refused_keeps_what_was_typed(unlocked, tip):
    response = press(unlocked, tip, **GRADE | {"handling": "P"})
    assert "Conditions go with handling code C." in response.content.decode()
    assert {name: sent(response)[f"save-{name}"] for name in GRADE} == {
        "source": ["2"],
        "information": ["C"],
        "handling": ["P"],
        "conditions": ["Not to the landlord."],
    }
    assert not Grading.objects.exists()


def test_own_words_stand_beside_the_original_and_say_what_is_asked(unlocked, tip):
    response = unlocked.post(address(tip, "sanitise"), WORDS, follow=True)
    (asked,) = panel(response, "own_words")["questions"]
    text = response.content.decode()
    assert (
        text.index('class="original"')
        < text.index(TIP, text.index('class="original"'))
        < text.index('id="sanitise-text"')
    )
    assert "“my neighbour”" in text
    assert "Not answered." in text
    answered = WORDS | {"sanitise-seen": "1", asked.because.html_name: "The shop is called so."}
    response = unlocked.post(address(tip, "sanitise"), answered, follow=True)
    assert "Not answered." not in response.content.decode()
    assert 'value="The shop is called so."' in response.content.decode()


def test_own_words_say_what_is_barred_and_what_is_quoted(unlocked, send):
    tip = send(TIP, contact="details", contact_details="07700 900123")
    words = WORDS | {"sanitise-text": "07700900123: a grey van comes to the garages."}
    page = unlocked.post(address(tip, "sanitise"), words, follow=True).content.decode()
    assert "Take it out: no reason lets it stay." in page
    assert "<li>“a grey van comes to the garages”</li>" in page


def test_own_words_that_are_refused_keep_everything_that_was_typed(unlocked, tip):
    unlocked.post(address(tip, "sanitise"), WORDS)
    (asked,) = panel(unlocked.get(address(tip)), "own_words")["questions"]
    typed = {
        "sanitise-text": "By my neighbour, too.",
        "sanitise-removed": "Who saw it.",
        "sanitise-contact": "Ring me.",
        asked.because.html_name: "It may.",
    }
    response = unlocked.post(address(tip, "sanitise"), typed | {"sanitise-seen": "0"})
    assert "A colleague has saved another version meanwhile." in response.content.decode()
    shown = panel(response, "own_words")
    assert values(shown["form"], "text", "removed", "contact") == {
        "text": "By my neighbour, too.",
        "removed": "Who saw it.",
        "contact": "Ring me.",
    }
    assert [question.because.value() for question in shown["questions"]] == ["It may."]


def test_own_words_of_a_desk_that_locks_meanwhile_stand_in_their_box_again(unlocked, tip, phrase):
    page = unlocked.get(address(tip))
    unlocked.post("/admin/lock/")
    press(unlocked, tip, "sanitise", on=page, sanitise__text="By my neighbour.")
    unlocked.post("/admin/unlock/", {"phrase": phrase})
    again = unlocked.get(address(tip))
    assert not Sanitised.objects.exists()
    assert panel(again, "own_words")["open"]
    press(unlocked, tip, "sanitise", on=again)
    assert Sanitised.objects.count() == 1


def test_locked_page_shows_counts_and_no_words(signed_in, tip, officer, keys):
    grading.grade(tip=tip, **GRADE, seen=0, by=officer)
    words = {"text": "Words of ours.", "removed": "", "contact": "", "stays": {}}
    own_words.sanitise(tip=tip, **words, seen=0, by=officer, keys=keys)
    page = signed_in.get(address(tip)).content.decode()
    assert "1 version, sealed" in page
    assert "Words of ours." not in page
    assert "landlord" not in page


def test_versions_that_do_not_open_say_so_and_the_rest_of_the_tip_shows(unlocked, tip):
    press(unlocked, tip, **GRADE)
    unlocked.post(address(tip, "sanitise"), WORDS)
    for model in (Grading, Sanitised):
        model.objects.update(sealed=b"rubbish")
    page = unlocked.get(address(tip)).content.decode()
    assert page.count("This does not open, or does not belong here. Tell a lead.") == 2
    assert TIP in page


def test_own_words_need_their_right(tip):
    reader = make_user("rita")
    assert sign_in(reader).post(address(tip, "sanitise"), WORDS).status_code == 403


def test_page_is_wired(unlocked, tip):
    unlocked.post(address(tip, "sanitise"), WORDS)
    page = press(unlocked, tip, **GRADE | {"handling": "P"}).content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    named = re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page)
    assert {name for names in named for name in names.split()} <= set(ids)
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(ids)
