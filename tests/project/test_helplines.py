"""Every number that people are told to call is one of the place's, and stands beside those who answer it."""

import re

from django.conf import settings

from core.place import read
from tests.settings import ROOT

EXAMPLE = read(ROOT / "seeds" / "place")
HELPLINES = {
    "emergency": ("999", "the emergency services"),
    "police": ("101", "the police"),
    "anonymous": ("0800 555 111", "Crimestoppers"),
    "child": ("0800 1111", "Childline"),
    "child_worry": ("0808 800 5000", "the NSPCC"),
    "home_abuse": ("0808 2000 247", "the National Domestic Abuse Helpline (England)"),
    "coping": ("116 123", "Samaritans"),
    "data": ("0303 123 1113", "the Information Commissioner’s Office (ICO)"),
}
RELAY = {"18000", "18001 101"}  # text relay, in an emergency and to the police
PRINTED = re.compile(r"(?<![\w+:])(0[378]\d\d(?: ?\d{2,4}){1,3}|1800[01](?: \d+)?)(?!\w)")
HOURS = re.compile(
    r"\b(?:at any time|24 hours|day and night|round the clock|\d ?[ap]m)\b", re.IGNORECASE
)
PAGES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").rglob("*.html"))]


def texts(number):
    return f"{number.who} {number.when} {number.more}"


def test_every_number_of_the_example_is_the_one_of_its_helpline():
    assert {name: (line.number, line.who) for name, line in EXAMPLE.numbers.items()} == HELPLINES
    printed = {
        number for line in EXAMPLE.numbers.values() for number in PRINTED.findall(texts(line))
    }
    assert printed == RELAY


def test_adults_are_sent_to_the_nspcc_children_to_childline_and_nobody_by_the_clock():
    child, worry = EXAMPLE.numbers["child"], EXAMPLE.numbers["child_worry"]
    assert "under 19" in child.when
    assert not re.search("adult|worried", texts(child))
    assert "adult" in worry.when
    assert [line for line in EXAMPLE.numbers.values() if HOURS.search(texts(line))] == []


def test_every_number_is_printed_somewhere():
    told = "".join(PAGES)
    assert "for name, number in place.numbers.items" in told
    named = {name for name in HELPLINES if re.search(rf"place\.numbers\.{name}\b", told)}
    assert named >= {"emergency", "police", "anonymous", "child", "coping", "data"}


def test_messages_may_name_the_same_lines_by_the_same_numbers():
    public = settings.PLACE.public_names
    for number, who in HELPLINES.values():
        assert public[who.removeprefix("the ")] == number
