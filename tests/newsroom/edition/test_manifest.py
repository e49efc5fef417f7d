from pathlib import Path

import pytest

from newsroom.edition.manifest import NAME, Entry, Manifest

PAGE = Entry("pages/index.html", "ab" * 32, 1_709_294_400)
WHOLE = Manifest(
    number=1_709_294_400_123,
    next=1_709_294_500.5,
    at=1_709_294_400.1,
    code="0123",
    version=(7, 9, "abc"),
    pages={"/": PAGE},
    gone={"/news/a-mistake/": Entry("gone/news/a-mistake.html", "cd" * 32, 1)},
    moved={"/news/old/": "/news/new/"},
)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    WHOLE.write(tmp_path)
    assert Manifest.read(tmp_path) == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_made_is_the_second_of_its_number() -> None:
    assert WHOLE.made == 1_709_294_400.123


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"number": 1, "pages": {"/": [1]}, "gone": {}}'])
def test_a_damaged_manifest_is_an_error_that_the_shelf_knows(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises((ValueError, KeyError, TypeError)):
        Manifest.read(tmp_path)
