"""Every number that people are told to call is one of these, and stands beside the name of those who answer it."""

import re

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


def test_every_number_is_one_of_the_helplines() -> None:
    assert {name: wrong for name, text in (PAGES | CODE).items() if (wrong := wrong_numbers(text))} == {}


def test_adults_are_sent_to_the_nspcc_children_to_childline_and_nobody_by_the_clock() -> None:
    assert {name: wrong for name, text in PAGES.items() if (wrong := wrong_blocks(text))} == {}


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
