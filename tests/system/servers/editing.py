"""What an editor does on a machine of its own, told by name: `python -m tests.system.servers.editing ACT [SLUG]`.

Without an act it does one after the other, each a line that it is given.
"""

import os
import sys
import time
from datetime import timedelta
from typing import Any

SOON = str(24 * 3600)  # seconds


def main() -> None:
    """Print for each act when its transaction had committed, or when it is to come (seconds)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    acts = {"states": states, "publish": publish, "correct": correct, "withdraw": withdraw, "schedule": schedule}
    for act, *arguments in [sys.argv[1:]] if sys.argv[1:] else map(str.split, sys.stdin):
        when = acts[act](*arguments)
        sys.stdout.write(f"{when or time.time()}\n")
        sys.stdout.flush()


def editor() -> Any:
    from django.contrib.auth.models import User

    return User.objects.get_or_create(username="eddie")[0]


def article(slug: str) -> Any:
    from newsroom.models import Article

    return Article.objects.get(slug=slug)


def draft(slug: str) -> Any:
    from newsroom.domain import editing
    from newsroom.models import Article, Topic

    topic, _ = Topic.objects.get_or_create(slug="trials", defaults={"name": "Trials"})
    words = {"headline": f"The story {slug}", "standfirst": "Shortly.", "body": "Words of it. " * 50, "byline": "Desk"}
    return editing.save_draft(article=Article(slug=slug, topic=topic, **words), by=editor())


def publish(slug: str) -> None:
    from newsroom.domain import editing

    editing.publish(article=draft(slug), by=editor())


def correct(slug: str, text: str = "It was a Wednesday.") -> None:
    from newsroom.domain import editing

    editing.correct(article=article(slug), by=editor(), text=text)


def withdraw(slug: str, note: str = "Taken back.") -> None:
    from newsroom.domain import editing

    editing.withdraw(article=article(slug), by=editor(), note=note)


def schedule(slug: str, seconds: str) -> float:
    from django.utils import timezone

    from newsroom.domain import editing

    editing.schedule(article=draft(slug), by=editor(), when=timezone.now() + timedelta(seconds=float(seconds)))
    return float(article(slug).publish_at.timestamp())


def states() -> None:
    """Make an article in every state."""
    from tests.newsroom.editors import rename

    for slug in ("live", "corrected", "withdrawn", "old-name"):
        publish(slug)
    correct("corrected", "It was a Tuesday.")
    withdraw("withdrawn", "It was about the wrong street.")
    rename(article("old-name"), "new-name", by=editor())
    schedule("embargoed", SOON)


if __name__ == "__main__":
    main()
