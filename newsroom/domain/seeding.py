"""Stories from files: Markdown with front matter in, articles with all that hangs from them out."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from newsroom.domain import editing, request_rebuild, revisions, search
from newsroom.domain.sheets import ALLOWED, SeedError, Sheet, opened, read_sheet
from newsroom.models import Appeal, Area, Article, KeyFact, RelatedLink, StoryStep, Topic

__all__ = ["ARTICLES", "AreaRow", "SeedError", "Tally", "areas", "load", "read_areas", "read_sheet"]

SEEDS: Path = settings.BASE_DIR / "seeds"
ARTICLES = SEEDS / "articles"
AREAS = SEEDS / "areas.csv"
BATCH = 100  # stories written together
CHILDREN: dict[str, Any] = {"facts": KeyFact, "timeline": StoryStep, "links": RelatedLink}
LOADER = "load_articles"  # who made a revision that came from a file
YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class AreaRow(NamedTuple):
    """One line of areas.csv."""

    slug: str
    name: str
    estates: tuple[str, ...]


@dataclass
class Tally:
    """How many stories a load made, changed and left alone."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def read_areas(*, path: Path) -> tuple[AreaRow, ...]:
    """Return the rows of a CSV file with the columns slug, name and estates (separated by semicolons)."""
    rows: list[AreaRow] = []
    with opened(path).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["slug", "name", "estates"]:
            raise SeedError(path, 1, "The first line must read: slug,name,estates")
        for row in reader:
            if not row["slug"] or not row["name"] or row["estates"] is None or None in row:
                raise SeedError(path, reader.line_num, "An area needs a slug, a name and a column of estates.")
            estates = tuple(estate.strip() for estate in row["estates"].split(";") if estate.strip())
            rows.append(AreaRow(row["slug"], row["name"], estates))
    return tuple(rows)


@cache
def areas() -> tuple[AreaRow, ...]:
    """Return the town's areas in the file's order; read once, without a database."""
    return read_areas(path=AREAS)


def load(*, path: Path, progress: Callable[[int, int], None] | None = None) -> Tally:
    """Load the story at `path`, or every .md file of that folder, all or none; raise SeedError.

    A story whose file has not changed since it was loaded is left alone, whatever the newsroom did to it since.
    A changed file overwrites the story and leaves a revision, but never brings back one that was withdrawn, and never
    takes one back that is out. `progress` is told how many files are done, of how many.
    """
    if not path.exists():
        raise SeedError(path, None, "There is no such file or folder.")
    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    tell = progress or (lambda _done, _of: None)
    with transaction.atomic():
        told = _load_areas()
        loading = _Loading()
        for start in range(0, len(files), BATCH):
            some = files[start : start + BATCH]
            loading.load([read_sheet(path=file) for file in some])
            for place, _file in enumerate(some, start=1):
                tell(start + place, len(files))
        if loading.wrote or told:
            request_rebuild.request_rebuild()
    return loading.tally


def _load_areas() -> bool:
    """Make and change areas as their file says; return whether any was."""
    known = {(area.slug, area.name, area.estates) for area in Area.objects.all()}
    rows = [Area(slug=row.slug, name=row.name, estates="; ".join(row.estates)) for row in areas()]
    new = [area for area in rows if (area.slug, area.name, area.estates) not in known]
    Area.objects.bulk_create(new, update_conflicts=True, unique_fields=["slug"], update_fields=["name", "estates"])
    return bool(new)


@dataclass
class _Story:
    """A sheet's story, filled but not stored yet, and the rows that hang from it, each with its place in the sheet."""

    sheet: Sheet
    article: Article
    new: bool
    areas: list[Area]
    children: list[tuple[models.Model, tuple[str | int, ...]]]


