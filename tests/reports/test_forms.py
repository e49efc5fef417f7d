"""The form of a tip: lenient, nothing lost, and plain about the little that it refuses."""

import pytest

from reports import questions
from reports.forms import TipForm

NEEDED = "Tell us what you know, even in one sentence"
TEXTS = [asked.name for asked in questions.FIELDS if asked.shape in ("box", "line", "short")]


def answered(**typed):
    """Return the answers of a form that must be valid."""
    form = TipForm({"what": "A van", **typed})
    assert form.errors == {}
    return form.answers


def test_tip_needs_one_answer_only():
    assert [name for name, field in TipForm().fields.items() if field.required] == ["what"]
    assert answered() == {"what": "A van"}


@pytest.mark.parametrize(
    "nothing", ["", " ", "\r\n\t", "\u200b\u200d\ufeff", "\u202e\u2066", "\0", "\u3000\u00ad"]
)
def test_tip_without_words_that_can_be_seen_is_asked_for_some(nothing):
    form = TipForm({"what": nothing, "place": "By the bridge"})
    assert form.errors == {"what": [NEEDED]}
    assert form["place"].value() == "By the bridge"


def test_tip_keeps_any_script():
    text = "🚗 👩‍👩‍👧 سیارة رمادية کسی بھی zero\u200bwidth\u200djoined \u202eturned\n\n<script>x</script> & 'q' ??"
    assert answered(what=text)["what"] == text


def test_tip_makes_line_ends_one_kind_and_drops_nuls():
    assert answered(what=" a\r\nb\rc\0d \n")["what"] == "a\nb\ncd"


def test_tip_of_a_longer_text_says_how_much_longer():
    form = TipForm({"what": "x" * 100_001})
    message = "“What do you know?” is too long: 100,001 characters. Please shorten it to 100,000."
    assert form.errors == {"what": [message]}
    assert form["what"].value() == "x" * 100_001


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "what"])
def test_tip_limits_every_other_text(name):
    assert answered(**{name: "é" * 5_000})[name] == "é" * 5_000
    form = TipForm({"what": "A van", name: "é" * 5_001})
    message = f"“{questions.question(name).label}” is too long: 5,001 characters. Please shorten it to 5,000."
    assert form.errors == {name: [message]}


@pytest.mark.parametrize("name", list(questions.CHOICES))
def test_tip_takes_each_choice_and_no_other(name):
    details = {"contact_details": "07700 900123"} if name == "contact" else {}
    for value, _ in questions.CHOICES[name]:
        assert answered(**{name: value} | details)[name] == value
    assert name not in answered(**{name: "a choice of last month"})


@pytest.mark.parametrize("empty", ["", "  ", "\u200b"])
def test_who_wants_to_be_reached_with_details_is_asked_for_them(empty):
    form = TipForm({"what": "A van", "contact": "details", "contact_details": empty})
    assert form.errors == {
        "contact_details": ["Write a phone number or an email address, or choose another answer"]
    }
    for contact in ("none", "receipt", ""):
        assert answered(contact=contact, contact_details=empty).get("contact_details") is None
    long = TipForm({"what": "A van", "contact": "details", "contact_details": "x" * 5_001})
    assert len(long.errors["contact_details"]) == 1


@pytest.mark.parametrize(("typed", "given"), [("on", True), ("True", True), ("", None)])
def test_tip_under_18(typed, given):
    assert answered(under_18=typed).get("under_18") is given


@pytest.mark.parametrize("name", TEXTS)
def test_tip_texts_are_not_remembered_corrected_or_sent_away_by_the_browser(name):
    attrs = TipForm()[name].field.widget.attrs
    wanted = {
        "autocomplete": "off",
        "spellcheck": "false",
        "autocorrect": "off",
        "writingsuggestions": "false",
    }
    assert {key: attrs[key] for key in wanted} == wanted
    assert "maxlength" not in attrs
