import io

import pytest
from PIL import Image

from newsroom.imaging import share_picture

WORDS = {"site": "Streetlight Anytown", "kicker": "Drug supply", "note": "1 March 2024"}


def opened(png: bytes) -> Image.Image:
    """Return the picture in colours."""
    return Image.open(io.BytesIO(png)).convert("RGB")


def inked(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the box around everything that is as light as the headline's ink."""
    return picture.convert("L").point([255 * (value > 225) for value in range(256)]).getbbox()


@pytest.mark.parametrize(
    "headline", ["Short", "Ten held over drug supply, three over immigration offences", "word " * 60, "X" * 140, ""]
)
def test_any_headline_stays_inside_the_picture(headline: str) -> None:
    picture = opened(share_picture.drawn(headline=headline, **WORDS))
    assert picture.size == (1200, 630)
    box = inked(picture)
    assert box is not None
    left, _top, right, bottom = box
    assert left >= share_picture.SIDE - 8
    assert right <= 1200 - share_picture.SIDE + 8
    assert bottom <= 630 - 90


@pytest.mark.parametrize("letter", ["£", "–", "’", "é", "ł", "ș", "Ж", "…"])
def test_the_font_has_the_letters_of_the_town(letter: str) -> None:
    unknown = share_picture.drawn(headline="\ue000", **WORDS)
    assert share_picture.drawn(headline=letter, **WORDS) != unknown
