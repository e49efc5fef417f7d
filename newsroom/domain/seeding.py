"""Loads articles from seed files, with their areas, facts, timeline, links and appeal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from newsroom.domain import editing, request_rebuild, revisions, search
from newsroom.domain.areas import areas
from newsroom.domain.front_matter import ALLOWED, LINES, SeedError, Sheet, read_sheet
from newsroom.file_names import is_slug
from newsroom.models import Appeal, Area, Article, KeyFact, RelatedLink, TimelineStep, Topic

ARTICLES: Path = settings.BASE_DIR / "seeds" / "articles"
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
CHILDREN: dict[str, Any] = {"facts": KeyFact, "timeline": TimelineStep, "links": RelatedLink}
LOADER = "load_articles"  # the author of revisions that come from files


@dataclass
class Tally:
    """The numbers of articles that a load created, changed and found unchanged; the files that it did not follow.

    `left_alone` has the names of changed files whose articles the newsroom has edited or corrected.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_alone: list[str] = field(default_factory=list)


def load(*, path: Path, progress: Callable[[int, int], None] | None = None) -> Tally:
    """Load one file, or every .md file of a folder, in one transaction; raises SeedError.

    An article is left alone if its file has not changed since the last load, or if the newsroom has edited or corrected
    it: a new version of the program must not bring back what a correction took out. Any other changed file overwrites
    the article and leaves a revision, but a withdrawn article stays withdrawn, and a published one cannot become a
    draft. `progress` is called with the number of files done and the number of files.
    """
    if not path.exists():
        raise SeedError(path, None, "There is no such file or folder.")
    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    report = progress or (lambda _done, _of: None)
    with transaction.atomic():
        areas_changed = load_areas()
        loading = _Loading()
        for done, file in enumerate(files, start=1):
            loading.load(read_sheet(path=file))
            report(done, len(files))
        if loading.wrote or areas_changed:
            request_rebuild.request_rebuild()
    return loading.tally


def load_areas() -> bool:
    """Create and update the town's areas from their file; return True if any was."""
    known = {(area.slug, area.name, area.estates) for area in Area.objects.all()}
    rows = [(row.slug, row.name, "; ".join(row.estates)) for row in areas()]
    changed = [row for row in rows if row not in known]
    for slug, name, estates in changed:
        Area.objects.update_or_create(slug=slug, defaults={"name": name, "estates": estates})
    return bool(changed)


class _Loading:
    """The progress of one load: its counts, and the file of each slug."""

    def __init__(self) -> None:
        self.tally, self.wrote = Tally(), False
        self.files: dict[str, Path] = {}

    def load(self, sheet: Sheet) -> None:
        """Create, change or leave alone the article of a file."""
        slug = str(sheet.front["slug"])
        if slug in self.files:
            raise sheet.error(f"“{slug}” is the slug of {self.files[slug].name} too.", "slug")
        self.files[slug] = sheet.path
        stored = Article.objects.filter(slug=slug).first()
        if stored and stored.seed_digest == sheet.digest:
            self.tally.unchanged += 1
            return
        if stored and _is_the_newsrooms(stored):
            self.tally.left_alone.append(sheet.path.name)
            return
        published = stored and editing.state(stored) == Article.Status.PUBLISHED
        if published and sheet.front["status"] == Article.Status.DRAFT:
            raise sheet.error("This story is out and cannot be a draft again. Withdraw it in the newsroom.", "status")
        _write(sheet, stored)
        self.wrote = True
        if stored:
            self.tally.changed += 1
        else:
            self.tally.new += 1


def _is_the_newsrooms(article: Article) -> bool:
    """Return True if somebody has edited or corrected the article since it came from its file."""
    newest = article.revisions.order_by("-number").values_list("made_by", flat=True).first()
    return newest not in (None, LOADER)


def _write(sheet: Sheet, stored: Article | None) -> None:
    """Save the article of a file with its rows, and a revision."""
    before = revisions.snapshot(stored) if stored else None
    article = _article(sheet, stored or Article(), topic=_topic(sheet))
    areas_named = _areas(sheet)
    article.save()
    article.areas.set(areas_named)
    for name, model in CHILDREN.items():
        model.objects.filter(article=article).delete()
        for place, row in enumerate(sheet.rows(name)):
            order = {} if model is TimelineStep else {"order": place}
            child = model(article=article, **row, **order)
            sheet.clean(child, name, place)
            child.save()
    _appeal(sheet, article)
    summary = gettext("Loaded from its file")
    revisions.record(article=article, before=before, made_by=LOADER, at=timezone.now(), summary=summary)
    editing.look_again(article, gettext("The story was loaded again from its file."))
    search.reindex(article=article)


def _topic(sheet: Sheet) -> Topic:
    """Return the topic that the file names, created if there is none; raises SeedError where it has no address."""
    name = sheet.front["topic"]
    if not is_slug(slugify(name)):
        raise sheet.error("“topic” needs letters or digits, which its address is made from.", "topic")
    return Topic.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]


def _areas(sheet: Sheet) -> list[Area]:
    """Return the areas that the file names by slug."""
    slugs = sheet.front.get("areas") or []
    if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
        raise sheet.error("“areas” must be a list of slugs from areas.csv.", "areas")
    known = {row.slug for row in areas()}
    for place, slug in enumerate(slugs):
        if slug not in known:
            raise sheet.error(f"“{slug}” is not an area of areas.csv.", "areas", place)
    return list(Area.objects.filter(slug__in=slugs))


def _article(sheet: Sheet, article: Article, *, topic: Topic) -> Article:
    """Set the article's fields from the file."""
    withdrawn = article.status == Article.Status.WITHDRAWN
    for name in LINES:
        setattr(article, name, _value(sheet, name))
    if withdrawn:
        article.status = Article.Status.WITHDRAWN
    article.body = sheet.body
    article.topic = topic
    article.seed_digest = sheet.digest
    sheet.clean(article)
    return article


def _value(sheet: Sheet, name: str) -> Any:
    """Return what the file's line says for a field of an article; the field's default where there is none."""
    field: Any = Article._meta.get_field(name)  # noqa: SLF001 - Django's public name
    said = sheet.front.get(name, "")
    if isinstance(field, models.DateTimeField):
        return sheet.moment(sheet.front, name)
    if isinstance(field, models.BooleanField):
        if said and said.lower() not in YES_NO:
            raise sheet.error(f"“{name}” must be yes or no.", name)
        return YES_NO[said.lower()] if said else field.get_default()
    return said or field.get_default()


def _appeal(sheet: Sheet, article: Article) -> None:
    """Create or change the article's appeal; raises SeedError if another article has its key."""
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
    appeal.save()
