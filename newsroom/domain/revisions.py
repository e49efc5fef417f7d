"""Revisions of articles: recording, comparing and restoring them."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby, zip_longest
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from newsroom.models import (
    Appeal,
    Area,
    Article,
    Author,
    Image,
    KeyFact,
    RelatedLink,
    Revision,
    TimelineStep,
    Topic,
)

type Fields = dict[str, Any]

# A revision records every field of an article but these: it says itself when, and `outcome_notice` sets the last three.
UNRECORDED = frozenset({"id", "withdrawn_at", "residents_least", "residents_most", "event"})
# The fields that verbs set. An editor's form has every other one, and restoring a revision brings every other one back.
BY_VERBS = UNRECORDED | {"status", "publish_at", "updated_at", "pinned", "withdrawn_note"}
BY_VERBS |= {"proceedings_active", "look_again_on"}  # no old text of a story ends its warning
ROWS: dict[
    str, tuple[Any, tuple[str, ...]]
] = {  # the related rows that an editor writes with it, and their fields
    "facts": (KeyFact, ("figure", "text")),
    "steps": (TimelineStep, ("stage", "date", "text")),
    "links": (RelatedLink, ("title", "url")),
}
OTHER_ROWS: dict[str, Callable[[Any], list[str]]] = {  # the others, each as a list of strings
    "appeals": lambda appeal: [
        appeal.key, appeal.title, appeal.prompt, appeal.why, appeal.highlights, _span(appeal), *_result(appeal)
    ],
    "corrections": lambda correction: [correction.at.isoformat(), correction.text],
}  # fmt: skip
KEYS: dict[Any, str] = {
    Topic: "slug",
    Author: "slug",
    Area: "slug",
    Image: "digest",
}  # of related objects
LONGEST_IN_WORDS = (
    5000  # characters; a longer line is not compared word by word, which would be slow
)


@dataclass(frozen=True)
class DifferenceLine:
    """One line of a comparison: `mark` is added, removed, same or gap; each piece says whether it differs."""

    mark: str
    pieces: tuple[tuple[bool, str], ...] = ()


@dataclass(frozen=True)
class Difference:
    """One part of an article that differs between two revisions."""

    label: str
    lines: tuple[DifferenceLine, ...]

    @property
    def pairs(self) -> list[tuple[DifferenceLine | None, DifferenceLine | None]]:
        """Return the lines before and after side by side, None beside a line that has no counterpart."""
        pairs = list[tuple[DifferenceLine | None, DifferenceLine | None]]()
        for differs, group in groupby(
            self.lines, key=lambda line: line.mark in ("removed", "added")
        ):
            lines = list(group)
            if differs:
                removed = [line for line in lines if line.mark == "removed"]
                added = [line for line in lines if line.mark == "added"]
                pairs.extend(zip_longest(removed, added))
            else:
                pairs.extend(zip(lines, lines, strict=True))
        return pairs


def recorded() -> list[Any]:
    """Return the fields of an article that its revisions record."""
    meta = Article._meta  # noqa: SLF001 - Django's public name
    return [field for field in (*meta.fields, *meta.many_to_many) if field.name not in UNRECORDED]


def written_fields() -> list[Any]:
    """Return the fields of an article that an editor writes."""
    return [field for field in recorded() if field.name not in BY_VERBS]


def editable() -> list[str]:
    """Return the names of the parts of an article that an editor writes."""
    return [*(field.name for field in written_fields()), *ROWS]


def written(fields: Fields) -> Fields:
    """Return the parts of a snapshot that an editor writes."""
    return {name: fields[name] for name in editable() if name in fields}


def snapshot(article: Article) -> Fields:
    """Return everything that readers or editors see of a stored article, as JSON values."""
    values = {field.name: _value(article, field) for field in recorded()}
    for name in (*ROWS, *OTHER_ROWS):
        values[name] = [as_list(name, row) for row in getattr(article, name).all()]
    return values


def as_list(name: str, row: Any) -> list[str]:
    """Return a related row as a revision holds it."""
    if name in ROWS:
        return [str(getattr(row, field)) for field in ROWS[name][1]]
    return OTHER_ROWS[name](row)


def _value(article: Article, field: Any) -> Any:
    """Return the value of a field as JSON; a related object by its field in KEYS."""
    value = getattr(article, field.name)
    if field.many_to_many:
        return sorted(getattr(row, KEYS[field.related_model]) for row in value.all())
    if field.is_relation:
        if value:
            return getattr(value, KEYS[field.related_model])
        return ""
    if isinstance(field, models.DateField):
        return value.isoformat() if value else ""
    return value


def _result(appeal: Appeal) -> list[str]:
    if appeal.result:
        return [appeal.result]
    return []


def _span(appeal: Appeal) -> str:
    return f"{appeal.opens.isoformat()} – {appeal.closes.isoformat() if appeal.closes else ''}"


def label(name: str) -> str:
    """Return the name of a part of an article, for editors."""
    field: Any = Article._meta.get_field(name)  # noqa: SLF001 - Django's public name
    return str(
        field.related_model._meta.verbose_name_plural if field.auto_created else field.verbose_name  # noqa: SLF001
    )


def changed(before: Fields, after: Fields) -> list[str]:
    """Return the names of the parts that differ between two snapshots."""
    return [name for name in after if after[name] != before.get(name)]


def add(
    *, article: Article, before: Fields | None, made_by: str, at: datetime, summary: str = ""
) -> Revision | None:
    """Create the article's next revision; None if nothing has changed since `before` (None for a new article)."""
    after = snapshot(Article.objects.get(pk=article.pk))
    names = changed(before or {}, after)
    if not names:
        return None
    if not summary:
        summary = "Created"
        if before:
            summary = ", ".join(label(name) for name in names)
    last = article.revisions.aggregate(models.Max("number"))["number__max"] or 0
    return Revision.objects.create(
        article=article,
        number=last + 1,
        made_at=at,
        made_by=made_by,
        summary=summary[:1].upper() + summary[1:300],
        fields=after,
    )


