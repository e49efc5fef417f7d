"""What a story's page shows, as plain values, with all that hangs from the story: brought by one statement."""

from datetime import UTC, date, datetime
from typing import Any, TypedDict, cast

from django.db.models import DateTimeField, Exists, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone
from django.utils.safestring import SafeString

from config.prepared import Prepared
from newsroom.domain.rows import Rows
from newsroom.models import (
    Appeal,
    Area,
    Article,
    ArticleQuerySet,
    Correction,
    KeyFact,
    RelatedLink,
    Stop,
    StoryStep,
    Strand,
)
from newsroom.models.stories import reading_minutes, timeline, to_html
from newsroom.pictures import Picture

RELATED_STORIES = 3
NEWER_RELATED = 2  # how many of those may be newer than the story

# What stands in the statements for the values that they run with.
SLUG, PK, AT = "the-slug", -7_000_001, datetime(1, 2, 3, tzinfo=UTC)

_PLAIN = (
    "pk", "slug", "headline", "standfirst", "byline", "body", "updated_at", "proceedings_active", "source_note",
    "residents_least", "residents_most",
)  # fmt: skip
_AT = Value(AT, DateTimeField())


class Shown(TypedDict):
    """A story as its page shows it; instants are by the town's clock, and lists come in their order.

    `calls` are the appeals that are open, `answered` those that have closed and of which is told what came of them,
    `put_right` the corrections whose time has come; `changed` is when readers last got something new.
    """

    pk: int
    slug: str
    headline: str
    standfirst: str
    byline: str
    body_html: SafeString
    reading_minutes: int
    publish_at: datetime
    updated_at: datetime | None
    changed: datetime
    proceedings_active: bool
    residents_least: int | None
    residents_most: int | None
    source_note: str
    topic: dict[str, str]
    author: dict[str, str] | None
    lead_image: dict[str, Any] | None
    areas: list[dict[str, str]]
    facts: list[dict[str, str]]
    steps: list[dict[str, Any]]
    timeline: tuple[Stop, ...]
    links: list[dict[str, str]]
    calls: list[dict[str, Any]]
    answered: list[dict[str, Any]]
    put_right: list[dict[str, Any]]
    related: list[dict[str, Any]]


def story(*, slug: str, at: datetime) -> Shown | None:
    """Return the story that is out at the instant `at` under this slug, None without one."""
    rows = _FOR_READERS.run(slug=slug, at=at)
    return _shown(rows[0][0]) if rows else None


def preview(*, pk: int, at: datetime | None = None) -> Shown | None:
    """Return a story in any state as it would be shown now, or at its time when that is to come; None without one."""
    now = at or timezone.now()
    when = Article.objects.filter(pk=pk).values_list("publish_at", flat=True).first()
    rows = _FOR_EDITORS.run(pk=pk, at=max(now, when or now))
    return _shown(rows[0][0]) if rows else None


def _whole(stories: ArticleQuerySet) -> QuerySet[Any, Any]:
    """Return the stories, whatever their state, as one object each, with what hangs from it and may be seen."""
    appeals = Appeal.objects.filter(article=OuterRef("pk")).asked(at=AT)
    story = JSONObject(
        **{name: name for name in _PLAIN},
        publish_at=Coalesce("publish_at", _AT),
        topic=_beside("topic", "slug", "name"),
        author=_beside("author", "slug", "name"),
        lead_image=_beside("lead_image", "digest", "width", "height", "alt", "caption", "credit"),
        areas=_rows(Area.objects.filter(articles=OuterRef("pk")), "slug", "name"),
        facts=_hanging(KeyFact, "figure", "text"),
        steps=_hanging(StoryStep, "stage", "date", "text"),
        links=_hanging(RelatedLink, "title", "url"),
        calls=_rows(appeals.taking(at=AT), "key", "title", "prompt", "why"),
        answered=_rows(appeals.told(at=AT), "title", "result", "closes"),
        put_right=_rows(Correction.objects.filter(article=OuterRef("pk")).due(at=AT), "text", "at"),
        **_related(),
    )
    return stories.order_by().values_list(story)


_FOR_READERS = Prepared(lambda: _whole(Article.objects.published(at=AT).filter(slug=SLUG)), slug=SLUG, at=AT)
_FOR_EDITORS = Prepared(lambda: _whole(Article.objects.filter(pk=PK)), pk=PK, at=AT)