class _Loading:
    """One load: what it has done so far, and the sections that it knows."""

    def __init__(self) -> None:
        """Begin; areas are read once."""
        self.tally, self.wrote = Tally(), False
        self.areas = {area.slug: area for area in Area.objects.all()}
        self.topics: dict[str, Topic] = {}
        self.files: dict[str, Path] = {}

    def load(self, sheets: Sequence[Sheet]) -> None:
        """Make, change or leave the stories of some sheets."""
        for sheet in sheets:
            slug = str(sheet.front["slug"])
            if slug in self.files:
                raise sheet.error(f"“{slug}” is the slug of {self.files[slug].name} too.", "slug")
            self.files[slug] = sheet.path
        stored = Article.objects.in_bulk([sheet.front["slug"] for sheet in sheets], field_name="slug")
        stories = [self._story(sheet, stored.get(sheet.front["slug"])) for sheet in sheets]
        wanted = [story for story in stories if story]
        before = revisions.snapshots(of=[story.article.pk for story in wanted if not story.new])
        self._store(wanted)
        kept = {story.article.pk: before.get(story.article.pk) for story in wanted}
        summary = gettext("Loaded from its file")
        revisions.record_many(before=kept, made_by=LOADER, at=timezone.now(), summary=summary)
        search.reindex_many(articles=[story.article for story in wanted])
        self.wrote = self.wrote or bool(wanted)

    def _story(self, sheet: Sheet, stored: Article | None) -> _Story | None:
        """Return the sheet's story, held to the rules of its fields; None for one whose file has not changed."""
        if stored and stored.seed_digest == sheet.digest:
            self.tally.unchanged += 1
            return None
        out = stored and editing.state(stored) == Article.Status.PUBLISHED
        if out and sheet.front["status"] == Article.Status.DRAFT:
            raise sheet.error("This story is out and cannot be a draft again. Withdraw it in the newsroom.", "status")
        if stored:
            self.tally.changed += 1
        else:
            self.tally.new += 1
        article = _article(sheet, stored or Article(), topic=self._topic(sheet.front["topic"]))
        return _Story(sheet, article, not stored, self._areas(sheet), _children(sheet, article))

    def _topic(self, name: str) -> Topic:
        """Return a topic by its name, made when there is none."""
        if name not in self.topics:
            self.topics[name] = Topic.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]
        return self.topics[name]

    def _areas(self, sheet: Sheet) -> list[Area]:
        """Return the areas that the sheet names by slug."""
        slugs = sheet.front.get("areas") or []
        if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
            raise sheet.error("“areas” must be a list of slugs from areas.csv.", "areas")
        known = {row.slug for row in areas()}
        for place, slug in enumerate(slugs):
            if slug not in known:
                raise sheet.error(f"“{slug}” is not an area of areas.csv.", "areas", place)
        return [self.areas[slug] for slug in dict.fromkeys(slugs)]

    def _store(self, stories: Sequence[_Story]) -> None:
        """Write stories and what hangs from them together; name the line where that breaks a rule of a table."""
        try:
            with transaction.atomic():
                _write(stories)
        except IntegrityError:
            for story in stories:
                story.sheet.hold(story.article)
                for child, where in story.children:
                    story.sheet.hold(child, *where)
            raise
        for story in stories:
            _appeal(story.sheet, story.article)


def _write(stories: Sequence[_Story]) -> None:
    """Write stories, and the rows that hang from them in place of those they had."""
    Article.objects.bulk_create(story.article for story in stories if story.new)
    changed = [story.article for story in stories if not story.new]
    for article in changed:
        article.save()
    through = Article.areas.through
    for model in (through, *CHILDREN.values()):
        model._default_manager.filter(article__in=changed).delete()  # noqa: SLF001 - Django's public name
    through.objects.bulk_create(through(article=story.article, area=area) for story in stories for area in story.areas)
    children = [child for story in stories for child, _where in story.children]
    for model in CHILDREN.values():
        model._default_manager.bulk_create(child for child in children if type(child) is model)  # noqa: SLF001


def _article(sheet: Sheet, article: Article, *, topic: Topic) -> Article:
    """Fill the story's own fields."""
    front = sheet.front
    withdrawn = article.status == Article.Status.WITHDRAWN
    for name in ("slug", "headline", "standfirst", "byline", "status", "source_note"):
        setattr(article, name, front.get(name, ""))
    if withdrawn:
        article.status = Article.Status.WITHDRAWN
    article.body = sheet.body
    article.publish_at = sheet.moment(front, "publish_at")
    article.updated_at = sheet.moment(front, "updated_at")
    active = front.get("proceedings_active", "no").lower()
    if active not in YES_NO:
        raise sheet.error("“proceedings_active” must be yes or no.", "proceedings_active")
    article.proceedings_active = YES_NO[active]
    article.topic = topic
    article.seed_digest = sheet.digest
    sheet.clean(article, known=("topic",))
    return article


def _children(sheet: Sheet, article: Article) -> list[tuple[models.Model, tuple[str | int, ...]]]:
    """Return the sheet's facts, timeline and links as rows, each with its place."""
    found: list[tuple[models.Model, tuple[str | int, ...]]] = []
    for name, model in CHILDREN.items():
        for place, row in enumerate(sheet.rows(name)):
            order = {} if model is StoryStep else {"order": place}
            child = model(article=article, **row, **order)
            sheet.clean(child, name, place)
            found.append((child, (name, place)))
    return found


def _appeal(sheet: Sheet, article: Article) -> None:
    """Make or change the story's appeal; its key stays the story's for good."""
    table = sheet.front.get("appeal")
    if not table:
        return
    if not isinstance(table, dict):
        raise sheet.error(f"“appeal” must have: {', '.join(sorted(ALLOWED['appeal']))}.", "appeal")
    sheet.only_known(table, "appeal")
    appeal = Appeal.objects.filter(key=table.get("key", "")).first() or Appeal(article=article)
    if appeal.article_id != article.pk:
        raise sheet.error("This key belongs to another story's appeal. Keys are never used again.", "appeal", "key")
    for name in ("key", "title", "prompt", "why"):
        setattr(appeal, name, table.get(name, "").strip())
    appeal.highlights = table.get("questions", "").strip()
    opens = sheet.moment(table, "opens", "appeal") or article.publish_at
    if opens is None:
        raise sheet.error("Say when the appeal opens, or when the story appears.", "appeal")
    appeal.opens, appeal.closes = opens, sheet.moment(table, "closes", "appeal")
    sheet.clean(appeal, "appeal")
    sheet.hold(appeal, "appeal")
    appeal.save()
