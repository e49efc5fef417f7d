"""Draws the picture that a shared link shows: a headline on our ground, by the light of the masthead's lamp. Pure.

`python -m newsroom.imaging.share_picture static/img` draws the two files there that come from here.
"""

import io
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

from newsroom.imaging import font

WIDTH, HEIGHT = 1200, 630  # pixels, as networks show shared links
SIDE = 84  # left and right of the text
TOP, FOOT = 214, 104  # above the headline, and below it
SIZES = (76, 68, 60, 52, 46, 40)  # font sizes of a headline; the largest that fits is used
LEADING = 1.2
NIGHT, INK, SOFT, LAMP, LIGHT, GLOW = "#101a2b", "#f6f1e6", "#c9c6bd", "#ffb52e", "#2d2b27", "#5a4a2c"
GROUND, LEVELS = 64, 16  # colours of the ground, and steps from it to a colour of the text
TOUCH_ICON = 180  # pixels
SMOOTH = 2  # shapes are drawn larger and scaled down: Pillow does not smooth their edges

type Line = tuple[tuple[int, int], str, int]  # where a line of text begins, its text and its font size


def drawn(*, site: str, kicker: str, headline: str, note: str) -> bytes:
    """Return a PNG of 1200 by 630 pixels: the site, then a line in amber, the headline, and a note at the foot."""
    indices = _ground()[0].copy()
    size, lines = _fitting(headline)
    rows = [((SIDE, TOP + round(number * size * LEADING)), line, size) for number, line in enumerate(lines)]
    _write(indices, 0, [((SIDE + 62, 60), _cut(site, 34, WIDTH - 3 * SIDE), 34), *rows])
    _write(indices, 1, [((SIDE, 150), _cut(kicker, 32), 32)])
    _write(indices, 2, [((SIDE, HEIGHT - 78), _cut(note, 28), 28)])
    indices.putpalette(_ground()[1])
    return _png(indices)


def touch_icon() -> bytes:
    """Return the icon of a phone's home screen, as a PNG."""
    large = TOUCH_ICON * SMOOTH
    picture = Image.new("RGB", (large, large), NIGHT)
    _draw_lamp(ImageDraw.Draw(picture), left=large * 0.18, top=large * 0.12, unit=large / 48)
    return _png(picture.resize((TOUCH_ICON, TOUCH_ICON), Image.Resampling.LANCZOS))


def _write(indices: Image.Image, colour: int, lines: Iterable[Line]) -> None:
    """Write lines in one of the three colours of text: as indices of the palette, which is quicker than in colours."""
    layer = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(layer)
    for at, text, size in lines:
        draw.text(at, text, font=_font(size), fill=255, stroke_width=int(size >= SIZES[-1]))
    first = GROUND + colour * LEVELS
    covered = layer.point([255 * (value >= 256 // LEVELS) for value in range(256)])
    indices.paste(layer.point([first + value * LEVELS // 256 for value in range(256)]), mask=covered)


@cache
def _ground() -> tuple[Image.Image, list[int]]:
    """Return the ground of every picture as indices, and the palette: the ground's colours, then those of the text."""
    picture = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), NIGHT)
    draw = ImageDraw.Draw(picture)
    draw.polygon(((1890, 0), (2130, 0), (2400, 900), (2400, 1260), (1500, 1260)), fill=LIGHT)
    draw.polygon(((1930, 0), (2090, 0), (2140, 84), (1880, 84)), fill=LAMP)
    draw.rectangle((0, 1236, 2400, 1260), fill=LAMP)
    _draw_lamp(draw, left=SIDE * SMOOTH, top=96, unit=2.8)
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).quantize(GROUND, dither=Image.Dither.NONE)
    palette = [*(small.getpalette() or []), *[0] * (3 * GROUND)][: 3 * GROUND]
    night = ImageColor.getrgb(NIGHT)
    for name in (INK, LAMP, SOFT):
        for level in range(LEVELS):
            share = level / (LEVELS - 1)
            palette += [round(n + (c - n) * share) for n, c in zip(night, ImageColor.getrgb(name), strict=True)]
    return Image.frombytes("L", small.size, small.tobytes()), palette


def _draw_lamp(draw: ImageDraw.ImageDraw, *, left: float, top: float, unit: float) -> None:
    """Draw the masthead's lamp, which is 32 by 36 units."""

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(left + x * unit, top + y * unit) for x, y in points]

    draw.polygon(at((16.5, 10), (26.5, 10), (32, 35), (11, 35)), fill=GLOW)
    draw.line(at((6, 35), (6, 10)), fill=INK, width=round(2.6 * unit))
    draw.arc([*at((4.7, 1.7))[0], *at((21.3, 18.3))[0]], 180, 270, fill=INK, width=round(2.6 * unit))
    draw.line(at((13, 3), (18, 3)), fill=INK, width=round(2.6 * unit))
    draw.polygon(at((17, 2), (25, 2), (27.4, 4.2), (29, 10), (14.6, 10)), fill=LAMP)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font.PATH), size, layout_engine=ImageFont.Layout.BASIC)


def _fitting(headline: str) -> tuple[int, list[str]]:
    """Return the largest size at which the headline fits, and its lines; what does not fit at the smallest is cut."""
    for size in SIZES:
        lines = _lines(headline, size)
        room = int((HEIGHT - TOP - FOOT) / (size * LEADING))
        if len(lines) <= room and all(_cut(line, size) == line for line in lines):
            return size, lines
    return size, [_cut(line, size) for line in lines[:room]]


def _lines(text: str, size: int) -> list[str]:
    """Return the text in lines that are no wider than the picture's text, unless one word is."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size).getlength(longer) <= WIDTH - 2 * SIDE:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(text: str, size: int, width: int = WIDTH - 2 * SIDE) -> str:
    """Return the text, or as much of its beginning as fits, with an ellipsis."""
    if _font(size).getlength(text) <= width:
        return text
    while text and _font(size).getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _png(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=4)
    return data.getvalue()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    promise = "Local crime news, and a private way to tell what you know"
    (folder / "share.png").write_bytes(drawn(site="Streetlight", kicker="", headline=promise, note="No name needed"))
    (folder / "touch-icon.png").write_bytes(touch_icon())
