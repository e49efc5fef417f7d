"""The panels for what may leave the desk: grading and our own words, on a page that keeps what was typed."""

import re

import pytest

from reports.domain.handover import grading, own_words
from reports.models import Grading, Sanitised, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

TIP = "A grey van comes to the garages every night at nine."
GRADE = {"source": "2", "information": "C", "handling": "C", "conditions": "Not to the landlord.", "seen": "0"}
WORDS = {"text": "By my neighbour.", "removed": "", "contact": "", "seen": "0"}


def address(tip: Tip, act: str = "change") -> str:
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def values(form, *names: str) -> dict:
    return {name: form[name].value() for name in names}


def panel(response, name: str) -> dict:
    found = [one for side in ("main", "side") for one in response.context[side] if one["template"].endswith(name)]
    return found[0]


@pytest.fixture
def tip(send) -> Tip:
    return send(TIP, source="saw")


def test_grading_panel_is_labelled_suggested_and_has_the_senders_how_beside_the_letter(unlocked, tip):
    page = unlocked.get(address(tip)).content.decode()
    assert "Suggested grading" in page
    assert "We are no intelligence unit" in page or "we are no intelligence unit" in page
    assert "The sender says: “I saw or heard it myself”. First hand: the sender knows it directly." in page
    assert '<option value="2" selected>2 Untested</option>' in page
    assert '<option value="" selected>Not decided yet</option>' in page
    form = panel(unlocked.get(address(tip)), "_grading.html")["form"]
    assert values(form, "source", "information", "handling", "conditions") == {
        "source": "2",
        "information": "",
        "handling": "",
        "conditions": "",
    }


def test_grade_is_saved_and_shown(unlocked, tip):
    response = unlocked.post(address(tip, "grade"), GRADE, follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert said[-1] == f"{tip.reference}: the suggested grading is saved."
    page = response.content.decode()
    assert '<b class="grade">2</b><b class="grade">C</b><b class="grade">C</b>' in page
    assert "Not to the landlord." in page
    assert "suggested a grading (version 1)" in page


def test_grade_that_is_refused_keeps_what_was_typed(unlocked, tip):
    response = unlocked.post(address(tip, "grade"), GRADE | {"handling": "P"})
    assert "Conditions go with handling code C." in response.content.decode()
    form = panel(response, "_grading.html")["form"]
    assert values(form, "source", "information", "handling", "conditions") == {
        "source": "2",
        "information": "C",
        "handling": "P",
        "conditions": "Not to the landlord.",
    }
    assert not Grading.objects.exists()


def test_grade_of_a_desk_that_locks_meanwhile_is_not_lost(unlocked, tip):
    unlocked.get(address(tip))
    unlocked.post("/admin/lock/")
    unlocked.post(address(tip, "grade"), GRADE)
    assert Grading.objects.count() == 1
    assert "1 version, sealed." in unlocked.get(address(tip)).content.decode()


def test_number_that_was_tampered_with_counts_as_none_seen(unlocked, tip):
    for seen in ("", "x", "9" * 40):
        unlocked.post(address(tip, "grade"), GRADE | {"seen": seen})
    assert Grading.objects.count() == 1


def test_own_words_stand_beside_the_original_and_say_what_is_asked(unlocked, tip):
    response = unlocked.post(address(tip, "sanitise"), WORDS, follow=True)
    (asked,) = panel(response, "_sanitised.html")["questions"]
    text = response.content.decode()
    assert (
        text.index('class="original"')
        < text.index(TIP, text.index('class="original"'))
        < text.index('id="sanitise_text"')
    )
    assert "“my neighbour”" in text
    assert "Not answered." in text
    answered = WORDS | {"seen": "1", asked.because.html_name: "The shop is called so."}
    response = unlocked.post(address(tip, "sanitise"), answered, follow=True)
    assert "Not answered." not in response.content.decode()
    assert 'value="The shop is called so."' in response.content.decode()


def test_own_words_say_what_is_barred_and_what_is_quoted(unlocked, send):
    tip = send(TIP, contact="details", contact_details="07700 900123")
    words = WORDS | {"text": "07700900123: a grey van comes to the garages."}
    page = unlocked.post(address(tip, "sanitise"), words, follow=True).content.decode()
    assert "Take it out: no reason lets it stay." in page
    assert "<li>“a grey van comes to the garages”</li>" in page


def test_own_words_that_are_refused_keep_everything_that_was_typed(unlocked, tip):
    unlocked.post(address(tip, "sanitise"), WORDS)
    (asked,) = panel(unlocked.get(address(tip)), "_sanitised.html")["questions"]
    typed = {
        "text": "By my neighbour, too.",
        "removed": "Who saw it.",
        "contact": "Ring me.",
        asked.because.html_name: "It may.",
    }
    response = unlocked.post(address(tip, "sanitise"), typed | {"seen": "0"})
    assert "A colleague has saved another version meanwhile." in response.content.decode()
    shown = panel(response, "_sanitised.html")
    assert values(shown["form"], "text", "removed", "contact") == {
        "text": "By my neighbour, too.",
        "removed": "Who saw it.",
        "contact": "Ring me.",
    }
    assert [question.because.value() for question in shown["questions"]] == ["It may."]


def test_own_words_of_a_desk_that_locks_meanwhile_are_asked_for_the_phrase_and_not_lost(unlocked, tip, phrase):
    unlocked.get(address(tip))
    unlocked.post("/admin/lock/")
    response = unlocked.post(address(tip, "sanitise"), WORDS)
    page = response.content.decode()
    assert "The desk has locked. Nothing is lost." in page
    assert '<input type="hidden" name="text" value="By my neighbour.">' in page
    assert not Sanitised.objects.exists()
    unlocked.post(address(tip, "sanitise"), WORDS | {"phrase": phrase})
    assert Sanitised.objects.count() == 1


def test_locked_page_shows_counts_and_no_words(signed_in, tip, officer, keys):
    chosen = {name: value for name, value in GRADE.items() if name != "seen"}
    grading.grade(tip=tip, **chosen, seen=0, by=officer)
    words = {"text": "Words of ours.", "removed": "", "contact": "", "stays": {}}
    own_words.sanitise(tip=tip, **words, seen=0, by=officer, keys=keys)
    page = signed_in.get(address(tip)).content.decode()
    assert page.count("1 version, sealed") == 2
    assert "Words of ours." not in page
    assert "landlord" not in page


def test_versions_that_do_not_open_say_so_and_the_rest_of_the_tip_shows(unlocked, tip):
    unlocked.post(address(tip, "grade"), GRADE)
    unlocked.post(address(tip, "sanitise"), WORDS)
    for model in (Grading, Sanitised):
        model.objects.update(sealed=b"rubbish")
    page = unlocked.get(address(tip)).content.decode()
    assert page.count("This does not open, or does not belong here. Tell a lead.") == 2
    assert TIP in page


@pytest.mark.parametrize("act", ["grade", "sanitise"])
def test_acts_need_their_right(tip, act):
    reader = make_user("rita")
    assert sign_in(reader).post(address(tip, act), GRADE | WORDS).status_code == 403


def test_page_is_wired(unlocked, tip):
    unlocked.post(address(tip, "sanitise"), WORDS)
    page = unlocked.post(address(tip, "grade"), GRADE | {"handling": "P"}).content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    named = re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page)
    assert {name for names in named for name in names.split()} <= set(ids)
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= set(ids)
