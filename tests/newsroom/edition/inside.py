"""What an editor does on a machine of its own, told by name: `python -m tests.newsroom.edition.inside ACT [SLUG]`."""

import os
import sys
import time
from datetime import timedelta

SOON = timedelta(days=1)


def main() -> None:
    """Do one act and print when its transaction had committed (seconds)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.utils import timezone

    from newsroom.domain import editing
    from newsroom.models import Article, Topic

    by, _ = User.objects.get_or_create(username="eddie")

    def draft(slug: str) -> Article:
        topic, _ = Topic.objects.get_or_create(slug="trials", defaults={"name": "Trials"})
        words = {
            "headline": f"The story {slug}",
            "standfirst": "Shortly.",
            "body": "Words of it. " * 50,
            "byline": "Desk",
        }
        return editing.save_draft(article=Article(slug=slug, topic=topic, **words), by=by)

    def all_states() -> None:
        for slug in ("live", "corrected", "withdrawn", "old-name"):
            editing.publish(article=draft(slug), by=by)
        named = {slug: Article.objects.get(slug=slug) for slug in ("corrected", "withdrawn", "old-name")}
        editing.correct(article=named["corrected"], by=by, text="It was a Tuesday.")
        editing.withdraw(article=named["withdrawn"], by=by, note="It was about the wrong street.")
        editing.rename(article=named["old-name"], by=by, slug="new-name")
        editing.schedule(article=draft("embargoed"), by=by, when=timezone.now() + SOON)

    act, *slugs = sys.argv[1:]
    if act == "states":
        all_states()
    elif act == "publish":
        editing.publish(article=draft(slugs[0]), by=by)
    elif act == "correct":
        editing.correct(article=Article.objects.get(slug=slugs[0]), by=by, text="It was a Wednesday.")
    elif act == "withdraw":
        editing.withdraw(article=Article.objects.get(slug=slugs[0]), by=by, note="Taken back.")
    elif act == "schedule":
        editing.schedule(article=draft(slugs[0]), by=by, when=timezone.now() + timedelta(seconds=float(slugs[1])))
        sys.stdout.write(f"{Article.objects.get(slug=slugs[0]).publish_at.timestamp()}\n")  # type: ignore[union-attr]
        return
    sys.stdout.write(f"{time.time()}\n")


if __name__ == "__main__":
    main()
