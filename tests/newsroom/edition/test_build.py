"""What an edition holds, and how little is rendered for it."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from newsroom.domain import changes, images, listing, public_pages
from newsroom.edition import storage
from newsroom.edition.build import NIGHT
from newsroom.models import Appeal, Article, Image, Topic
from tests.newsroom.articles import HOUR, NOON, make_area, make_article, make_author, make_whole
from tests.reports import pictures

type Commits = Callable[..., AbstractContextManager[object]]

STORY = "/news/a-story/"


def page(path):
    """Return where the current edition has the page of an address."""
    folder = storage.current_folder()
    assert folder is not None
    return folder / f"pages{path}index.html"


def withdraw(article):
    Article.objects.filter(pk=article.pk).update(status="withdrawn", withdrawn_at=NOON)
    changes.count(articles=[article.pk])


def test_the_first_edition_holds_every_page_as_a_file_and_the_next_takes_them_over(
    builder, application
):
    make_whole("a-story")
    make_article("a-mistake", status="withdrawn", withdrawn_at=NOON)
    made = builder.build()
    paths = [path for path in (made.folder / "pages").rglob("*") if path.is_file()]
    files = {
        str(path.relative_to(made.folder / "pages"))
        for path in paths
        if path.suffix not in (".gz", ".br")
    }
    assert {
        *("index.html", "news/index.html", "news/a-story/index.html"),
        *(
            "feed/index.atom",
            "robots.txt",
            "sitemap.xml",
            "areas/olney/feed/index.atom",
            "outcomes.csv",
        ),
    } <= files
    assert len(files) == len(list(public_pages.all_pages()))
    application.asked.clear()
    changes.count(articles=[])
    again = builder.build()
    assert again.folder != made.folder
    assert STORY not in application.asked
    for name in (
        "pages/news/a-story/index.html",
        "pages/news/a-story/index.html.br",
        "pages/index.html",
    ):
        assert (again.folder / name).samefile(made.folder / name), (
            "the same bytes are the same file"
        )


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, {"Set-Cookie": "a=b"}),
        (200, {"Vary": "Accept, cookie"}),
        (200, {"Content-Type": "x/y"}),
        (500, {}),
    ],
)
def test_a_broken_page_or_one_for_a_single_reader_is_left_to_django(
    builder,
    application,
    caplog,
    status,
    fields,
):
    make_article()
    application.answers[STORY] = status, fields
    with caplog.at_level(logging.ERROR, "newsroom.edition.build"):
        builder.build()
    assert (page(STORY).exists(), page("/news/").exists()) == (False, True)
    said = f"a public page is left out of the edition: it answered {status}"
    assert [
        record.getMessage() for record in caplog.records if record.name.startswith("newsroom")
    ] == [said]


@pytest.fixture
def shelves(builder, application, monkeypatch):
    """Publish stories on different shelves of which a page shows one, and build an edition."""
    monkeypatch.setattr(listing, "PAGE", 1)
    topics = {
        slug: Topic.objects.create(slug=slug, name=slug.title())
        for slug in ("before", "after", "else")
    }
    stories = {
        "a-story": make_article("a-story", topic=topics["before"], author=make_author()),
        "beside": make_article("beside", topic=topics["before"]),
        "ahead": make_article("ahead", topic=topics["after"]),
        "else": make_article("else", topic=topics["else"], publish_at=NOON - timedelta(days=60)),
    }
    stories["else"].areas.add(make_area())
    builder.build()
    application.asked.clear()
    return stories


def of_stories(asked):
    """Return what was rendered of stories, topics, areas, authors and months."""
    return {
        path
        for path in asked
        if path.count("/") > 2 and path.startswith(("/news", "/topic", "/area", "/author"))
    }


def test_a_change_renders_the_story_what_names_it_and_its_lists_and_no_other(
    shelves, builder, application
):
    story = shelves["a-story"]
    Article.objects.filter(pk=story.pk).update(topic=shelves["ahead"].topic, author=None)
    changes.count(articles=[story.pk])
    builder.build()
    lists = {f"/topics/{topic}/{part}" for topic in ("before", "after") for part in ("", "feed/")}
    lists |= {"/topics/after/2/", *(f"/news/2024/03/{part}" for part in ("", "2/", "3/"))}
    others = {"/news/beside/", "/news/ahead/"}
    assert of_stories(application.asked) == lists | others | {STORY}
    assert {"/", "/news/", "/feed/", "/sitemap.xml", "/about/", "/robots.txt"} <= set(
        application.asked
    )
    for path in ("/authors/sam-example/", "/topics/before/2/"):
        assert not page(path).exists(), "it has no story any more"


def test_a_withdrawn_story_is_gone_from_all_pages_even_if_no_edition_can_be_made(
    shelves, builder, application
):
    assert b"/news/a-story/" in page("/news/beside/").read_bytes()
    withdraw(shelves["a-story"])
    application.answers["/"] = 500, {}
    with pytest.raises(RuntimeError, match="the front page"):
        builder.build()
    for path in (STORY, "/news/beside/", "/", "/topics/before/2/", "/news/2024/03/3/"):
        assert not page(path).exists(), path
    assert page("/news/else/").exists()
    del application.answers["/"]
    builder.build()
    assert b"/news/a-story/" not in page("/news/beside/").read_bytes() + page("/").read_bytes()


@pytest.mark.parametrize("shown", ["lead", "text"])
def test_pictures_of_a_withdrawn_story_go_unless_a_public_one_shows_them(shown, builder):
    words = {"alt": "A grey van", "caption": "A van.", "credit": "Newsroom"}
    raw = pictures.encode(pictures.gradient((100, 50)), "JPEG")
    image = images.add(prepared=images.prepare(raw=raw), image=Image(**words))
    fields = {"lead_image": image} if shown == "lead" else {"body": image.line}
    first, second = make_article("first", **fields), make_article("second", **fields)
    draft = make_article("draft", status="draft", publish_at=None, **fields)
    folder = settings.MEDIA_ROOT / "images" / image.digest
    builder.build()
    withdraw(first)
    builder.build()
    assert folder.is_dir(), "another public story shows it"
    withdraw(second)
    builder.take_away_withdrawn()
    assert not folder.exists()
    builder.build()
    assert not folder.exists(), "no edition lays it out again"
    Article.objects.filter(pk=draft.pk).update(status="published", publish_at=NOON - HOUR)
    changes.count(articles=[draft.pk])
    builder.build()
    assert folder.is_dir()
    withdraw(draft)
    images.remove(image=image)
    assert not Image.objects.exists()


def test_what_comes_in_its_time_is_rendered_then(
    shelves,
    builder,
    application,
    time_machine,
):
    soon = timezone.now() + HOUR
    Appeal.objects.create(
        article=shelves["else"], key="x", title="Do you?", prompt="Say.", opens=soon
    )
    changes.count(articles=[])
    made = builder.build()
    assert (made.next, STORY in application.asked, builder.is_due()) == (soon, False, False)
    time_machine.move_to(soon, tick=False)
    assert builder.is_due()
    application.asked.clear()
    builder.build()
    assert of_stories(application.asked) >= {"/news/else/", "/topics/else/", "/areas/olney/"}
    assert STORY not in application.asked


def test_every_page_is_rendered_each_night_after_an_upgrade_and_by_an_unnamed_change(
    builder, application, time_machine
):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    time_machine.move_to(midnight.timestamp() + NIGHT.total_seconds() - 60)
    make_article()

    def rendered():
        """Return how often the story is rendered until nothing is due."""
        application.asked.clear()
        while builder.is_due():
            builder.build()
        return application.asked.count(STORY)

    assert [rendered(), rendered()] == [1, 0]
    time_machine.shift(60)
    assert [rendered(), rendered()] == [1, 0]
    builder.code = "newer"
    assert [rendered(), rendered()] == [1, 0]
    changes.count(articles=None)
    assert [rendered(), rendered()] == [1, 0]
    for _ in range(changes.REMEMBERED + 1):
        changes.count(articles=[])
    assert [rendered(), rendered()] == [1, 0], "of so many changes it is not known whose they were"


def test_what_changes_while_every_page_is_rendered_comes_first(builder, application, monkeypatch):
    monkeypatch.setattr("newsroom.edition.build.CHECK_EVERY", 5)
    article = make_article()
    builder.build()

    def change(path):
        application.while_rendering = lambda path: None
        Article.objects.update(headline="Zebrafinch")
        changes.count(articles=[article.pk])

    application.while_rendering = change
    made = builder.build(every_page=True)
    assert (b"Zebrafinch" in page(STORY).read_bytes(), made.whole, builder.is_due()) == (
        True,
        "",
        True,
    )
    assert builder.build().whole
    assert not builder.is_due()


def test_a_database_that_dies_in_the_middle_empties_no_edition(builder, application, monkeypatch):
    make_article()
    first = builder.build()

    def dead(**how):
        raise OperationalError

    def dies(path):
        application.answers[path] = 500, {}
        monkeypatch.setattr(public_pages, "next_instant", dead)

    application.while_rendering = dies
    for _ in range(2):  # and then it is dead from the beginning
        with pytest.raises(OperationalError):
            builder.build(every_page=True)
        assert storage.current() == first
    assert list(first.folder.parent.glob(".building*")) == []
