"""Wrap text into lines of a width. Pure."""

from collections.abc import Callable, Iterator


def wrapped(text: str, *, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Yield the lines of `text`, each at most `width` by `measure`; only a word wider than that is cut."""
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if measure(longer) <= width:
                line = longer
                continue
            if line:
                yield line
            *whole, line = _cut(word, width, measure)
            yield from whole
        yield line


def _cut(word: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Cut a word into pieces that fit; each has one letter at least."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and measure(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
