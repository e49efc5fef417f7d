"""Every number that people are told to call is one of these, and stands beside the name of those who answer it."""

import re

import pytest

from reports.text import public_names
from tests.project.test_shape import ROOT, sources

HELPLINES = {
    "999": "the police, an ambulance or the fire brigade, in an emergency",
    "101": "the police, when it is not urgent",
    "18000": "text relay, in an emergency",
    "18001101": "text relay to the police",
    "0800555111": "Crimestoppers",
    "08001111": "Childline",
    "08088005000": "NSPCC",
    "08082000247": "National Domestic Abuse Helpline",
}
OTHERS = {"03031231113": "the Information Commissioner"}
LISTED = "public_names.py"  # which numbers a message to a sender may name: more than we print
LINK = re.compile(r"<a href=[\"']?tel:(\d+)[\"']?>([^<]*)</a>")
PRINTED = re.compile(r"(?<![\w+:])(0[378]\d\d(?: ?\d{2,4}){1,3}|1800[01](?: \d+)?)(?!\w)")
BLOCK = re.compile(r"<(li|p|td)\b[^>]*>(.*?)</\1>", re.DOTALL)
HOURS = re.compile(r"\b(?:at any time|24 hours|day and night|round the clock|\d ?[ap]m)\b", re.IGNORECASE)
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "templates").rglob("*.*"))
    if path.suffix in (".html", ".txt")
}
CODE = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sources("reports", "newsroom")
    if path.name != LISTED
}


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def wrong_numbers(text: str) -> list[str]:
    """Return the numbers of a text that are nobody's whom we name, and the links that call another than they print."""
    links = LINK.findall(text)
    called = [*(number for number, _ in links), *(digits(number) for number in PRINTED.findall(text))]
    return [number for number in called if number not in HELPLINES | OTHERS] + [
        number for number, printed in links if digits(printed) != number
    ]


def wrong_blocks(text: str) -> list[str]:
    """Return the paragraphs that send somebody to a line that is not theirs, or that print its hours."""
    blocks = [" ".join(block.split()) for _, block in BLOCK.findall(text)]
    return [
        block
        for block in blocks
        if ("tel:08001111" in block and not re.search(r"[Uu]nder 19", block))
        or ("tel:08001111" in block and re.search(r"adult|worried", block))
        or (re.search(r"worried about (?:a|one|the) child", block) and "tel:08088005000" not in block)
        or ("tel:08088005000" in block and "adult" not in block)
        or ("tel:" in block and HOURS.search(block))
    ]


@pytest.mark.parametrize("name", [*PAGES, *CODE])
def test_every_number_is_one_of_the_helplines(name: str) -> None:
    assert wrong_numbers((PAGES | CODE)[name]) == []


@pytest.mark.parametrize("name", PAGES)
def test_adults_are_sent_to_the_nspcc_children_to_childline_and_nobody_by_the_clock(name: str) -> None:
    assert wrong_blocks(PAGES[name]) == []


def test_every_helpline_is_printed_somewhere() -> None:
    told = "".join(PAGES.values())
    assert [number for number in HELPLINES if number not in {digits(one) for one in PRINTED.findall(told)}] == [
        "999",
        "101",
    ]
    assert {number for number, _ in LINK.findall(told)} == set(HELPLINES) - {"18000", "18001101"} | set(OTHERS)


def test_messages_may_name_the_same_lines_by_the_same_numbers() -> None:
    named = {name: digits(number) for name, number in public_names.HELPLINES.items()}
    ours = {name: number for number, name in HELPLINES.items() if name in named}
    assert {name: named[name] for name in ours} == ours
    assert len(ours) == 4


def test_a_wrong_number_and_a_wrong_line_are_found() -> None:
    assert wrong_numbers('<a href="tel:0800555112">0800 555 111</a>') == ["0800555112"] * 2
    assert wrong_numbers("Call 0808 800 5001, or 18002 on the phone.") == ["08088005001"]
    assert wrong_numbers("Call 18001 999.") == ["18001999"]
    assert wrong_numbers("Call 0800 1111, 18000 or 18001 101.") == []
    childline, nspcc = '<a href="tel:08001111">0800 1111</a>', '<a href="tel:08088005000">0808 800 5000</a>'
    for wrong in (
        f"You are a child, or worried about one: Childline, {childline}.",
        f"Under 19, or an adult who is worried: {childline}",
        f"An adult who is worried about a child: call {childline}",
        "If you are worried about a child, call 101.",
        f"Worried? The NSPCC: {nspcc}",
        f"Under 19? Childline, at any time: {childline}",
    ):
        assert wrong_blocks(f"<p>{wrong}</p>") == [wrong]
    assert (
        wrong_blocks(f"<li>You are under 19: {childline}</li><p>An adult who is worried about a child: {nspcc}</p>")
        == []
    )
