"""All stories that are out, read at once, with a mark that differs whenever what readers see of one does."""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Max, Model

from newsroom.domain.article_page import NEWER_RELATED, RELATED_ARTICLES
from newsroom.models import Appeal, Article, Correction, KeyFact, RelatedLink, Revision, StoryStep, Strand

FIELDS = (
    "pk", "slug", "publish_at", "updated_at", "topic__slug", "author__slug", "body",  # in `_story`'s order
    "headline", "standfirst", "byline", "proceedings_active", "pinned", "source_note", "topic__name",
    "author__name", "author__bio", "lead_image__digest", "lead_image__width", "lead_image__height",
    "lead_image__alt", "lead_image__caption", "lead_image__credit", "residents_least",
    "residents_most",
)  # fmt: skip

BODY = FIELDS.index("body")
_PLACE = attrgetter("place")

STRAND = "strand"

type Shelves = Mapping[tuple[str, str], list[Story]]


@dataclass
class Story:
    """What addresses need to know of a story; `mark` stands for all that its page shows of the story itself."""

    pk: int
    slug: str
    out: datetime
    changed: datetime
    topic: str
    author: str
    mark: bytes
    areas: list[str] = field(default_factory=list)
    strands: list[str] = field(default_factory=list)
    place: tuple[float, int] = field(init=False)  # among others: the newest is the least

    def __post_init__(self) -> None:
        """Note the place."""
        self.place = (-self.out.timestamp(), -self.pk)

    @property
    def sections(self) -> list[tuple[str, str]]:
        """The topic and areas of the story: kind and slug."""
        return [("topic", self.topic), *(("area", area) for area in self.areas)]


def stories(*, at: datetime) -> list[Story]:
    """Return every story that is out at the instant `at`, newest first."""
    marks = _marks(at)
    areas = _areas(marks)
    out = Article.objects.published(at=at)
    revised = dict(Revision.objects.order_by().values_list("article_id").annotate(last=Max("made_at")))
    rows = out.values_list(*FIELDS).iterator(chunk_size=2000)
    strands = _strands()
    return [_story(row, marks[row[0]], revised.get(row[0]), areas[row[0]], strands[row[0]]) for row in rows]


def outlines(*, at: datetime) -> list[Story]:
    """Return the same with what tells on which lists each story is, and no mark: for who asks only which lists are."""
    areas = _areas(defaultdict(hashlib.blake2b))
    rows = Article.objects.published(at=at).values_list("pk", "slug", "publish_at", "topic__slug", "author__slug")
    return [
        Story(pk, slug, out, out, topic, author or "", b"", areas[pk]) for pk, slug, out, topic, author in rows if out
    ]


def shelves(*, of: Iterable[Story]) -> Shelves:
    """Return the stories, in the order given, by topic, area, author (kind and slug) and strand."""
    found: dict[tuple[str, str], list[Story]] = defaultdict(list)
    for story in of:
        for section in story.sections:
            found[section].append(story)
        if story.author:
            found["author", story.author].append(story)
        for key in story.strands:
            found[STRAND, key].append(story)
    return found


def changed(*, of: Iterable[Story], own: Story | None = None, also: object = None) -> datetime | None:
    """Return when a page with these stories last changed (with `own`, when that one did), None without a story.

    The microseconds stand for just these stories as they are, and for `also`: they differ when a story left the page.
    """
    shown = list(of)
    if not shown:
        return None
    last = own.changed if own else max(story.changed for story in shown)
    return stamped(last, *(story.mark for story in shown), repr(also).encode())


def stamped(moment: datetime, *marks: bytes) -> datetime:
    """Return the moment with microseconds that stand for the marks."""
    mark = hashlib.blake2b(b"\0".join(marks), digest_size=8).digest()
    return moment.replace(microsecond=int.from_bytes(mark) % 1_000_000)


def neighbours(story: Story, *, among: Shelves) -> list[Story]:
    """Return the stories that a story's page names as related (`article_page`), without asking the database."""
    newer: dict[int, Story] = {}
    older: dict[int, Story] = {}
    for section in story.sections:
        shelf = among[section]
        place = bisect_left(shelf, story.place, key=_PLACE)
        newer |= {other.pk: other for other in shelf[max(0, place - NEWER_RELATED) : place]}
        older |= {other.pk: other for other in shelf[place + 1 : place + 1 + RELATED_ARTICLES]}
    nearest = sorted(newer.values(), key=_PLACE)[-NEWER_RELATED:]
    near = [*nearest, *sorted(older.values(), key=_PLACE)][:RELATED_ARTICLES]
    if not story.strands:
        return near
    shared = {other.pk: other for key in story.strands for other in among[STRAND, key] if other.pk != story.pk}
    first = sorted(shared.values(), key=_PLACE)[:RELATED_ARTICLES]
    return sorted([*first, *(other for other in near if other not in first)][:RELATED_ARTICLES], key=_PLACE)


def _areas(marks: Mapping[int, Any]) -> dict[int, list[str]]:
    """Return the slugs of each story's areas, and put their names into the stories' marks."""
    found: dict[int, list[str]] = defaultdict(list)
    named = Article.areas.through.objects.order_by("area__name")
    for pk, slug, name in named.values_list("article_id", "area__slug", "area__name"):
        found[pk].append(slug)
        marks[pk].update(name.encode())
    return found


def _strands() -> dict[int, list[str]]:
    """Return the keys of the strands that each story is on."""
    found: dict[int, list[str]] = defaultdict(list)
    for pk, key in Strand.objects.values_list("article_id", "key"):
        found[pk].append(str(key))
    return found


def _story(row: tuple[Any, ...], mark: Any, revised: datetime | None, areas: list[str], strands: list[str]) -> Story:
    pk, slug, out, updated, topic, author, body, *_rest = row
    mark.update(repr(row[:BODY] + row[BODY + 1 :]).encode())
    mark.update(body.encode())  # by far the longest, and to write it as Python would takes as long as all the rest
    last = max(instant for instant in (out, updated, revised) if instant)
    return Story(pk, slug, out, last, topic, author or "", mark.digest(), areas, strands)


def _marks(at: datetime) -> dict[int, Any]:
    """Return a hash for each story, begun with what hangs from it and may be seen."""
    marks: dict[int, Any] = defaultdict(hashlib.blake2b)
    hanging: list[tuple[type[Model], Any, tuple[str, ...]]] = [
        (KeyFact, KeyFact.objects, ("figure", "text", "order")),
        (StoryStep, StoryStep.objects, ("stage", "date", "text")),
        (RelatedLink, RelatedLink.objects, ("title", "url", "order")),
        (Correction, Correction.objects.public(at=at), ("text", "at")),
        (Appeal, Appeal.objects.open(at=at), ("key", "title", "prompt", "why", "highlights")),
        (Appeal, Appeal.objects.answered(at=at), ("title", "result")),
    ]
    for model, rows, fields in hanging:
        for pk, *values in rows.order_by("pk").values_list("article_id", *fields):
            marks[pk].update(repr((model.__name__, values)).encode())
    return marks
