"""The front page with one story, a few and many: news first, then who reads what people send."""

import re

import pytest

from newsroom.domain.article_page import FRONT_ARTICLES
from newsroom.models import Image
from tests.newsroom.articles import HOUR, NOON, make_area, make_article

pytestmark = pytest.mark.django_db

BAND = ["Does it help?", "Who reads it?", "Who finds out?"]


def headings(html):
    """Return the headings below the strapline, in their order."""
    main = html[html.index("<main") : html.index("</main>")]
    found = re.findall(r"<h[23][^>]*>(.*?)</h[23]>", main, flags=re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", "", heading).split()) for heading in found]


def make_stories(count):
    """Create so many stories, the newest first, each in an area and with a picture."""
    image = Image.objects.create(
        digest="0" * 32, width=800, height=600, alt="A van.", caption="A van.", credit="Us"
    )
    for number in range(1, count + 1):
        article = make_article(f"story-{number}", publish_at=NOON - number * HOUR, lead_image=image)
        article.areas.add(make_area())


@pytest.mark.parametrize("count", [1, 5, 30])
def test_the_news_stands_before_who_reads_and_at_most_four_headlines_follow(client, count):
    make_stories(count)
    html = client.get("/").text
    shown = headings(html)
    news = [f"Headline of story-{number}" for number in range(1, count + 1)][: FRONT_ARTICLES + 1]
    assert [heading for heading in shown if heading in news] == news
    band = shown.index(BAND[0])
    assert shown[band : band + 3] == BAND
    assert all(shown.index(headline) < band for headline in news)


@pytest.mark.parametrize(("count", "has_many"), [(1, False), (5, False), (6, True), (30, True)])
def test_small_pictures_and_areas_begin_with_the_sixth_story(client, count, has_many):
    make_stories(count)
    html = client.get("/").text
    assert html.count('class="with-picture"') == (FRONT_ARTICLES if has_many else 0)
    assert ("News by area" in headings(html)) is has_many
    assert ('href="/areas/olney/"' in html.partition('id="areas"')[2]) is has_many
