"""Makes an article in every state on a machine of its own: `python -m tests.system.servers.editing`."""

from datetime import timedelta

import django


def states():
    """Make them."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from newsroom.domain import editing
    from newsroom.models import Article, Topic
    from tests.newsroom.editors import rename

    by, topic = (
        User.objects.create_user("eddie"),
        Topic.objects.get_or_create(slug="trials", name="Trials")[0],
    )
    for slug in ("live", "corrected", "withdrawn", "old-name", "embargoed"):
        words = {
            "headline": f"The story {slug}",
            "standfirst": "Shortly.",
            "body": "Words of it. " * 50,
        }
        words["source_note"] = "The police told us."
        made = Article(slug=slug, topic=topic, byline="Desk", **words)
        editing.save_draft(article=made, by=by)
        if slug == "embargoed":
            editing.schedule(article=made, by=by, when=timezone.now() + timedelta(days=1))
        else:
            editing.publish(article=made, by=by)
    editing.correct(article=Article.objects.get(slug="corrected"), by=by, text="It was a Tuesday.")
    editing.withdraw(
        article=Article.objects.get(slug="withdrawn"), by=by, note="It was about the wrong street."
    )
    rename(Article.objects.get(slug="old-name"), "new-name", by=by)


if __name__ == "__main__":
    django.setup()
    states()
