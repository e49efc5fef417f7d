"""Sections, months, corrections, search, and what stands at addresses that articles have left."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from newsroom.domain import search
from newsroom.models import Redirect
from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_area,
    make_article,
    make_author,
    make_correction,
    make_whole,
)
from tests.newsroom.test_views import get

pytestmark = pytest.mark.django_db

LISTS = ("/news/2024/03/", "/topics/drug-supply/", "/areas/olney/", "/authors/sam-example/")


def headlines(html):
    return re.findall(r'class="headline-link" href="/news/([^/]+)/"', html)


@pytest.mark.parametrize("path", LISTS)
def test_lists_turn_their_pages(client, path):
    for number in range(25):
        article = make_article(
            f"story-{number:02}", publish_at=NOON - (number + 1) * HOUR / 4, author=make_author()
        )
        article.areas.add(make_area())
    newest, older, oldest = get(client, path), get(client, f"{path}2/"), get(client, f"{path}3/")
    shown = [*headlines(newest), *headlines(older), *headlines(oldest)]
    assert shown == [f"story-{number:02}" for number in range(25)]
    assert f'rel="next" href="{path}2/"' in newest
    assert 'rel="prev"' not in newest
    assert f'rel="prev" href="{path}"' in older
    assert f'rel="next" href="{path}3/"' in older
    assert f'rel="prev" href="{path}2/"' in oldest
    assert 'rel="next"' not in oldest


@pytest.mark.parametrize("path", [*(f"{path}{number}/" for path in LISTS for number in (1, 2)),
    "/topics/x/", "/areas/bradwell/", "/authors/x/",
    "/news/2024/02/", "/news/2024/3/", "/news/2024/13/", "/news/02024/03/", "/news/2024/03/01/",
    "/about/corrections/1/", "/topics/drug-supply/0/", "/news/unknown/", "/news/2024/"])  # fmt: skip
def test_what_is_not_there_is_404(client, path):
    make_whole("a-story")
    assert client.get(path).status_code == 404


def test_article_shows_its_corrections_before_its_text(client):
    article = make_article(body="The text.")
    make_correction(article)
    html = " ".join(get(client, "/news/a-story/").split())
    assert html.index("<b>1 March 2024</b></time>: Not nine, but ten.") < html.index("The text.")
    assert '<h2 id="put-right"> Correction </h2>' in html


def test_withdrawn_article_answers_410_with_a_sentence_and_nothing_of_the_article(
    client,
):
    article = make_article(status="withdrawn", withdrawn_at=NOON, withdrawn_note="A court <order>.")
    Redirect.objects.create(old_slug="before", article=article)
    for path in ("/news/a-story/", "/news/before/"):
        response = client.get(path)
        assert response.status_code == 410
        html = response.content.decode()
        assert "A court &lt;order&gt;." in html
        assert "We withdrew it on 1 March 2024." in html
        assert article.headline not in html


@pytest.mark.parametrize(
    "path", ["/", "/news/a-story/", "/news/", "/topics/drug-supply/", "/sitemap.xml", "/robots.txt"]
)
def test_pages_answer_304_until_they_change(client, path):
    article = make_whole("a-story")
    first = client.get(path)
    assert first["Cache-Control"] == "no-cache"
    headers = {"If-None-Match": first["ETag"]}
    assert client.get(path, headers=headers).status_code == 304
    article.headline, article.updated_at = "Another", NOON
    article.save()
    assert client.get(path, headers=headers).status_code == (304 if path == "/robots.txt" else 200)


def find(client, query):
    response = client.get("/search/", {"q": query})
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert "ETag" not in response
    return response.content.decode()


def test_search_shows_what_was_found(client):
    search.reindex(
        article=make_article(headline="A lantern <b>", body="Ten **lanterns** were found.")
    )
    html = find(client, "lantern")
    assert "A <mark>lantern</mark> &lt;b&gt;" in html
    assert "Ten <mark>lanterns</mark> were found." in html
    assert "1 story" in html


@pytest.mark.parametrize(
    "query", ["foo-bar's \"x", "x" * 1000, "<script>alert(1)</script>", "%", "x\x00"]
)
def test_search_without_a_hit_is_kind(client, query):
    make_whole("a-story")
    html = find(client, query)
    assert "We found no stories" in html
    assert "<script>" not in html


@pytest.mark.parametrize("query", ["", "   ", "\x00"])
def test_search_without_a_word_asks_for_one(client, query):
    assert "Type one or two words" in find(client, query)
    assert "We found no stories" not in find(client, query)


def test_robots_names_the_sitemaps_and_keeps_the_rooms_of_tips_to_themselves(
    client,
):
    text = get(client, "/robots.txt")
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml\n" in text
    assert "Sitemap: http://127.0.0.1:8000/news-sitemap.xml\n" in text
    assert "Disallow: /search/\n" in text


def test_security_txt_says_whom_to_write_to_and_expires_within_a_year(client, settings):
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "safe&sound@example.org"
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields.keys() == {"Contact", "Expires", "Preferred-Languages", "Canonical"}
    assert fields["Contact"] == "mailto:safe&sound@example.org"
    left = datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert timedelta(days=120) < left < timedelta(days=365)
