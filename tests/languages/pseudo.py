"""A language that nobody speaks: each text in brackets, its letters changed, what is filled in kept."""

import re

OPEN, CLOSE = "⟦", "⟧"
LETTERS = str.maketrans("AEIOUaeioucnsy", "ÂÊÎÔÛâêîôûçñšý")
FILLED = re.compile(
    r"%\(\w+\)[sd]|%[sd%]|\{[\w.]*\}|<[^>]*>|&#?\w+;"
)  # parts, mark-up and entities stay as they are


def strange(text):
    """Return a text in the language that nobody speaks."""
    kept = FILLED.findall(text)
    plain = [part.translate(LETTERS) for part in FILLED.split(text)]
    return (
        OPEN
        + "".join(part for pair in zip(plain, [*kept, ""], strict=True) for part in pair)
        + CLOSE
    )


# What Django asks for the translation of a text, by name.
FUNCTIONS = {
    "gettext": lambda text: strange(text) if text else "",
    "pgettext": lambda _context, text: strange(text),
    "ngettext": lambda one, many, number: strange(one if number == 1 else many),
    "npgettext": lambda _context, one, many, number: strange(one if number == 1 else many),
}
