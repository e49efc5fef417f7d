"""The questions of a tip and their choices, defined once for the form, the check page and the desk."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

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
    "first": _("What you know"),
    "kind": _("What it is about"),
    "where": _("Where it happens"),
    "when": _("When and how often"),
    "who": _("People, cars and phone numbers"),
    "dangers": _("Weapons, dogs, or people who could be hurt there"),
    "you": _("How you know, and if we may ask you more"),
    "police": _("What we may tell the police"),
}

FIELDS: tuple[Question, ...] = (
    Question(
        "what",
        _("What do you know?"),
        "first",
        _("Say what you saw or heard. One sentence is enough. Leave out anything that shows who you are."),
        "box",
        "facts",
    ),
    Question(
        "danger",
        _("Could someone be badly hurt, or is a child in danger?"),
        "first",
        format_lazy(_("If it is happening now, call {emergency} first."), **settings.PLACE.numbers),
        "choice",
    ),
    Question("under_18", consent_words.TICK, "first", consent_words.UNDER_18, "tick"),
    Question("kind", _("What is it about?"), "kind", shape="choice"),
    Question(
        "place",
        _("Address, or how to find it"),
        "where",
        _("For example, the garages behind the shops."),
        holds="facts",
    ),
    Question(
        "area",
        _("Area"),
        "where",
        _("Choose the estate or village by its name. If you are not sure, leave this empty."),
        "list",
    ),
    Question(
        "postcode",
        _("Postcode"),
        "where",
        _("Of that place, not of your home. Part of it helps too."),
        "short",
        "facts",
    ),
    Question(
        "when",
        _("When does it happen, and how often?"),
        "when",
        _("For example, most nights after 10pm a car stops for two minutes, then drives off."),
        "box",
        "facts",
    ),
    Question("ongoing", _("Is it still happening?"), "when", shape="choice"),
    Question(
        "people",
        _("Who is involved?"),
        "who",
        _(
            "Names, nicknames, what they look like and what they wear. "
            "Someone’s race, money or way of life is not a sign of dealing."
        ),
        "box",
        "names",
    ),
    Question(
        "vehicles",
        _("Cars, vans or bikes"),
        "who",
        _("Number plate, make and colour. Part of a number plate helps."),
        holds="facts",
    ),
    Question(
        "numbers", _("Phone numbers or usernames they use to sell drugs"), "who", _("Never your own."), holds="sellers"
    ),
    Question(
        "dangers",
        _("What could hurt someone who goes there?"),
        "dangers",
        _("Weapons or dogs. Also tell us if children, or anyone who is ill or being used, could be there."),
        "box",
        "facts",
    ),
    Question("source", _("How do you know?"), "you", shape="choice"),
    Question(
        "guessable",
        _("Could the people you tell us about guess that it was you?"),
        "you",
        _("If only a few people could know this, choose Yes. We will take more care with it."),
        "choice",
    ),
    Question(
        "contact",
        _("May we ask you more?"),
        "you",
        _(
            "You do not have to. If you choose No, we will not ask you anything until you write to us again. If you do "
            "not answer, we may leave a question that you can see only with your seven words. We phone or email you "
            "only if you choose that. If you could be in danger, we may still write to you."
        ),
        "choice",
    ),
    Question(
        "contact_details",
        _("How can we reach you?"),
        "you",
        _("A phone number or an email address. If you leave this empty, we will not have your details."),
        holds="contact",
    ),
    Question(
        "contact_safe",
        _("When and how is it safe to contact you?"),
        "you",
        _("For example, only by text message, on weekdays after 6pm."),
        holds="contact",
    ),
    Question(
        "police",
        consent_words.SENTENCES["question"],
        "police",
        consent_words.SENTENCES["skipped"],
        "choice",
    ),
)

YES_NO: tuple[tuple[str, Text], ...] = (("yes", _("Yes")), ("no", _("No")), ("unsure", _("Not sure")))
CHOICES: Mapping[str, tuple[tuple[str, Text], ...]] = {
    "danger": YES_NO,
    "kind": (
        ("street", _("Dealing in the street or a car park")),
        ("home", _("Dealing from a home or a shop")),
        ("cuckooing", _("Someone’s home has been taken over")),
        ("children", _("Children are being used, or sent to other places")),
        ("growing", _("Growing or making drugs")),
        ("deliveries", _("Deliveries or drop-offs")),
        ("other", _("Something else")),
    ),
    "area": tuple((area.slug, area.name) for area in settings.PLACE.areas),
    "ongoing": YES_NO,
    "source": (
        ("saw", _("I saw or heard it myself")),
        ("told", _("Someone who was there told me")),
        ("people_say", _("People are saying it")),
        ("worked_out", _("I worked it out")),
        ("rather_not", _("I would rather not say")),
    ),
    "guessable": YES_NO,
    "contact": (
        ("none", _("No")),
        ("receipt", _("Yes, but only with the seven words that I will get")),
        ("details", _("Yes, with the details that I write here")),
    ),
    "police": (
        ("yes", _("Yes")),
        ("words", _("Yes, but your team must put it in other words")),
        ("no", _("No")),
    ),
}

# The areas that take new tips, and their estates, in one list by name, as residents look for them. An estate counts as
# its area.
PLACES: tuple[tuple[str, str], ...] = tuple(
    sorted(
        (
            (f"{area.slug}/{number}" if number else area.slug, f"{name} ({area.name})" if number else name)
            for area in settings.PLACE.areas
            if not area.closed
            for number, name in enumerate((area.name, *area.estates))
            if not number or name != area.name
        ),
        key=itemgetter(1),
    )
)

# How somebody writes shows in their boxes: a referral quotes none of them. Lines hold facts, such as addresses and
# plates.
OWN_WORDS = tuple(question.name for question in FIELDS if question.shape == "box")

SEARCHABLE = tuple(question.name for question in FIELDS if question.holds not in ("", "contact"))
CONTACT_DETAILS = tuple(question.name for question in FIELDS if question.holds == "contact")
SELLERS = tuple(question.name for question in FIELDS if question.holds == "sellers")
NAMES = tuple(question.name for question in FIELDS if question.holds in ("names", "sellers"))

_QUESTIONS = {question.name: question for question in FIELDS}
_LABELS = {name: dict(choices) for name, choices in CHOICES.items()} | {"area": dict(CHOICES["area"]) | dict(PLACES)}


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
        return str(_("Yes") if value else _("No"))
    return str(_LABELS.get(field, {}).get(str(value), value))


def in_reading_order(answers: Mapping[str, Any]) -> list[tuple[Question, str]]:
    """Return (question, answer for display) for each question answered, in the form's order."""
    return [
        (question, label(question.name, answers[question.name])) for question in FIELDS if answers.get(question.name)
    ]


class AnswerSection(NamedTuple):
    """One group of the check page: each of its questions, and its answer for display, "" without one."""

    key: str
    title: Text
    rows: list[tuple[Question, str]]


def sections(answers: Mapping[str, Any]) -> dict[str, list[AnswerSection]]:
    """Return the groups with an answer, as `given`, and the others, as `left_out`."""
    given, left_out = list[AnswerSection](), list[AnswerSection]()
    for key, title in GROUPS.items():
        questions = [question for question in FIELDS if question.group == key]
        rows = [(one, label(one.name, answers[one.name]) if answers.get(one.name) else "") for one in questions]
        (given if any(answer for _question, answer in rows) else left_out).append(AnswerSection(key, title, rows))
    return {"given": given, "left_out": left_out}
