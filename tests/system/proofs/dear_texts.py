"""The texts that take longest to look through, of all that a search of ten thousand found."""

import json
from pathlib import Path

WORST = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="ascii"))


def long(unit):
    """Return 100,000 characters of it."""
    return (unit * (100_000 // len(unit) + 1))[:100_000]
