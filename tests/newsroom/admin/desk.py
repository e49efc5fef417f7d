"""An article's form as a browser would send it, for tests."""

from newsroom.domain import editing
from newsroom.models import Topic

EMPTY = {
    "-TOTAL_FORMS": "0",
    "-INITIAL_FORMS": "0",
    "-MIN_NUM_FORMS": "0",
    "-MAX_NUM_FORMS": "1000",
}


PUBLISH = {
    "proceedings": "no",
    "source_note": "The police told us.",
}  # what Publish and Schedule ask


def page(article, name="change"):
    """Return the address of an article's form, or of another of its pages."""
    return f"/admin/newsroom/article/{article.pk}/{name}/"


def typed(**fields):
    """Return what the form of a new article sends; rows are added under their own names."""
    topic, _ = Topic.objects.get_or_create(slug="drug-supply", defaults={"name": "Drug supply"})
    form = {
        "headline": "A headline",
        "slug": "",
        "standfirst": "A standfirst.",
        "body": "Text.",
        "byline": "Newsroom",
        "topic": topic.pk,
        "_continue": "1",
    }
    for prefix in ("facts", "steps", "links", "corrections"):
        form |= {f"{prefix}{name}": value for name, value in EMPTY.items()}
    return form | fields


def typed_over(article, **fields):
    """Return what the form of an article that exists sends, with these fields changed."""
    names = ("headline", "slug", "standfirst", "body", "byline", "source_note")
    stored = {name: getattr(article, name) for name in names} | {
        "seen": str(editing.seen_now(article))
    }
    return typed(**(stored | fields))
