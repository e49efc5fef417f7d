"""Articles and appeals for tests, as plain functions."""

from datetime import UTC, datetime, timedelta

from newsroom.domain import article_page
from newsroom.domain.article_page import ArticlePage
from newsroom.models import (
    Appeal,
    Area,
    Article,
    Author,
    Correction,
    KeyFact,
    RelatedLink,
    TimelineStep,
    Topic,
)

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_article(slug="a-story", **fields):
    """Return an article that came out an hour before NOON."""
    topic, _ = Topic.objects.get_or_create(slug="drug-supply", defaults={"name": "Drug supply"})
    wanted = {
        "headline": f"Headline of {slug}",
        "standfirst": f"Standfirst of {slug}",
        "body": "Text.",
        "byline": "Newsroom",
        "status": Article.Status.PUBLISHED,
        "publish_at": NOON - HOUR,
        "topic": topic,
        "source_note": "The police told us.",
    }
    return Article.objects.create(slug=slug, **(wanted | fields))


def make_appeal(article, **fields):
    """Return an appeal that opened an hour before NOON and does not close."""
    wanted = {
        "key": article.slug,
        "title": "Do you know?",
        "prompt": "Small things count.",
        "opens": NOON - HOUR,
    }
    return Appeal.objects.create(article=article, **(wanted | fields))


def make_area(slug="olney"):
    """Return an area of the town."""
    return Area.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "estates": "Old Lane; New Lane"}
    )[0]


def make_author(slug="sam-example"):
    """Return an invented author."""
    return Author.objects.get_or_create(
        slug=slug, defaults={"name": "Sam Example", "bio": "Invented."}
    )[0]


def make_correction(article, **fields):
    """Return a correction that appeared half an hour before NOON."""
    return Correction.objects.create(
        article=article, **({"text": "Not nine, but ten.", "at": NOON - HOUR / 2} | fields)
    )


def make_whole(slug):
    """Return an article with one of everything that its page shows."""
    article = make_article(slug, author=make_author())
    article.areas.add(make_area())
    make_appeal(article)
    make_correction(article)
    KeyFact.objects.create(article=article, figure="12", text="warrants")
    RelatedLink.objects.create(article=article, title="Elsewhere")
    TimelineStep.objects.create(article=article, stage="arrest", date=NOON.date(), text="Arrests.")
    return article


def related_slugs(article, *, at=None):
    """Return the slugs of the articles that an article's page names as related at the instant `at` (now)."""
    page = article_page.find(slug=article.slug, at=at)
    assert isinstance(page, ArticlePage)
    return [other.slug for other in page.related]
