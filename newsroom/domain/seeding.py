"""Loads articles from seed files, with their areas, facts, timeline, links and appeal."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from core.file_names import is_slug
from core.place import AreaRow
from newsroom.domain import editing, request_rebuild, revisions, search
from newsroom.domain.front_matter import SeedError, Sheet, read_sheet
from newsroom.models import Appeal, Area, Article, KeyFact, RelatedLink, TimelineStep, Topic
from newsroom.models.articles import NO_SOURCE

ARTICLES: Path = settings.STATE_DIR / "place" / "articles"
LOADER = "load_articles"  # the author of revisions that come from files


class ArticleLines(forms.ModelForm):
    """What the lines of a file say of an article; its text follows them."""

    topic = forms.CharField(max_length=60)
    areas = forms.ModelMultipleChoiceField(Area.objects.all(), to_field_name="slug", required=False)
    proceedings_active = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")], coerce="yes".__eq__
    )

    class Meta:
        model = Article
        fields = (
            *("slug", "headline", "standfirst", "byline", "status", "source_note"),
            *(
                "publish_at",
                "updated_at",
                "topic",
                "areas",
                "proceedings_active",
                "look_again_on",
                "body",
            ),
        )

    def clean_source_note(self) -> str:
        """Return the note, which only a draft may lack."""
        note: str = self.cleaned_data["source_note"]
        if not note and self.cleaned_data.get("status") != Article.Status.DRAFT:
            raise ValidationError(NO_SOURCE)
        return note

    def clean_topic(self) -> Topic:
        """Return the topic with this name, created if there is none."""
        name = self.cleaned_data["topic"]
        if not is_slug(slugify(name)):
            raise ValidationError("Use letters or digits, because we make the address from them.")
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


def load(
    *, path: Path, areas: Iterable[AreaRow] | None = None, as_drafts: bool = False
) -> tuple[int, int]:
    """Create the article of one file, or those of every .md file of a folder, in one transaction; raises SeedError.

    `areas` are those of a place that is not this process's own; with `as_drafts` a file's article begins as a draft.
    An article whose address another has or had is left out: what was loaded once is the newsroom's. Return how many
    were created, and how many left out.
    """
    if not path.exists():
        raise SeedError(path, None, "There is no such file or folder.")
    files = sorted(path.glob("*.md")) if path.is_dir() else [path]
    new = 0
    with transaction.atomic():
        areas_changed = load_areas(settings.PLACE.areas if areas is None else areas)
        for sheet in (read_sheet(path=file) for file in files):
            if as_drafts:
                sheet.front["status"] = Article.Status.DRAFT.value
            if not editing.is_used(str(sheet.front.get("slug"))):
                _create(sheet)
                new += 1
        if new or areas_changed:
            request_rebuild.request_rebuild()
    return new, len(files) - new


def load_areas(areas: Iterable[AreaRow]) -> bool:
    """Create and update the areas of a place; return True if any was."""
    known = {(area.slug, area.name, area.estates) for area in Area.objects.all()}
    is_changed = False
    for row in areas:
        estates = "; ".join(row.estates)
        if (row.slug, row.name, estates) not in known:
            Area.objects.update_or_create(
                slug=row.slug, defaults={"name": row.name, "estates": estates}
            )
            is_changed = True
    return is_changed


def _create(sheet: Sheet) -> None:
    """Save the article of a file with its rows, and its first revision."""
    article = Article()
    lines = {"proceedings_active": "no"} | sheet.front | {"body": sheet.body}
    _require_known(sheet, sheet.front, {*ArticleLines.base_fields, *NESTED} - {"body"})
    _save(sheet, ArticleLines(lines, instance=article))
    for name, form_class in ROWS.items():
        model: Any = form_class._meta.model  # noqa: SLF001 - Django's public name
        for place, row in enumerate(_rows(sheet, name, form_class)):
            order = {} if model is TimelineStep else {"order": place}
            _save(sheet, form_class(row, instance=model(article=article, **order)), name)
    _appeal(sheet, article)
    summary = "Loaded from its file"
    revisions.add(article=article, before=None, made_by=LOADER, at=timezone.now(), summary=summary)
    search.reindex(article=article)


def _rows(sheet: Sheet, name: str, form_class: type[forms.ModelForm]) -> list[dict[str, str]]:
    """Return the list of tables under `name`."""
    rows = sheet.front.get(name) or []
    known = set(form_class.base_fields)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise sheet.error(
            f"“{name}” must be a list, each item with: {', '.join(sorted(known))}.", name
        )
    for row in rows:
        _require_known(sheet, row, known, name)
    return rows


def _appeal(sheet: Sheet, article: Article) -> None:
    """Create the article's appeal."""
    table = sheet.front.get("appeal")
    if not table:
        return
    known = {*AppealLines.base_fields, "questions"} - {"highlights"}
    if not isinstance(table, dict):
        raise sheet.error(f"“appeal” must have: {', '.join(sorted(known))}.", "appeal")
    _require_known(sheet, table, known, "appeal")
    lines = {"opens": article.publish_at} | table | {"highlights": table.get("questions", "")}
    _save(sheet, AppealLines(lines, instance=Appeal(article=article)), "appeal")


def _require_known(sheet: Sheet, table: dict[str, Any], known: set[str], within: str = "") -> None:
    """Raise SeedError for an unknown key, or for a table in place of a plain value."""
    for key, value in table.items():
        if key not in known:
            raise sheet.error(
                f"“{key}” is not known here. Use: {', '.join(sorted(known))}.", within or key
            )
        if not isinstance(value, str) and (within or key not in NESTED):
            raise sheet.error(f"“{key}” must be plain text. Put it in quotes.", within or key)


def _save(sheet: Sheet, form: forms.ModelForm, within: str = "") -> None:
    """Save what a form makes of a table, or raise SeedError with its first mistake."""
    if not form.is_valid():
        name, messages = next(iter(form.errors.items()))
        label = "" if name == NON_FIELD_ERRORS else f"“{name}”: "
        raise sheet.error(f"{label}{messages[0]}", within or name)
    form.save()
