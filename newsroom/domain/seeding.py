"""Stories from files: Markdown with front matter in, articles with all that hangs from them out."""

import csv
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from frontmatter.default_handlers import YAMLHandler

from newsroom.models import Appeal, Area, Article, KeyFact, RelatedLink, StoryStep, Topic

SEEDS: Path = settings.BASE_DIR / "seeds"
ARTICLES = SEEDS / "articles"
AREAS = SEEDS / "areas.csv"

NEEDED = ("slug", "headline", "standfirst", "byline", "status", "topic")
ALLOWED = {
    "": {*NEEDED, "publish_at", "updated_at", "proceedings_active", "source_note", "areas"}
    | {"facts", "timeline", "links", "appeal"},
    "facts": {"figure", "text"},
    "timeline": {"stage", "date", "text"},
    "links": {"title", "url"},
    "appeal": {"key", "title", "prompt", "why", "opens", "closes"},
}
YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class SeedError(Exception):
    """A seed file that cannot be used; the message says which file, which line and what to do, in plain words."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        """Take the file, the line (counted from one; None for the whole file) and what is wrong with it."""
        self.path, self.line, self.problem = path, line, problem
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {problem}")


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
    with _opened(path).open(encoding="utf-8", newline="") as file:
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


@dataclass(frozen=True)
class Sheet:
    """One seed file: its front matter as strings, lists and dicts, its text, and where each key stands."""

    path: Path
    front: dict[str, Any]
    node: yaml.MappingNode
    skipped: int
    body: str
    digest: str = field(repr=False)

    def line(self, *keys: str | int) -> int:
        """Return the line of the deepest of `keys` that is there, the front matter's first line without one."""
        node: yaml.Node = self.node
        mark = node.start_mark
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                found = [pair for pair in node.value if pair[0].value == key]
                if not found:
                    break
                mark, node = found[0][0].start_mark, found[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                node = node.value[key]
                mark = node.start_mark
        return self.skipped + mark.line + 1

    def error(self, problem: str, *keys: str | int) -> SeedError:
        """Return an error at the line of `keys`."""
        return SeedError(self.path, self.line(*keys), problem)

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the list of small tables under `name`, checked for unknown keys."""
        rows = self.front.get(name) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.error(f"“{name}” must be a list, each item with: {', '.join(sorted(ALLOWED[name]))}.", name)
        for place, row in enumerate(rows):
            self.only_known(row, name, place)
        return rows

    def only_known(self, table: dict[str, Any], name: str, *place: int) -> None:
        """Refuse a key that nothing reads, and a table where a plain value belongs: most are slips."""
        where: tuple[str | int, ...] = (name, *place) if name else ()
        for key, value in table.items():
            if key not in ALLOWED[name]:
                raise self.error(f"“{key}” is not known here. Use: {', '.join(sorted(ALLOWED[name]))}.", *where, key)
            if not isinstance(value, str) and key not in ("areas", "facts", "timeline", "links", "appeal"):
                raise self.error(f"“{key}” must be plain text. Put it in quotes.", *where, key)

    def moment(self, table: dict[str, str], key: str, *where: str) -> datetime | None:
        """Return a date and time in the town's time zone, None when it is not given."""
        value = table.get(key, "")
        if not value:
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or len(value) < len("2023-11-22 07:00"):
            raise self.error(f"“{key}” must be a date and a time, like 2023-11-22 07:00.", *where, key)
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

    def clean(self, row: models.Model, *where: str | int) -> None:
        """Hold a row to its model's rules; an error names the line of the field that breaks them."""
        try:
            row.full_clean(exclude=["article"], validate_unique=False)
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            label = "" if name == "__all__" else f"“{name}”: "
            raise self.error(f"{label}{messages[0]}", *where, name) from error


def _opened(path: Path) -> Path:
    """Return the path when it is a file that can be read."""
    if not path.is_file():
        raise SeedError(path, None, "There is no such file.")
    return path


def read_sheet(*, path: Path) -> Sheet:
    """Return the file's front matter and text; the first line must be three hyphens."""
    try:
        text = _opened(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(path, None, "The file is not UTF-8 text.") from error
    handler = YAMLHandler()
    if not handler.detect(text):
        raise SeedError(path, 1, "The first line must be three hyphens (---), then the story's facts.")
    try:
        front_text, body = handler.split(text)
    except ValueError as error:
        raise SeedError(path, 1, "The facts must end with a line of three hyphens (---).") from error
    skipped = text[: text.index(front_text, 3)].count("\n")
    try:
        node = yaml.compose(front_text, Loader=yaml.BaseLoader)
        front = handler.load(front_text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = skipped + error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError(path, line, f"This line cannot be read ({error.problem}). Does a value need quotes?") from error
    if not isinstance(node, yaml.MappingNode):
        raise SeedError(path, 1, "Between the hyphens there must be lines like “headline: ...”.")
    digest = hashlib.sha256(text.encode()).hexdigest()
    sheet = Sheet(path=path, front=front, node=node, skipped=skipped, body=body.strip(), digest=digest)
    sheet.only_known(front, "")
    for key in NEEDED:
        if not front.get(key):
            raise sheet.error(f"“{key}” is missing.", key)
    return sheet


def load(*, path: Path) -> Tally:
    """Load the story at `path`, or every .md file of that folder, all or none; raise SeedError.

    A story whose file has not changed since it was loaded is left alone, whatever the newsroom did to it since.
    A changed file overwrites the story, but never brings back one that was withdrawn.
    """
    if not path.exists():
        raise SeedError(path, None, "There is no such file or folder.")
    tally = Tally()
    with transaction.atomic():
        rows = [Area(slug=row.slug, name=row.name, estates="; ".join(row.estates)) for row in areas()]
        Area.objects.bulk_create(rows, update_conflicts=True, unique_fields=["slug"], update_fields=["name", "estates"])
        for file in sorted(path.glob("*.md")) if path.is_dir() else [path]:
            _load_one(read_sheet(path=file), tally)
    return tally


def _load_one(sheet: Sheet, tally: Tally) -> None:
    """Make, change or leave one story."""
    known = Article.objects.filter(slug=sheet.front["slug"]).first()
    if known and known.seed_digest == sheet.digest:
        tally.unchanged += 1
        return
    article = _article(sheet, known or Article())
    article.save()
    article.areas.set(_areas(sheet))
    _replace_children(sheet, article)
    _appeal(sheet, article)
    if known:
        tally.changed += 1
    else:
        tally.new += 1


def _article(sheet: Sheet, article: Article) -> Article:
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
    article.topic, _ = Topic.objects.get_or_create(slug=slugify(front["topic"]), defaults={"name": front["topic"]})
    article.seed_digest = sheet.digest
    sheet.clean(article)
    return article


def _areas(sheet: Sheet) -> list[Area]:
    """Return the areas that the sheet names by slug."""
    slugs = sheet.front.get("areas") or []
    if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
        raise sheet.error("“areas” must be a list of slugs from areas.csv.", "areas")
    known = {row.slug for row in areas()}
    for place, slug in enumerate(slugs):
        if slug not in known:
            raise sheet.error(f"“{slug}” is not an area of areas.csv.", "areas", place)
    return list(Area.objects.filter(slug__in=slugs))


def _replace_children(sheet: Sheet, article: Article) -> None:
    """Put the sheet's facts, timeline and links in place of those the story had."""
    for name, model in (("facts", KeyFact), ("timeline", StoryStep), ("links", RelatedLink)):
        model.objects.filter(article=article).delete()
        for place, row in enumerate(sheet.rows(name)):
            order = {} if model is StoryStep else {"order": place}
            child = model(article=article, **row, **order)
            sheet.clean(child, name, place)
            child.save()


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
    opens = sheet.moment(table, "opens", "appeal") or article.publish_at
    if opens is None:
        raise sheet.error("Say when the appeal opens, or when the story appears.", "appeal")
    appeal.opens, appeal.closes = opens, sheet.moment(table, "closes", "appeal")
    sheet.clean(appeal, "appeal")
    appeal.save()
