"""The form of a tip: lenient, nothing lost, and plain about the little that it refuses."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from PIL import Image

from reports import questions
from reports.domain.intake import photos
from reports.forms import PhotoForm, TipForm

NEEDED = "Tell us what you know, even in one sentence"
TEXTS = [asked.name for asked in questions.FIELDS if asked.shape in ("box", "line", "short")]


def answered(**typed: str) -> dict[str, object]:
    """Return the answers of a form that must be valid."""
    form = TipForm({"what": "A van", **typed})
    assert form.errors == {}
    return form.answers


def test_tip_needs_one_answer_only() -> None:
    assert [name for name, field in TipForm().fields.items() if field.required] == ["what"]
    assert answered() == {"what": "A van"}


@pytest.mark.parametrize("nothing", ["", " ", "\r\n\t", "\u200b\u200d\ufeff", "\u202e\u2066", "\0", "\u3000\u00ad"])
def test_tip_without_words_that_can_be_seen_is_asked_for_some(nothing: str) -> None:
    form = TipForm({"what": nothing, "place": "By the bridge"})
    assert form.errors == {"what": [NEEDED]}
    assert form["place"].value() == "By the bridge"


def test_tip_keeps_any_script() -> None:
    text = "🚗 👩‍👩‍👧 سیارة رمادية کسی بھی zero\u200bwidth\u200djoined \u202eturned\n\n<script>x</script> & 'q' ??"
    assert answered(what=text)["what"] == text


def test_tip_makes_line_ends_one_kind_and_drops_nuls() -> None:
    assert answered(what=" a\r\nb\rc\0d \n")["what"] == "a\nb\ncd"


def test_tip_of_a_longer_text_says_how_much_longer() -> None:
    form = TipForm({"what": "x" * 100_001})
    message = "“What do you know?” is too long: 100,001 characters. Please shorten it to 100,000."
    assert form.errors == {"what": [message]}
    assert form["what"].value() == "x" * 100_001


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "what"])
def test_tip_limits_every_other_text(name: str) -> None:
    assert answered(**{name: "é" * 5_000})[name] == "é" * 5_000
    form = TipForm({"what": "A van", name: "é" * 5_001})
    message = f"“{questions.question(name).label}” is too long: 5,001 characters. Please shorten it to 5,000."
    assert form.errors == {name: [message]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mk63ab", "MK6 3AB"),
        (" MK6-3AB ", "MK6 3AB"),
        ("m k 9 3 a b", "MK9 3AB"),
        ("sw1a1aa", "SW1A 1AA"),
        ("MK6", "MK6"),
        ("somewhere in mk6", "somewhere in mk6"),
        ("12345", "12345"),
        ("☎ none", "☎ none"),
        ("", None),
    ],
)
def test_tip_takes_any_postcode(typed: str, kept: str | None) -> None:
    assert answered(postcode=typed).get("postcode") == kept


@pytest.mark.parametrize("name", list(questions.CHOICES))
def test_tip_takes_each_choice_and_no_other(name: str) -> None:
    for value, _ in questions.CHOICES[name]:
        assert answered(**{name: value})[name] == value
    assert name not in answered(**{name: "a choice of last month"})


@pytest.mark.parametrize(("typed", "given"), [("on", True), ("True", True), ("", None)])
def test_tip_under_18(typed: str, given: bool | None) -> None:
    assert answered(under_18=typed).get("under_18") is given


@pytest.mark.parametrize("name", TEXTS)
def test_tip_texts_are_not_remembered_corrected_or_sent_away_by_the_browser(name: str) -> None:
    attrs = TipForm()[name].field.widget.attrs
    wanted = {"autocomplete": "off", "spellcheck": "false", "autocorrect": "off", "writingsuggestions": "false"}
    assert {key: attrs[key] for key in wanted} == wanted
    assert "maxlength" not in attrs


def picture(colour: str = "red") -> SimpleUploadedFile:
    """Return a small PNG as a browser would send it."""
    out = BytesIO()
    Image.new("RGB", (4, 4), colour).save(out, "PNG")
    return SimpleUploadedFile(f"{colour}.png", out.getvalue())


def photo_form(*files: SimpleUploadedFile, welcome: bool = True) -> PhotoForm:
    """Return a checked form with these files."""
    form = PhotoForm({}, MultiValueDict({"photos": list(files)}), welcome=welcome)
    form.is_valid()
    return form


def test_photos_that_are_bad_have_each_their_sentence_and_the_good_ones_stay() -> None:
    text = SimpleUploadedFile("notes.txt", b"not a picture")
    huge = SimpleUploadedFile("huge.jpg", b"\xff" * (photos.MAX_BYTES + 1))
    form = photo_form(text, picture(), huge)
    assert form.errors == {
        "photos": [
            f"notes.txt: {photos.REFUSALS['not-a-picture']}",
            f"huge.jpg: {photos.TOO_LARGE}" % {"size": "8.0\xa0MB"},
        ]
    }
    assert len(form.pictures) == 1


def test_photos_above_five_are_named() -> None:
    form = photo_form(*(picture(colour) for colour in ("red", "blue", "green", "black", "white", "gold", "pink")))
    assert form.errors == {
        "photos": [
            f"{name}.png: you can send only five pictures at a time. Send this one next." for name in ("gold", "pink")
        ]
    }
    assert [Image.open(BytesIO(rebuilt)).format for rebuilt in form.pictures] == ["JPEG"] * 5
    assert photo_form().errors == {"photos": ["Choose a picture first"]}
