"""Draws the picture that a shared link shows: a headline on our ground, by the light of the masthead's lamp. Pure."""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from newsroom.imaging import font

WIDTH, HEIGHT = 1200, 630  # pixels, as networks show shared links
SIDE = 84  # left and right of the text
TOP, FOOT = 214, 104  # above the headline, and below it
SIZES = (76, 68, 60, 52, 46, 40)  # font sizes of a headline; the largest that fits is used
LEADING = 1.2
NIGHT, INK, SOFT, LAMP, LIGHT, GLOW = "#101a2b", "#f6f1e6", "#c9c6bd", "#ffb52e", "#2d2b27", "#5a4a2c"
COLOURS = 96
SMOOTH = 2  # shapes are drawn larger and scaled down: Pillow does not smooth their edges


def drawn(*, site: str, kicker: str, headline: str, note: str) -> bytes:
    """Return a PNG of 1200 by 630 pixels: the site, then a line in amber, the headline, and a note at the foot."""
    picture = _ground().copy()
    draw = ImageDraw.Draw(picture)

    def write(at: tuple[float, float], text: str, size: int, colour: str) -> None:
        draw.text(at, text, font=_font(size), fill=colour, stroke_width=int(size >= SIZES[-1]))

    write((SIDE + 62, 60), _cut(site, 34, WIDTH - 3 * SIDE), 34, INK)
    write((SIDE, 150), _cut(kicker, 32), 32, LAMP)
    size, lines = _fitting(headline)
    for number, line in enumerate(lines):
        write((SIDE, TOP + round(number * size * LEADING)), line, size, INK)
    write((SIDE, HEIGHT - 78), _cut(note, 28), 28, SOFT)
    return _png(picture.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE))


@cache
def _ground() -> Image.Image:
    """Return the ground of every picture."""
    picture = Image.new("RGB", (WIDTH * SMOOTH, HEIGHT * SMOOTH), NIGHT)
    draw = ImageDraw.Draw(picture)
    draw.polygon(((1890, 0), (2130, 0), (2400, 900), (2400, 1260), (1500, 1260)), fill=LIGHT)
    draw.polygon(((1930, 0), (2090, 0), (2140, 84), (1880, 84)), fill=LAMP)
    draw.rectangle((0, 1236, 2400, 1260), fill=LAMP)
    _draw_lamp(draw, left=SIDE * SMOOTH, top=96, unit=2.8)
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


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
