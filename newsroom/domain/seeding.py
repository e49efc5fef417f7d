"""Loads articles from seed files, with their areas, facts, timeline, links and appeal."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from newsroom.domain import editing, request_rebuild, revisions, search
from newsroom.domain.areas import areas
from newsroom.domain.front_matter import SeedError, Sheet, read_sheet
from newsroom.file_names import is_slug
from newsroom.models import Appeal, Area, Article, KeyFact, RelatedLink, TimelineStep, Topic

ARTICLES: Path = settings.BASE_DIR / "seeds" / "articles"
LOADER = "load_articles"  # the author of revisions that come from files


class ArticleLines(forms.ModelForm):
    """What the lines of a file say of an article; its text follows them."""

    topic = forms.CharField(max_length=60)
    areas = forms.ModelMultipleChoiceField(Area.objects.all(), to_field_name="slug", required=False)
    proceedings_active = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce="yes".__eq__)

    class Meta:
        model = Article
        fields = (
            *("slug", "headline", "standfirst", "byline", "status", "source_note"),
            *("publish_at", "updated_at", "topic", "areas", "proceedings_active", "body"),
        )

    def clean_topic(self) -> Topic:
        """Return the topic with this name, created if there is none."""
        name = self.cleaned_data["topic"]
        if not is_slug(slugify(name)):
            raise ValidationError(gettext("It needs letters or digits, which its address is made from."))
        return Topic.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]


class AppealLines(forms.ModelForm):
    """What a file says of an article's appeal; its `questions` are the highlights."""

    class Meta:
        model = Appeal
        fields = ("key", "title", "prompt", "highlights", "why", "opens", "closes")


ROWS: dict[str, type[forms.ModelForm]] = {
    "facts": forms.modelform_factory(KeyFact, fields=("figure", "text")),
    "timeline": forms.modelform_factory(TimelineStep, fields=("stage", "date", "text")),
    "links": forms.modelform_factory(RelatedLink, fields=("title", "url")),
}
NESTED = ("areas", *ROWS, "appeal")  # lines whose value is no plain text


@dataclass
class Tally:
    """The numbers of articles that a load created, changed and found unchanged; the files that it did not follow.

    `left_alone` has the names of changed files whose articles the newsroom has edited or corrected.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_alone: list[str] = field(default_factory=list)


def load(*, path: Path) -> Tally:
    """Load one file, or every .md file of a folder, in one transaction; raises SeedError.

    An article is left alone if its file has not changed since the last load, or if the newsroom has edited or corrected
    it: a new version of the program must not bring back what a correction took out. Any other changed file overwrites
    the article and leaves a revision, but a withdrawn article stays withdrawn, and a published one cannot become a
    draft.
    """
    if not path.exists():
        raise SeedError(path, None, "There is no such file or folder.")
    tally, files = Tally(), dict[str, str]()
    with transaction.atomic():
        areas_changed = load_areas()
        for file in sorted(path.glob("*.md")) if path.is_dir() else [path]:
            sheet = read_sheet(path=file)
            slug = str(sheet.front.get("slug"))
            if slug in files:
                raise sheet.error(f"“{slug}” is the slug of {files[slug]} too.", "slug")
            files[slug] = file.name
            _load(sheet, tally, stored=Article.objects.filter(slug=slug).first())
        if tally.new or tally.changed or areas_changed:
            request_rebuild.request_rebuild()
    return tally


def load_areas() -> bool:
    """Create and update the town's areas from their file; return True if any was."""
    known = {(area.slug, area.name, area.estates) for area in Area.objects.all()}
    rows = [(row.slug, row.name, "; ".join(row.estates)) for row in areas()]
    changed = [row for row in rows if row not in known]
    for slug, name, estates in changed:
        Area.objects.update_or_create(slug=slug, defaults={"name": name, "estates": estates})
    return bool(changed)