def _related() -> dict[str, Rows]:
    """Return what asks for stories on the story's strands, and for those of its topic or areas, by side in time."""
    others = Article.objects.published(at=AT).exclude(pk=OuterRef("pk"))
    here, when = OuterRef("pk"), Coalesce(OuterRef("publish_at"), _AT)
    keys = Strand.objects.filter(article=OuterRef(OuterRef(OuterRef("pk")))).values("key")
    together = others.filter(pk__in=Strand.objects.filter(key__in=keys).values("article"))
    of_area = Article.areas.through.objects.filter(article=OuterRef("pk"), area__articles=OuterRef(OuterRef("pk")))
    near = others.filter(Q(topic=OuterRef("topic")) | Exists(of_area))
    # The bounds that are told twice are what an index can be entered by.
    newer = near.filter(Q(publish_at__gt=when) | Q(pk__gt=here), publish_at__gte=when).order_by("publish_at", "pk")
    older = near.filter(Q(publish_at__lt=when) | Q(pk__lt=here), publish_at__lte=when)
    asked = {"together": together[:RELATED_STORIES], "newer": newer[:NEWER_RELATED], "older": older[:RELATED_STORIES]}
    return {name: _rows(rows, "pk", "slug", "headline", "publish_at") for name, rows in asked.items()}


def _beside(relation: str, *fields: str) -> JSONObject:
    return JSONObject(**{name: f"{relation}__{name}" for name in fields})


def _hanging(model: type[Model], *fields: str) -> Rows:
    return _rows(model._default_manager.filter(article=OuterRef("pk")), *fields)  # noqa: SLF001 - Django's public name


def _rows(rows: QuerySet[Any], *fields: str) -> Rows:
    return Rows(rows, **{name: name for name in fields})


def _shown(row: dict[str, Any]) -> Shown:
    """Return a row of the statement as the page shows it."""
    body, out, updated = row.pop("body"), moment(row["publish_at"]), row["updated_at"]
    updated = moment(updated) if updated else None
    for rows, name in ((row["put_right"], "at"), (row["answered"], "closes")):
        for each in rows:
            each[name] = moment(each[name])
    for step in row["steps"]:
        step["date"] = date.fromisoformat(step["date"])
    for call in row["calls"]:
        call["why_html"] = to_html(call["why"])
    passed = [(step["stage"], step["date"]) for step in row["steps"]]
    shown = {
        "body_html": to_html(body),
        "reading_minutes": reading_minutes(body),
        "proceedings_active": bool(row["proceedings_active"]),  # a number on SQLite
        "publish_at": out,
        "updated_at": updated,
        "changed": changed(out, updated, *(correction["at"] for correction in row["put_right"])),
        "author": row["author"] if row["author"]["slug"] else None,
        "lead_image": _with_files(row["lead_image"]),
        "timeline": timeline(passed, began_with_residents=row["residents_least"] is not None),
        "related": _nearest(row.pop("together"), row.pop("newer"), row.pop("older")),
    }
    return cast("Shown", row | shown)


def _with_files(image: dict[str, Any]) -> dict[str, Any] | None:
    if not image["digest"]:
        return None
    return image | {"picture": Picture(image.pop("digest"), image["width"], image["height"])}


def _nearest(
    together: list[dict[str, Any]], newer: list[dict[str, Any]], older: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the stories on its strands, else those nearest in time, at most two of them newer; the newest first."""
    near = [*reversed(newer), *older][:RELATED_STORIES]
    known = {story["pk"] for story in together}
    chosen = [*together, *(story for story in near if story["pk"] not in known)][:RELATED_STORIES]
    for story in chosen:
        story["publish_at"] = moment(story["publish_at"])
    return sorted(chosen, key=lambda story: (story["publish_at"], story["pk"]), reverse=True)


def changed(*instants: datetime | None) -> datetime:
    """Return when readers last got something new, of when a story came out, was updated and was corrected."""
    return max(instant for instant in instants if instant)


def moment(text: str) -> datetime:
    """Return an instant by the town's clock; SQLite keeps instants without their zone, which is UTC."""
    found = datetime.fromisoformat(text)
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(timezone.get_default_timezone())  # to ask which zone is current takes far longer
