"""A story as readers will see it, whatever its state."""

from datetime import datetime

from django.utils import timezone

from newsroom.models import Article


def preview(*, pk: int, at: datetime | None = None) -> Article | None:
    """Return the story as it would be shown now, or at its time when that is still to come; None without one.

    It carries what `pages.story` brings: `calls` and `put_right`.
    """
    fields = ("topic", "author", "lead_image")
    wanted = ("areas", "facts", "steps", "links", "appeals", "corrections")
    story = Article.objects.select_related(*fields).prefetch_related(*wanted).filter(pk=pk).first()
    if story is None:
        return None
    now = at or timezone.now()
    story.publish_at = story.publish_at or now
    moment = max(now, story.publish_at)
    asked = [appeal for appeal in story.appeals.all() if appeal.opens <= moment]
    shown = {
        "calls": [appeal for appeal in asked if appeal.closes is None or appeal.closes > moment],
        "put_right": [correction for correction in story.corrections.all() if correction.at <= moment],
    }
    vars(story).update(shown)
    return story