def differences(before: Fields, after: Fields) -> list[Difference]:
    """Return the differences between two snapshots by part and line, with one line of context.

    A part that has no line in either, such as an author of a new article without one, is left out.
    """
    found = []
    for name in changed(before, after):
        lines = tuple(_compare(_lines(name, before.get(name)), _lines(name, after.get(name))))
        if lines:
            found.append(Difference(label(name), lines))
    return found


def restorable(now: Fields, then: Fields) -> list[Difference]:
    """Return the differences that restoring would make; it leaves the address."""
    restored_fields = dict(now)
    for name in editable():
        if name in now and name != "slug":
            restored_fields[name] = then[name]
    return differences(now, restored_fields)


def form_values(fields: Fields) -> Fields:
    """Return the fields of an article as its form shows them: a related object by its primary key, if it exists."""
    values: Fields = {}
    for field in written_fields():
        if field.name not in fields:  # the field is newer than the revision
            continue
        value = fields[field.name]
        if field.is_relation:
            named = value if field.many_to_many else [value]
            known = {f"{KEYS[field.related_model]}__in": named}
            keys = list(field.related_model.objects.filter(**known).values_list("pk", flat=True))
            value = keys if field.many_to_many else next(iter(keys), None)
        values[field.name] = value
    return values


def _lines(name: str, value: Any) -> list[str]:
    """Return the value of one part as the lines to compare."""
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, list):
        lines = []
        for item in value:
            cells = _in_words(name, item) if isinstance(item, list) else [str(item)]
            lines.append(" · ".join(cells))
        return lines
    field = Article._meta.get_field(name)  # noqa: SLF001 - Django's public name
    if isinstance(field, models.DateField):
        return [_instant(value) if isinstance(field, models.DateTimeField) else _day(value)]
    if name == "status":
        value = Article.Status(value).label
    elif name == "lead_image":
        value = _description(value)
    return str(value).splitlines()


