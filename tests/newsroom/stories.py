"""Stories and appeals for tests, as plain functions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from newsroom.models import Appeal, Article, KeyFact, RelatedLink, StoryStep, Topic

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_article(slug: str = "a-story", **fields: Any) -> Article:
    """Return a story that came out an hour before NOON."""
    topic, _ = Topic.objects.get_or_create(slug="drug-supply", defaults={"name": "Drug supply"})
    wanted = {
        "headline": f"Headline of {slug}",
        "standfirst": f"Standfirst of {slug}",
        "body": "Text.",
        "byline": "Newsroom",
        "status": Article.Status.PUBLISHED,
        "publish_at": NOON - HOUR,
        "topic": topic,
    }
    return Article.objects.create(slug=slug, **(wanted | fields))


def make_appeal(article: Article, **fields: Any) -> Appeal:
    """Return an appeal that opened an hour before NOON and does not close."""
    wanted = {"key": article.slug, "title": "Do you know?", "prompt": "Small things count.", "opens": NOON - HOUR}
    return Appeal.objects.create(article=article, **(wanted | fields))


def make_whole(slug: str) -> Article:
    """Return a story with one of everything that its page shows."""
    article = make_article(slug)
    make_appeal(article)
    KeyFact.objects.create(article=article, figure="12", text="warrants")
    RelatedLink.objects.create(article=article, title="Elsewhere")
    StoryStep.objects.create(article=article, stage="arrest", date=NOON.date(), text="Arrests.")
    return article
