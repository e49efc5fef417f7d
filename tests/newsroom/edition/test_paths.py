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
        ("/topics/drug-supply/feed/", "atom", "topics/drug-supply/feed.atom"),
        ("/sitemap.xml", "xml", "sitemap.xml"),
        ("/robots.txt", "txt", "robots.txt"),
        ("/outcomes.csv", "csv", "outcomes.csv"),
        ("/outcomes.json", "json", "outcomes.json"),
        ("/.well-known/security.txt", "txt", ".well-known/security.txt"),
    ],
)
def test_a_public_address_has_a_file_with_its_true_extension(address: str, extension: str, file: str) -> None:
    assert paths.file_for(address, extension) == file


@pytest.mark.parametrize(
    ("address", "extension"),
    [
        ("/report/", "html"),
        ("/report/check/", "html"),
        ("/mailbox/", "html"),
        ("/search/", "html"),
        ("/admin/", "html"),
        ("/static/css/site.css", "txt"),
        ("/index/", "html"),
        ("/../secret_key/", "html"),
        ("/news/../../desk/", "html"),
        ("/news/./x/", "html"),
        ("//x/", "html"),
        ("news/", "html"),
        ("", "html"),
        ("/news", "html"),
        ("/news.html", "html"),
        ("/news/", "xml"),
        ("/news/", ""),
        ("/robots.txt", "xml"),
        ("/robots.txt?page=2", "txt"),
        ("/news/?page=0", "html"),
        ("/news/?page=02", "html"),
        ("/news/?q=x", "html"),
        ("/news/\n", "html"),
        ("/news/Großes/", "html"),
    ],
)
def test_any_other_address_has_none(address: str, extension: str) -> None:
    with pytest.raises(paths.BadAddress):
        paths.file_for(address, extension)


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", "/news/"),
        ("page=2", "/news/?page=2"),
        ("utm_source=x", "/news/"),
        ("utm_source=x&page=2&fbclid=y", "/news/?page=2"),
        ("page=2&page=3", "/news/?page=2"),
        ("page=1", "/news/"),
        ("page=", "/news/"),
        ("page=last", "/news/?page=last"),
        ("homepage=2", "/news/"),
    ],
)
def test_only_the_page_of_a_query_counts(query: str, address: str) -> None:
    assert paths.address("/news/", query) == address
