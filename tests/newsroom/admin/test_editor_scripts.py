"""What the script of the editor's form asks for: the page beside the text, a draft, a picture."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from newsroom.models import Article, Image, KeyFact, Revision, Topic
from tests.newsroom.admin.desk import typed, typed_over
from tests.newsroom.articles import make_whole
from tests.newsroom.domain.test_images import picture

pytestmark = pytest.mark.django_db
ROOM = "/admin/newsroom/article/"
ATTACH = "/admin/newsroom/image/attach/"
WORDS = {"alt": "A van", "caption": "A van.", "credit": "Us"}


def test_the_page_beside_the_text_is_that_of_readers_and_stores_nothing(ed):
    article = make_whole("a-story")
    rows = {
        "facts-TOTAL_FORMS": "2",
        "facts-0-figure": "9,876",
        "facts-0-text": "vans",
        "facts-1-figure": "half a row",
    }
    sent = typed_over(
        article, headline="Better", body="**Bold** <b>not</b>", slug="taken", topic="", **rows
    )
    before = list(Article.objects.values()), list(KeyFact.objects.values())
    said = ed.post(f"{ROOM}{article.pk}/look/", sent).json()
    assert "<h1>Better</h1>" in said["page"]
    assert "<strong>Bold</strong> &lt;b&gt;not&lt;/b&gt;" in said["page"]
    assert (
        "9,876" in said["page"],
        "half a row" in said["page"],
        "Drug supply" in said["page"],
    ) == (True, False, True)
    assert said["length"] == "2 words, 1 minute"
    assert (
        list(Article.objects.values()),
        list(KeyFact.objects.values()),
        Revision.objects.count(),
    ) == (*before, 0)


def test_a_new_story_is_shown_from_its_first_word_and_stores_nothing(ed):
    first = typed(headline="", standfirst="", body="Eleven", byline="", topic="")
    said = ed.post(f"{ROOM}look/", first).json()
    assert "<p>Eleven</p>" in said["page"]
    assert said["length"] == "1 word, 1 minute"
    pictured = first | {"body": 'Eleven\n\n![A blue van](image:1 "The van. Us")'}
    assert ed.post(f"{ROOM}look/", pictured).json()["length"] == "1 word, 1 minute"
    rows = {"facts-TOTAL_FORMS": "1", "facts-0-figure": "9,876", "facts-0-text": "vans"}
    said = ed.post(f"{ROOM}look/", typed(headline="Ten held", **rows)).json()
    assert (
        "<h1>Ten held</h1>" in said["page"],
        "9,876" in said["page"],
        "Drug supply" in said["page"],
    ) == (True,) * 3
    assert (Article.objects.count(), Revision.objects.count(), list(Topic.objects.values_list("slug", flat=True))) == (
        0, 0, ["drug-supply"]
    )  # fmt: skip


def test_a_new_story_is_begun_as_soon_as_it_can_be_kept(ed):
    waits = ed.post(f"{ROOM}begin/", typed(headline="")).json()
    assert waits == {"wait": "We keep what you type once the story has a headline and a byline."}
    begun = ed.post(f"{ROOM}begin/", typed(headline="Ten held")).json()
    article = Article.objects.get()
    assert (begun["address"], article.slug, article.status) == (
        f"{ROOM}{article.pk}/change/",
        "ten-held",
        "draft",
    )
    keep = typed(headline="Ten held here", seen=begun["seen"], page="mine")
    assert ed.post(f"{ROOM}{article.pk}/keep/", keep).status_code == 200


def test_a_picture_gives_the_line_for_the_text(ed):
    file = SimpleUploadedFile("van.png", picture((1000, 500)), "image/png")
    answer = ed.post(ATTACH, WORDS | {"file": file})
    assert answer.json() == {"line": Image.objects.get().line}


def test_an_uploaded_picture_is_served_and_its_line_shown(ed):
    answer = ed.post(
        "/admin/newsroom/image/add/",
        WORDS | {"file": SimpleUploadedFile("x.jpg", picture((1000, 500)))},
    )
    image = Image.objects.get()
    assert answer["Location"] == f"/admin/newsroom/image/{image.pk}/change/"
    assert f"({image.picture.reference} " in ed.get(answer["Location"]).content.decode()
    served = Client().get(image.picture.src)
    assert (served["Content-Type"], served["Cache-Control"]) == (
        "image/jpeg",
        "public, max-age=31536000, immutable",
    )
    assert b"".join(served).startswith(b"\xff\xd8\xff")  # type: ignore[arg-type]


def test_a_picture_without_what_it_shows_is_refused_by_name(ed):
    file = SimpleUploadedFile("van.png", b"none", "image/png")
    assert ed.post(ATTACH, {"file": file}).json()["problems"].keys() == {"alt", "caption", "credit"}
    answer = ed.post(ATTACH, WORDS | {"file": SimpleUploadedFile("van.png", b"none", "image/png")})
    assert (answer.status_code, answer.json()) == (
        422,
        {"problems": {"file": ["This file is not a JPEG, PNG or WebP picture."]}},
    )
    assert Image.objects.count() == 0