def _description(digest: str) -> str:
    """Return what a picture shows; a digest tells an editor nothing."""
    picture = Image.objects.filter(digest=digest).first()
    return picture.alt if picture else "A picture that was deleted"


def _in_words(name: str, row: list[str]) -> list[str]:
    """Return a recorded row with its day or instant, and its stage, as editors write them."""
    if name == "corrections":
        return [_instant(row[0]), *row[1:]]
    if name == "steps":
        return [str(TimelineStep.Stage(row[0]).label), _day(row[1]), *row[2:]]
    return row


def _day(value: str) -> str:
    return date_format(date.fromisoformat(value), "j F Y")


def _instant(value: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(value)), "j F Y, H:i")


def _compare(before: list[str], after: list[str]) -> Iterator[DifferenceLine]:
    """Yield the lines that differ, with one line of context around each group."""
    matcher = difflib.SequenceMatcher(a=before, b=after)
    for place, group in enumerate(matcher.get_grouped_opcodes(1)):
        if place:
            yield DifferenceLine("gap")
        for kind, start, end, new_start, new_end in group:
            old = before[start:end]
            new = after[new_start:new_end]
            if kind == "equal":
                for text in old:
                    yield DifferenceLine("same", ((False, text),))
            else:
                yield from _replaced(old, new)


def _replaced(old: list[str], new: list[str]) -> Iterator[DifferenceLine]:
    """Yield the old and the new lines, compared word by word if there are equally many."""
    in_words = len(old) == len(new) and all(len(text) <= LONGEST_IN_WORDS for text in (*old, *new))
    if not in_words:
        for text in old:
            yield DifferenceLine("removed", ((True, text),))
        for text in new:
            yield DifferenceLine("added", ((True, text),))
        return
    for text, text_now in zip(old, new, strict=True):
        words = re.findall(r"\s+|\S+", text)
        words_now = re.findall(r"\s+|\S+", text_now)
        codes = difflib.SequenceMatcher(a=words, b=words_now, autojunk=False).get_opcodes()
        removed = []
        added = []
        for kind, start, end, new_start, new_end in codes:
            differs = kind != "equal"
            removed.append((differs, words[start:end]))
            added.append((differs, words_now[new_start:new_end]))
        yield DifferenceLine("removed", _pieces(removed))
        yield DifferenceLine("added", _pieces(added))


def _pieces(pieces: Iterable[tuple[bool, list[str]]]) -> tuple[tuple[bool, str], ...]:
    return tuple((differs, "".join(words)) for differs, words in pieces if words)


def put_back(article: Article, fields: Fields) -> list[Callable[[], object]]:
    """Set an article's fields from a revision, without saving; return calls that restore its rows after the save.

    Times and state stay, and so do the topic and the sources where the revision has none. Related objects that have
    been deleted since are left out.
    """
    values = form_values(fields)
    parts = list[Callable[[], object]]()
    for field in written_fields():
        value = values.get(field.name)
        if field.many_to_many and value is not None:
            parts.append(partial(getattr(article, field.name).set, value))
        elif field.name == "source_note" and not value:
            continue
        elif value is not None or (field.null and field.name in values and field.name != "topic"):
            setattr(article, field.attname, value)
    return [*parts, lambda: replace_rows(article, fields)]


def replace_rows(article: Article, fields: Fields) -> None:
    """Replace the facts, steps and links of an article by these, as a snapshot holds them."""
    for name, (model, names) in ROWS.items():
        model.objects.filter(article=article).delete()
        for place, values in enumerate(fields[name]):
            order = {} if model is TimelineStep else {"order": place}  # steps stand by their days
            model.objects.create(article=article, **dict(zip(names, values, strict=True)), **order)
