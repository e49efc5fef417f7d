"""The questions of a tip and their choices, defined once for the form, the check page and the desk."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from reports import consent_words

type Text = str | Promise

LONGEST = 5_000  # characters of any answer but the first
LONGEST_WHAT = 100_000  # characters of the first


class Question(NamedTuple):
    """One question: its field's name, its label, its group, a hint, the shape of its answer, and what that holds.

    A typed answer holds "facts"; "names" (any word may be somebody's name: a message to the sender repeats none);
    "sellers" (the same, and numbers that are never the sender's own); or "contact" (how the sender may be reached:
    shown after "Reveal" alone, in no digest, and never warned about). The tests of this file say where else a question
    is known by its name.
    """

    name: str
    label: Text
    group: str
    hint: Text = ""
    shape: str = "line"  # "box" (several lines, in the sender's own words), "line", "short", "choice", "list" or "tick"
    holds: str = ""  # of a typed answer; a ticked one holds nothing that anybody wrote


GROUPS: Mapping[str, Text] = {
    "first": gettext_lazy("What you know"),
    "kind": gettext_lazy("What it is about"),
    "where": gettext_lazy("Where it happens"),
    "when": gettext_lazy("When and how often"),
    "who": gettext_lazy("People, cars and phone numbers"),
    "dangers": gettext_lazy("Weapons, dogs, people who could be hurt"),
    "you": gettext_lazy("How you know, and whether we may contact you"),
    "police": gettext_lazy("What we may tell the police"),
}

FIELDS: tuple[Question, ...] = (
    Question(
        "what",
        gettext_lazy("What do you know?"),
        "first",
        gettext_lazy(
            "Say what you saw or heard. One sentence is enough. Leave out anything that shows who you are."
        ),
        "box",
        "facts",
    ),
    Question(
        "danger",
        gettext_lazy("Could someone be badly hurt, or is a child in danger?"),
        "first",
        format_lazy(
            gettext_lazy("If it is happening now, call {emergency} first."),
            **settings.PLACE.numbers,
        ),
        "choice",
    ),
    Question("under_18", consent_words.TICK, "first", consent_words.UNDER_18, "tick"),
    Question("kind", gettext_lazy("What is it about?"), "kind", shape="choice"),
    Question(
        "place",
        gettext_lazy("Address, or how to find it"),
        "where",
        holds="facts",
    ),
    Question(
        "area",
        gettext_lazy("Area"),
        "where",
        shape="list",
    ),
    Question(
        "postcode",
        gettext_lazy("Postcode"),
        "where",
        gettext_lazy("Of that place, not of your home. Part of it helps too."),
        "short",
        "facts",
    ),
    Question(
        "when",
        gettext_lazy("When does it happen, and when was the last time?"),
        "when",
        gettext_lazy("For example, most nights after 10pm. For the last time, a week is enough."),
        "box",
        "facts",
    ),
    Question("ongoing", gettext_lazy("Is it still happening?"), "when", shape="choice"),
    Question(
        "people",
        gettext_lazy("Who is involved?"),
        "who",
        gettext_lazy(
            "Names, nicknames, looks and clothes. Someone’s race, money or way of life is not a sign of dealing."
        ),
        "box",
        "names",
    ),
    Question(
        "vehicles",
        gettext_lazy("Cars, vans or bikes"),
        "who",
        gettext_lazy("Number plate, make and colour. Part of a number plate helps."),
        holds="facts",
    ),
    Question(
        "numbers",
        gettext_lazy("Phone numbers or usernames they use to sell drugs"),
        "who",
        gettext_lazy("Never your own."),
        holds="sellers",
    ),
    Question(
        "dangers",
        gettext_lazy("What could hurt someone who goes there?"),
        "dangers",
        gettext_lazy(
            "Also tell us if a child, or anyone who is ill or being used, could be there."
        ),
        "box",
        "facts",
    ),
    Question(
        "source",
        gettext_lazy("How do you know?"),
        "you",
        consent_words.SENTENCES["how_known"],
        "choice",
    ),
    Question(
        "guessable",
        gettext_lazy("Could the people you tell us about guess that it was you?"),
        "you",
        gettext_lazy("If only a few people could know this, choose Yes."),
        "choice",
    ),
    Question(
        "contact",
        gettext_lazy("May we ask you more?"),
        "you",
        gettext_lazy(
            "We phone or email you only if you choose that. If you do not answer, we may leave a question that you see "
            "only with your seven words. If you choose No, we do that only if you could be in danger, or if you write "
            "again."
        ),
        "choice",
    ),
    Question(
        "contact_details",
        gettext_lazy("How can we reach you?"),
        "you",
        gettext_lazy("A phone number or an email address."),
        holds="contact",
    ),
    Question(
        "contact_safe",
        gettext_lazy("When and how is it safe to contact you?"),
        "you",
        gettext_lazy("For example, only by text message, on weekdays after 6pm."),
        holds="contact",
    ),
    Question(
        "police",
        consent_words.SENTENCES["question"],
        "police",
        consent_words.SILENCE,
        "choice",
    ),
)

YES_NO: tuple[tuple[str, Text], ...] = (
    ("yes", gettext_lazy("Yes")),
    ("no", gettext_lazy("No")),
    ("unsure", gettext_lazy("Not sure")),
)
CHOICES: Mapping[str, tuple[tuple[str, Text], ...]] = {
    "danger": YES_NO,
    "kind": (
        ("street", gettext_lazy("Dealing in the street or a car park")),
        ("home", gettext_lazy("Dealing from a home or a shop")),
        ("cuckooing", gettext_lazy("Someone’s home has been taken over")),
        ("children", gettext_lazy("Children are being used, or sent to other places")),
        ("growing", gettext_lazy("Growing or making drugs")),
        ("deliveries", gettext_lazy("Deliveries or drop-offs")),
        ("other", gettext_lazy("Something else")),
    ),
    "area": tuple((area.slug, area.name) for area in settings.PLACE.areas),
    "ongoing": YES_NO,
    "source": (
        ("saw", gettext_lazy("I saw or heard it myself")),
        ("told", gettext_lazy("Someone who was there told me")),
        ("people_say", gettext_lazy("People are saying it")),
        ("worked_out", gettext_lazy("I worked it out")),
        ("rather_not", gettext_lazy("I would rather not say")),
    ),
    "guessable": YES_NO,
    "contact": (
        ("none", gettext_lazy("No")),
        ("receipt", gettext_lazy("Yes, but only with the seven words that I will get")),
        ("details", gettext_lazy("Yes, with the details that I write here")),
    ),
    "police": (
        ("yes", gettext_lazy("Yes")),
        ("words", gettext_lazy("Yes, but your team must put it in other words")),
        ("no", gettext_lazy("No")),
    ),
}


# The areas that take new tips, and their estates, in one list by name, as residents look for them. An estate counts as
# its area.
def _places() -> Iterator[tuple[str, str]]:
    for area in settings.PLACE.areas:
        if area.closed:
            continue
        yield area.slug, area.name
        for number, estate in enumerate(area.estates, 1):
            if estate != area.name:
                yield f"{area.slug}/{number}", f"{estate} ({area.name})"


PLACES: tuple[tuple[str, str], ...] = tuple(sorted(_places(), key=itemgetter(1)))

# How somebody writes shows in their boxes: a referral quotes none of them. Lines hold facts, such as addresses and
# plates.
OWN_WORDS = tuple(question.name for question in FIELDS if question.shape == "box")

SEARCHABLE = tuple(question.name for question in FIELDS if question.holds not in ("", "contact"))
CONTACT_DETAILS = tuple(question.name for question in FIELDS if question.holds == "contact")
SELLERS = tuple(question.name for question in FIELDS if question.holds == "sellers")
NAMES = tuple(question.name for question in FIELDS if question.holds in ("names", "sellers"))

_QUESTIONS = {question.name: question for question in FIELDS}
_LABELS = {name: dict(choices) for name, choices in CHOICES.items()} | {
    "area": dict(CHOICES["area"]) | dict(PLACES)
}


def names() -> tuple[str, ...]:
    """Return the name of every field, in the form's order."""
    return tuple(_QUESTIONS)


def question(name: str) -> Question:
    """Return the question of a field. Raises KeyError for an unknown name."""
    return _QUESTIONS[name]


def label(field: str, value: Any) -> str:
    """Return an answer for display: a choice's label, "Yes" for a tick, text as it was typed.

    Not lazily: Django's lists would look a lazy label up five times.
    """
    if field not in _LABELS and isinstance(value, bool):
        return str(gettext_lazy("Yes") if value else gettext_lazy("No"))
    return str(_LABELS.get(field, {}).get(str(value), value))


def in_reading_order(answers: Mapping[str, Any]) -> list[tuple[Question, str]]:
    """Return (question, answer for display) for each question answered, in the form's order."""
    in_order = []
    for question in FIELDS:
        answer = answers.get(question.name)
        if answer:
            in_order.append((question, label(question.name, answer)))
    return in_order


class AnswerSection(NamedTuple):
    """One group of the check page: each of its questions, and its answer for display, "" without one."""

    key: str
    title: Text
    rows: list[tuple[Question, str]]


def sections(answers: Mapping[str, Any]) -> dict[str, list[AnswerSection]]:
    """Return the groups with an answer, as `given`, and the others, as `left_out`."""
    given = list[AnswerSection]()
    left_out = list[AnswerSection]()
    for key, title in GROUPS.items():
        rows = list[tuple[Question, str]]()
        has_answer = False
        for one in FIELDS:
            if one.group == key:
                answer = answers.get(one.name)
                rows.append((one, label(one.name, answer) if answer else ""))
                has_answer = has_answer or bool(answer)
        section = AnswerSection(key, title, rows)
        if has_answer:
            given.append(section)
        else:
            left_out.append(section)
    return {"given": given, "left_out": left_out}
