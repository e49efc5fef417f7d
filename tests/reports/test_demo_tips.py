"""The demonstration tips are invented, and say so; and they answer the questions that the form asks."""

import re
from pathlib import Path

import frontmatter
import pytest

from reports import questions
from reports.management import demo

ROOT = Path(__file__).resolve().parent.parent.parent
TIPS = sorted((ROOT / "seeds" / "tips").glob("*.md"))
APPEALS = {
    frontmatter.load(str(path))["appeal"]["key"]
    for path in (ROOT / "seeds" / "place" / "articles").glob("*.md")
}
NAMES = {question.name for question in questions.FIELDS}
# Numbers that Ofcom keeps for drama, and the shapes of numbers at large.
DRAMA = re.compile(r"\b(07700 900\d{3}|01632 960\d{3})\b")
PHONE = re.compile(r"\+?\d[\d ]{8,}\d")
# Letters that no British plate carries where these have them: I, Q and Z in the first two.
PLATE = re.compile(r"\b[a-z]{2}[ -]?\d{2}[ -]?[a-z]{3}\b", re.IGNORECASE)
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")


@pytest.fixture(params=TIPS, ids=lambda path: path.stem)
def post(request):
    return frontmatter.load(str(request.param))


def words(post):
    return "\n".join([post.content, *map(str, post["answers"].values())])


def test_each_says_that_it_is_invented(post):
    assert post["invented"].startswith("Invented for the demonstration.")
    assert set(post.metadata) <= {"invented", "note", "photo", "answers"}


def test_each_answers_only_what_the_form_asks(post):
    assert post.content
    assert "what" not in post["answers"]
    assert set(post["answers"]) <= NAMES | {"appeal"}
    for name, value in post["answers"].items():
        if name in questions.CHOICES:
            assert value in dict(questions.CHOICES[name])
        elif name == "under_18":
            assert value is True
        else:
            assert isinstance(value, str)
            assert 0 < len(value) <= questions.LONGEST


def test_the_demonstration_asks_only_senders_who_let_it():
    asked = (
        TIPS[0].name,
        demo.SAME_CAR[1],
    )  # the receipt that it prints, and the sender whom its summary would ask
    for name in asked:
        assert frontmatter.load(str(demo.TIPS / name))["answers"]["contact"] in {
            "receipt",
            "details",
        }
    assert (
        frontmatter.load(str(demo.TIPS / demo.SAME_CAR[0]))["answers"]["contact"] == "none"
    )  # the control


def test_each_appeal_is_that_of_a_seeded_story(post):
    assert post["answers"].get("appeal", next(iter(APPEALS))) in APPEALS


def test_no_telephone_number_plate_or_postcode_can_be_a_real_one(post):
    text = words(post)
    assert PHONE.findall(DRAMA.sub("", text)) == []
    for plate in PLATE.findall(text):
        letters, year = plate[:2].upper(), re.sub(r"\D", "", plate)
        assert (
            set(letters) & set("IQZ") or year == "99"
        )  # none begins so; none says 99 before September 2049
    assert all(code.startswith("MK99 ") for code in POSTCODE.findall(text))
    assert all(
        host.endswith(("example.org", "example.com"))
        for host in re.findall(r"[@/]([\w.]+\.\w+)", text)
    )
