"""Plainly invented articles by the thousand, as files or as rows, the same for the same number."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

NEWEST = datetime(2026, 6, 1, 7, tzinfo=UTC)
TOPICS = ("Drug supply", "Burglary", "Fraud", "Vehicle crime", "Court", "Safety")
AREAS = (
    "bradwell",
    "olney",
    "wolverton",
    "stantonbury",
    "monkston",
    "bletchley-east",
    "campbell-park-and-old-woughton",
)
THINGS = (
    "lantern",
    "bicycle",
    "ladder",
    "parcel",
    "van",
    "garage",
    "shop",
    "bridge",
    "market",
    "window",
    "engine",
    "kiosk",
)
ACTS = ("was found", "went missing", "was returned", "was searched", "was closed", "was watched", "was repaired")
TEXT = (
    "the people of an invented street say that on this made up evening nobody saw how it happened and neighbours told"
    " officers who wrote down what was said about lamps doors cars dogs and times before morning came and it rained"
)
WORDS = TEXT.split()

SHEET = """---
slug: {slug}
headline: "{headline}"
standfirst: "{standfirst}"
byline: Invented newsroom
status: published
publish_at: {when}
topic: {topic}
areas: [{area}]
facts:
  - figure: "{figure}"
    text: things that never were
timeline:
  - stage: arrest
    date: {day}
    text: Nobody was held.
---
{body}
"""


def sheets(count: int) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of `count` article files, newest first, nine hours apart."""
    chance = random.Random(1)
    for number in range(count):
        when = NEWEST - number * timedelta(hours=9)
        thing, act = chance.choice(THINGS), chance.choice(ACTS)
        slug = f"invented-story-{number:05}"
        facts = {
            "slug": slug,
            "headline": f"Invented story {number}: a {thing} {act}",
            "standfirst": f"{_sentence(chance, 18)} {_sentence(chance, 8)}",
            "when": f"{when:%Y-%m-%d %H:%M}",
            "day": f"{when:%Y-%m-%d}",
            "topic": chance.choice(TOPICS),
            "area": chance.choice(AREAS),
            "figure": str(chance.randint(1, 99)),
            "body": "\n\n".join(" ".join(_sentence(chance, 16) for _ in range(4)) for _ in range(6)),
        }
        yield f"{slug}.md", SHEET.format(**facts)


def write(folder: Path, count: int) -> None:
    """Write `count` article files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sheets(count):
        (folder / name).write_text(text, encoding="utf-8")


def _sentence(chance: random.Random, words: int) -> str:
    """Return a sentence that means nothing."""
    return f"{' '.join(chance.choices(WORDS, k=words)).capitalize()}."