def _load(sheet: Sheet, tally: Tally, *, stored: Article | None) -> None:
    """Create, change or leave alone the article of a file."""
    if stored and stored.seed_digest == sheet.digest:
        tally.unchanged += 1
    elif stored and _is_the_newsrooms(stored):
        tally.left_alone.append(sheet.path.name)
    else:
        published = stored and editing.state(stored) == Article.Status.PUBLISHED
        if published and sheet.front.get("status") == Article.Status.DRAFT:
            raise sheet.error("This story is out and cannot be a draft again. Withdraw it in the newsroom.", "status")
        _write(sheet, stored)
        tally.changed += bool(stored)
        tally.new += not stored


def _is_the_newsrooms(article: Article) -> bool:
    """Return True if somebody has edited or corrected the article since it came from its file."""
    newest = article.revisions.order_by("-number").values_list("made_by", flat=True).first()
    return newest not in (None, LOADER)


def _write(sheet: Sheet, stored: Article | None) -> None:
    """Save the article of a file with its rows, and a revision."""
    before, article = revisions.snapshot(stored) if stored else None, stored or Article()
    withdrawn = {"status": article.status} if article.status == Article.Status.WITHDRAWN else {}
    article.seed_digest = sheet.digest
    lines = {"proceedings_active": "no"} | sheet.front | withdrawn | {"body": sheet.body}
    _require_known(sheet, sheet.front, {*ArticleLines.base_fields, *NESTED} - {"body"})
    _save(sheet, ArticleLines(lines, instance=article))
    for name, form_class in ROWS.items():
        model: Any = form_class._meta.model  # noqa: SLF001 - Django's public name
        model.objects.filter(article=article).delete()
        for place, row in enumerate(_rows(sheet, name, form_class)):
            order = {} if model is TimelineStep else {"order": place}
            _save(sheet, form_class(row, instance=model(article=article, **order)), name)
    _appeal(sheet, article)
    summary = gettext("Loaded from its file")
    revisions.record(article=article, before=before, made_by=LOADER, at=timezone.now(), summary=summary)
    editing.look_again(article, gettext("The story was loaded again from its file."))
    search.reindex(article=article)


def _rows(sheet: Sheet, name: str, form_class: type[forms.ModelForm]) -> list[dict[str, str]]:
    """Return the list of tables under `name`."""
    rows = sheet.front.get(name) or []
    known = set(form_class.base_fields)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise sheet.error(f"“{name}” must be a list, each item with: {', '.join(sorted(known))}.", name)
    for row in rows:
        _require_known(sheet, row, known, name)
    return rows


def _appeal(sheet: Sheet, article: Article) -> None:
    """Create or change the article's appeal; raises SeedError if another article has its key."""
    table = sheet.front.get("appeal")
    if not table:
        return
    known = {*AppealLines.base_fields, "questions"} - {"highlights"}
    if not isinstance(table, dict):
        raise sheet.error(f"“appeal” must have: {', '.join(sorted(known))}.", "appeal")
    _require_known(sheet, table, known, "appeal")
    appeal = Appeal.objects.filter(key=table.get("key", "")).first() or Appeal(article=article)
    if appeal.article_id != article.pk:
        raise sheet.error("This key belongs to another story's appeal. Keys are never used again.", "appeal")
    lines = {"opens": article.publish_at} | table | {"highlights": table.get("questions", "")}
    _save(sheet, AppealLines(lines, instance=appeal), "appeal")


def _require_known(sheet: Sheet, table: dict[str, Any], known: set[str], within: str = "") -> None:
    """Raise SeedError for an unknown key, or for a table in place of a plain value."""
    for key, value in table.items():
        if key not in known:
            raise sheet.error(f"“{key}” is not known here. Use: {', '.join(sorted(known))}.", within or key)
        if not isinstance(value, str) and (within or key not in NESTED):
            raise sheet.error(f"“{key}” must be plain text. Put it in quotes.", within or key)


def _save(sheet: Sheet, form: forms.ModelForm, within: str = "") -> Model:
    """Save what a form makes of a table, or raise SeedError with its first mistake."""
    if form.is_valid():
        saved: Model = form.save()
        return saved
    name, messages = next(iter(form.errors.items()))
    label = "" if name == NON_FIELD_ERRORS else f"“{name}”: "
    raise sheet.error(f"{label}{messages[0]}", within or name)
