"""Where the file of an address lies in an edition."""

import pytest

from newsroom.edition import paths


@pytest.mark.parametrize(
    ("address", "extension", "file"),
    [
        ("/", "html", "index.html"),
        ("/news/a-story/", "html", "news/a-story/index.html"),
        ("/feed/", "atom", "feed/index.atom"),
        ("/robots.txt", "html", "robots.txt"),
        ("/.well-known/security.txt", "html", ".well-known/security.txt"),
        ("/sitemap.xml", "html", "sitemap.xml"),
    ],
)
def test_a_public_address_has_a_file_with_its_true_extension(address, extension, file):
    assert paths.file_for(address, extension) == file


@pytest.mark.parametrize(
    "address",
    [
        *(
            "/report/",
            "/static/x.txt",
            "/../secret_key/",
            "/news/../../desk/",
            "/news/./",
            "//x/",
            "news/",
            "/news",
        ),
        *("/news/index.html", "/robots.txt.gz", "/news/?page=2", "/news/\n", "/news/Großes/", ""),
        *(f"/news/{long}/" for long in ("a" * 201, "/".join("a" * 600))),
    ],
)
def test_any_other_address_has_none(address):
    assert paths.file_for(address, "html") is None
