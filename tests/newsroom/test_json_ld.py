import json
import re

import pytest

from newsroom import json_ld
from newsroom.models import Article, Image
from tests.newsroom.articles import make_article, make_correction, make_whole

pytestmark = pytest.mark.django_db

SITE = "https://news.example.org"
NEEDED = {
    "@context", "@type", "headline", "description", "url", "mainEntityOfPage", "inLanguage", "isAccessibleForFree",
    "articleSection", "contentLocation", "author", "publisher", "datePublished", "dateModified", "image",
}  # fmt: skip


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_ORIGIN = SITE


def read(client, slug="a-story"):
    """Return the data of an article's page."""
    html = client.get(f"/news/{slug}/").content.decode()
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(script)


def test_article_has_what_search_engines_need(client):
    make_whole("a-story")
    data = read(client)
    assert data.keys() == NEEDED | {"correction"}
    assert (data["@context"], data["@type"]) == ("https://schema.org", "NewsArticle")
    assert (data["headline"], data["url"]) == ("Headline of a-story", f"{SITE}/news/a-story/")
    assert data["datePublished"] == "2024-03-01T11:00:00+00:00"
    assert data["dateModified"] == "2024-03-01T11:30:00+00:00"
    assert data["author"] == {
        "@type": "Person",
        "name": "Sam Example",
        "url": f"{SITE}/authors/sam-example/",
    }
    assert data["publisher"]["correctionsPolicy"] == f"{SITE}/about/corrections/"
    assert data["contentLocation"] == [{"@type": "Place", "name": "Olney, Milton Keynes"}]
    assert data["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "Not nine, but ten.",
            "datePublished": "2024-03-01T11:30:00+00:00",
        }
    ]


def test_article_of_the_newsroom_has_an_organisation_for_its_author(client):
    make_article()
    data = read(client)
    assert data.keys() == NEEDED
    assert data["author"] == {"@type": "Organization", "name": "Newsroom", "url": f"{SITE}/"}
    assert data["contentLocation"] == [{"@type": "Place", "name": "Milton Keynes"}]
    ours = f"{SITE}/static/img/share.png"
    assert data["image"] == [{"@type": "ImageObject", "url": ours, "width": 1200, "height": 630}]
    for address in ("/news/a-story/", "/"):
        html = client.get(address).content.decode()
        assert re.findall(r'"og:image[:a-z]*" content="([^"]*)"', html)[:3] == [ours, "1200", "630"]


def test_article_shows_its_picture_to_machines(client):
    image = Image.objects.create(
        digest="ab" * 16, width=960, height=540, alt="A street", caption="Dusk.", credit="Us"
    )
    make_article(lead_image=image)
    src = f"{SITE}/media/images/{'ab' * 16}/960.jpg"
    assert read(client)["image"] == [
        {
            "@type": "ImageObject",
            "url": src,
            "width": 960,
            "height": 540,
            "caption": "Dusk.",
            "creditText": "Us",
        }
    ]
    for address in ("/news/a-story/", "/"):
        html = client.get(address).content.decode()
        assert f'<meta property="og:image" content="{src}">' in html
        assert '<meta property="og:image:alt" content="A street">' in html


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--", "&amp;", "\u2028", '"', "\\"]
)
def test_script_keeps_any_text_and_never_ends_its_element(client, text):
    article = make_article(headline=text, standfirst=text)
    make_correction(article, text=text)
    data = read(client)
    assert (data["headline"], data["correction"][0]["text"]) == (text, text)
    assert not re.search(r"[<>&\u2028\u2029]", json_ld.script({"text": text}))


def test_pages_name_their_own_address_and_kind(client):
    make_whole("a-story")
    for path, kind in (
        ("/news/a-story/", "article"),
        ("/", "website"),
        ("/topics/drug-supply/", "website"),
    ):
        html = client.get(path).content.decode()
        assert f'<link rel="canonical" href="{SITE}{path}">' in html
        assert f'<meta property="og:url" content="{SITE}{path}">' in html
        assert f'<meta property="og:type" content="{kind}">' in html
    assert Article.objects.count() == 1
