"""Invented stories by the thousand, beside the seeds: `python -m tests.bench._stories NUMBER`."""

import json
import os
import sys
from datetime import timedelta

TEXT = "A resident saw lights in an empty shop, again and again, and told us when. " * 8


def _setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def add(number: int) -> None:
    """Add so many stories, three a day until the seeds came out, over all topics and areas."""
    from newsroom.models import Area, Article, Topic

    topics, areas = list(Topic.objects.all()), list(Area.objects.all())
    first = min(out for out in Article.objects.values_list("publish_at", flat=True) if out)
    stories = Article.objects.bulk_create(
        Article(
            slug=f"story-{count}",
            headline=f"Lights in an empty shop, part {count}",
            standfirst="They were seen again.",
            body="\n\n".join([TEXT] * 3),
            byline="Desk",
            status=Article.Status.PUBLISHED,
            publish_at=first - timedelta(hours=8 * count),
            topic=topics[count % len(topics)],
        )
        for count in range(1, number + 1)
    )
    if areas:
        through = Article.areas.through
        through.objects.bulk_create(
            through(article_id=story.pk, area_id=areas[count % len(areas)].pk) for count, story in enumerate(stories)
        )


def tell(slug: str) -> None:
    """Print a story as JSON, as the other system wants it."""
    _setup()
    from newsroom.models import Article

    story = Article.objects.get(slug=slug)
    facts = {"title": story.headline, "standfirst": story.standfirst, "byline": story.byline, "body": story.body_html}
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    _setup()
    add(int(sys.argv[1]))
