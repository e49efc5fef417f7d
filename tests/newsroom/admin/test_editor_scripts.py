"""What the script of the editor's form asks for: the page beside the text, a draft, a picture; and the calendar."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from newsroom.models import Article, Image, KeyFact, Revision
from tests.newsroom.admin.desk import typed, typed_over
from tests.newsroom.articles import make_appeal, make_article, make_correction, make_whole
from tests.newsroom.domain.test_images import drawn
from tests.newsroom.editors import SOON, with_changes

pytestmark = pytest.mark.django_db
ROOM = "/admin/newsroom/article/"
ATTACH = "/admin/newsroom/image/attach/"
WORDS = {"alt": "A van", "caption": "A van.", "credit": "Us"}


def test_the_page_beside_the_text_is_that_of_readers_and_stores_nothing(ed: Client) -> None:
    article = make_whole("a-story")
    rows = {"facts-TOTAL_FORMS": "2", "facts-0-figure": "99", "facts-0-text": "vans", "facts-1-figure": "half a row"}
    sent = typed_over(article, headline="Better", body="**Bold** <b>not</b>", slug="taken", topic="", **rows)
    before = list(Article.objects.values()), list(KeyFact.objects.values())
    said = ed.post(f"{ROOM}{article.pk}/look/", sent).json()
    assert "<h1>Better</h1>" in said["page"]
    assert "<strong>Bold</strong> &lt;b&gt;not&lt;/b&gt;" in said["page"]
    assert ("99" in said["page"], "half a row" in said["page"], "Drug supply" in said["page"]) == (True, False, True)
    assert said["length"] == "2 words, 1 minute"
    assert "Better" in said["share"]
    assert (list(Article.objects.values()), list(KeyFact.objects.values()), Revision.objects.count()) == (*before, 0)


def test_a_new_story_is_begun_as_soon_as_it_can_be_kept(ed: Client) -> None:
    waits = ed.post(f"{ROOM}begin/", typed(headline="")).json()
    assert waits == {"wait": "It is kept once it has a headline, a byline and a topic."}
    begun = ed.post(f"{ROOM}begin/", typed(headline="Ten held")).json()
    article = Article.objects.get()
    assert (begun["address"], article.slug, article.status) == (f"{ROOM}{article.pk}/change/", "ten-held", "draft")
    keep = typed(headline="Ten held here", seen=begun["seen"], page="mine")
    assert ed.post(f"{ROOM}{article.pk}/keep/", keep).status_code == 200


def test_a_picture_gives_the_line_for_the_text(ed: Client) -> None:
    file = SimpleUploadedFile("van.png", drawn((1000, 500)), "image/png")
    answer = ed.post(ATTACH, WORDS | {"file": file})
    assert answer.json() == {"line": Image.objects.get().line}


def test_a_picture_without_what_it_shows_is_refused_by_name(ed: Client) -> None:
    file = SimpleUploadedFile("van.png", b"none", "image/png")
    assert ed.post(ATTACH, {"file": file}).json()["problems"].keys() == {"alt", "caption", "credit"}
    answer = ed.post(ATTACH, WORDS | {"file": SimpleUploadedFile("van.png", b"none", "image/png")})
    assert (answer.status_code, answer.json()) == (
        422,
        {"problems": {"file": ["This file is not a JPEG, PNG or WebP picture."]}},
    )
    assert Image.objects.count() == 0


def test_the_calendar_has_everything_that_comes_by_itself_by_day(ed: Client) -> None:
    now = timezone.now()
    story = make_article("scheduled", status="scheduled", publish_at=now + SOON)
    live = with_changes(make_article("live", publish_at=now - SOON), publish_at=now + 2 * SOON, scheduled_by="ed")
    make_correction(live, at=now + 3 * SOON)
    make_appeal(live, opens=now + 4 * SOON, closes=now + timedelta(days=3))
    make_article("draft", status="draft", publish_at=None)
    html = ed.get(f"{ROOM}scheduled/").content.decode()
    found = re.findall(r'<span class="chip">(.*?)</span>\s+<a href=".*?/(\d+)/change/"', html)
    kinds = ["Story", "Changes", "Correction", "Appeal opens", "Appeal closes"]
    assert found == list(zip(kinds, map(str, (story.pk, *[live.pk] * 4)), strict=True))
    assert len(re.findall(r'<section class="coming"', html)) >= 2
