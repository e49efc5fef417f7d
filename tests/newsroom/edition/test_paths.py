"""Where the file of an address lies in an edition."""

import pytest

from newsroom.edition import paths


@pytest.mark.parametrize(
    ("address", "extension", "file"),
    [
        ("/", "html", "index.html"),
        ("/news/", "html", "news.html"),
        ("/news/?page=2", "html", "news.page-2.html"),
        ("/news/a-story/", "html", "news/a-story.html"),
        ("/feed/", "atom", "feed.atom"),
        ("/news/a-story/picture/", "png", "news/a-story/picture.png"),
        ("/robots.txt", "txt", "robots.txt"),
        ("/.well-known/security.txt", "txt", ".well-known/security.txt"),
    ],
)
def test_a_public_address_has_a_file_with_its_true_extension(address: str, extension: str, file: str) -> None:
    assert paths.file_for(address, extension) == file


@pytest.mark.parametrize(
    ("address", "extension"),
    [
        ("/report/", "html"),
        ("/static/css/site.css", "txt"),
        ("/index/", "html"),
        ("/../secret_key/", "html"),
        ("/news/../../desk/", "html"),
        ("//x/", "html"),
        ("news/", "html"),
        ("/news", "html"),
        ("/news/", "xml"),
        ("/robots.txt?page=2", "txt"),
        ("/news/?page=0", "html"),
        ("/news/?q=x", "html"),
        ("/news/\n", "html"),
        ("/news/Großes/", "html"),
    ],
)
def test_any_other_address_has_none(address: str, extension: str) -> None:
    with pytest.raises(paths.BadAddress):
        paths.file_for(address, extension)


def test_the_longest_slug_of_ours_has_room() -> None:
    assert paths.file_for(f"/news/{'a' * 120}/picture/", "png").endswith("/picture.png")
    for long in ("a" * 201, "/".join("a" * 600)):
        with pytest.raises(paths.BadAddress):
            paths.file_for(f"/news/{long}/", "html")
