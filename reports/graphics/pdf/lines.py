"""Folding text to a measure. Pure."""

from collections.abc import Callable, Iterator


def folded(text: str, *, width: float, wide: Callable[[str], float]) -> Iterator[str]:
    """Yield the lines of `text`, none wider than `width` as `wide` measures; only a word that is too wide is cut."""
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if wide(longer) <= width:
                line = longer
                continue
            if line:
                yield line
            *whole, line = _cut(word, width, wide)
            yield from whole
        yield line


def _cut(word: str, width: float, wide: Callable[[str], float]) -> list[str]:
    """Cut a word into pieces that fit; each has one letter at least."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and wide(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
