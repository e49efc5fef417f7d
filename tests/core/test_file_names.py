"""A name from elsewhere is joined to a folder in one place, which refuses what leads out of it."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.file_names import LONGEST, BadName, is_slug, placed
from newsroom.domain import images
from tests import hostile_names

ANYTHING = re.compile(r"[\s\S]*")


def test_a_name_is_placed_where_it_matches_whole():
    assert placed(Path("/a"), "480.jpg", images.NAME) == Path("/a/480.jpg")
    assert placed(Path("/a"), f"{'f' * 32}/480.webp", images.FILE) == Path(
        f"/a/{'f' * 32}/480.webp"
    )
    assert placed(Path("/a"), "a" * LONGEST, ANYTHING).parent == Path("/a")


@pytest.mark.parametrize("pattern", [images.NAME, images.DIGEST, images.FILE])
def test_no_hostile_name_is_placed(pattern):
    hostile = hostile_names.names(settings.MEDIA_ROOT / "images" / "draft")
    assert len(hostile) > 30
    for name in hostile:
        with pytest.raises(BadName) as refused:
            placed(settings.MEDIA_ROOT, name, pattern)
        assert str(refused.value) == "a name that no file of ours has"
    assert not any(map(is_slug, set(hostile) - {"to-the-desk"}))


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/x",
        "a/../x",
        "a/./x",
        "a//x",
        "..",
        ".",
        "",
        "x\0",
        "a/",
        "a" * (LONGEST + 1),
        "a/" * 600 + "a",
    ],
)
def test_even_a_pattern_that_allows_everything_leads_out_of_no_folder(name):
    with pytest.raises(BadName):
        placed(Path("/a"), name, ANYTHING)
