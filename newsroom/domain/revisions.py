"""Revisions of articles: recording, comparing and restoring them."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.models import Appeal, Area, Article, Author, Image, KeyFact, RelatedLink, Revision, TimelineStep, Topic

type Fields = dict[str, Any]

# A revision records every field of an article but the first of these, and restores all of those but the second.
UNRECORDED = frozenset({"id", "withdrawn_at"})  # the revision says when
UNRECORDED |= {"residents_least", "residents_most"}  # set by `outcome_notice` alone
NOT_RESTORED = frozenset({"slug", "status", "publish_at", "updated_at", "pinned", "withdrawn_note"})
PARTS: dict[str, Callable[[Any], list[str]]] = {  # the related rows, each as a list of strings
    "facts": lambda fact: [fact.figure, fact.text],
    "steps": lambda step: [step.stage, step.date.isoformat(), step.text],
    "links": lambda link: [link.title, link.url],
    "appeals": lambda appeal: [
        appeal.key, appeal.title, appeal.prompt, appeal.why, appeal.highlights, _span(appeal), *_result(appeal)
    ],
    "corrections": lambda correction: [correction.at.isoformat(), correction.text],
}  # fmt: skip
RESTORED_PARTS = ("facts", "steps", "links")
KEYS: dict[Any, str] = {
    Topic: "slug",
    Author: "slug",
    Area: "slug",
    Image: "digest",
}  # of related objects
LONGEST_IN_WORDS = 5000  # characters; a longer line is not compared word by word, which would be slow
LABELS: dict[str, Promise] = {
    "facts": gettext_lazy("key facts"),
    "steps": gettext_lazy("timeline"),
    "links": gettext_lazy("links"),
    "appeals": gettext_lazy("appeals"),
    "corrections": gettext_lazy("corrections"),
}


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


def recorded() -> list[Any]:
    """Return the fields of an article that its revisions record."""
    meta = Article._meta  # noqa: SLF001 - Django's public name
    return [field for field in (*meta.fields, *meta.many_to_many) if field.name not in UNRECORDED]


def restored() -> list[Any]:
    """Return the fields of an article that `put_back` restores."""
    return [field for field in recorded() if field.name not in NOT_RESTORED]


def editable() -> list[str]:
    """Return the names of the parts of an article that an editor writes: those that `put_back` restores, and `slug`."""
    return ["slug", *(field.name for field in restored()), *RESTORED_PARTS]


def written(fields: Fields) -> Fields:
    """Return the parts of a snapshot that an editor writes."""
    return {name: fields[name] for name in editable() if name in fields}


def snapshot(article: Article) -> Fields:
    """Return everything that readers or editors see of a stored article, as JSON values."""
    parts = {name: [row(part) for part in getattr(article, name).all()] for name, row in PARTS.items()}
    return {field.name: _value(article, field) for field in recorded()} | parts


def _value(article: Article, field: Any) -> Any:
    """Return the value of a field as JSON; a related object by its field in KEYS."""
    value = getattr(article, field.name)
    if field.many_to_many:
        return sorted(getattr(row, KEYS[field.related_model]) for row in value.all())
    if field.is_relation:
        return getattr(value, KEYS[field.related_model]) if value else ""
    if isinstance(field, models.DateField):
        return value.isoformat() if value else ""
    return value


def _result(appeal: Appeal) -> list[str]:
    return [appeal.result] if appeal.result else []


def _span(appeal: Appeal) -> str:
    return f"{appeal.opens.isoformat()} – {appeal.closes.isoformat() if appeal.closes else ''}"


def label(name: str) -> str:
    """Return the name of a part of an article, for editors."""
    return str(LABELS[name]) if name in LABELS else str(Article._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001


def changed(before: Fields, after: Fields) -> list[str]:
    """Return the names of the parts that differ between two snapshots."""
    return [name for name in after if after[name] != before.get(name)]


def record(
    *, article: Article, before: Fields | None, made_by: str, at: datetime, summary: str = ""
) -> Revision | None:
    """Create the article's next revision; None if nothing has changed since `before` (None for a new article)."""
    after = snapshot(Article.objects.get(pk=article.pk))
    names = changed(before or {}, after)
    if not names:
        return None
    text = summary or (", ".join(label(name) for name in names) if before else _("Created"))
    last = article.revisions.aggregate(models.Max("number"))["number__max"] or 0
    return Revision.objects.create(
        article=article,
        number=last + 1,
        made_at=at,
        made_by=made_by,
        summary=text[:1].upper() + text[1:300],
        fields=after,
    )


def differences(before: Fields, after: Fields) -> list[Difference]:
    """Return the differences between two snapshots by part and line, with one line of context.

    A part that has no line in either, such as an author of a new article without one, is left out.
    """
    compared = (
        Difference(label(name), tuple(_compare(_lines(name, before.get(name)), _lines(name, after.get(name)))))
        for name in changed(before, after)
    )
    return [difference for difference in compared if difference.lines]


def restorable(now: Fields, then: Fields) -> list[Difference]:
    """Return the differences that `put_back` would make."""
    names = set(editable()) - {"slug"}
    restored_fields = {name: then[name] if name in names else now[name] for name in now}
    return differences(now, restored_fields)


def form_values(fields: Fields) -> Fields:
    """Return the fields of an article as its form shows them: a related object by its primary key."""
    values = {"slug": fields["slug"]} if "slug" in fields else {}
    for field in restored():
        if field.name not in fields:  # the field is newer than the revision
            continue
        value = fields[field.name]
        if field.is_relation:
            keys = list(_related(field, value if field.many_to_many else [value]).values_list("pk", flat=True))
            values[field.name] = keys if field.many_to_many else next(iter(keys), None)
        else:
            values[field.name] = value
    return values


def _lines(name: str, value: Any) -> list[str]:
    """Return the value of one part as the lines to compare."""
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return [_("yes") if value else _("no")]
    if isinstance(value, list):
        return [" · ".join(_in_words(name, item)) if isinstance(item, list) else str(item) for item in value]
    if isinstance(Article._meta.get_field(name), models.DateTimeField):  # noqa: SLF001 - Django's public name
        return [_instant(value)]
    if name == "status":
        return [str(Article.Status(value).label)]
    return str(value).splitlines()


def _in_words(name: str, row: list[str]) -> list[str]:
    """Return a recorded row with its day or instant, and its stage, as editors write them."""
    if name == "corrections":
        return [_instant(row[0]), *row[1:]]
    if name == "steps":
        return [str(TimelineStep.Stage(row[0]).label), date_format(date.fromisoformat(row[1]), "j F Y"), *row[2:]]
    return row


def _instant(value: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(value)), "j F Y, H:i")


def _compare(before: list[str], after: list[str]) -> Iterator[DifferenceLine]:
    """Yield the lines that differ, with one line of context around each group."""
    matcher = difflib.SequenceMatcher(a=before, b=after)
    for place, group in enumerate(matcher.get_grouped_opcodes(1)):
        if place:
            yield DifferenceLine("gap")
        for kind, start, end, new_start, new_end in group:
            old, new = before[start:end], after[new_start:new_end]
            if kind == "equal":
                yield from (DifferenceLine("same", ((False, text),)) for text in old)
            else:
                yield from _replaced(old, new)


def _replaced(old: list[str], new: list[str]) -> Iterator[DifferenceLine]:
    """Yield the old and the new lines, compared word by word if there are equally many."""
    in_words = len(old) == len(new) and all(len(text) <= LONGEST_IN_WORDS for text in (*old, *new))
    if not in_words:
        yield from (DifferenceLine("removed", ((True, text),)) for text in old)
        yield from (DifferenceLine("added", ((True, text),)) for text in new)
        return
    for text, text_now in zip(old, new, strict=True):
        words, words_now = re.findall(r"\s+|\S+", text), re.findall(r"\s+|\S+", text_now)
        codes = difflib.SequenceMatcher(a=words, b=words_now, autojunk=False).get_opcodes()
        yield DifferenceLine(
            "removed", _pieces((kind != "equal", words[start:end]) for kind, start, end, _start, _end in codes)
        )
        yield DifferenceLine(
            "added", _pieces((kind != "equal", words_now[start:end]) for kind, _s, _e, start, end in codes)
        )


def _pieces(pieces: Iterable[tuple[bool, list[str]]]) -> tuple[tuple[bool, str], ...]:
    return tuple((differs, "".join(words)) for differs, words in pieces if words)


def put_back(article: Article, fields: Fields) -> list[Callable[[], object]]:
    """Set an article's fields from a revision, without saving; return calls that restore its rows after the save.

    Address, times and state stay. Related objects that have been deleted since are left out.
    """
    parts: list[Callable[[], object]] = []
    for field in restored():
        if field.name not in fields:  # the field is newer than the revision
            continue
        value = fields[field.name]
        if field.many_to_many:
            parts.append(partial(getattr(article, field.name).set, _related(field, value)))
        elif field.is_relation:
            related = _related(field, [value]).first()
            setattr(article, field.name, related or (None if field.null else getattr(article, field.name)))
        else:
            setattr(article, field.name, None if field.null and value == "" else value)
    return [*parts, lambda: replace_rows(article, fields)]


def _related(field: Any, keys: list[str]) -> Any:
    """Return the related objects of a field by their recorded keys."""
    return field.related_model.objects.filter(**{f"{KEYS[field.related_model]}__in": keys})


def replace_rows(article: Article, fields: Fields) -> None:
    """Replace the facts, steps and links of an article by these, as a snapshot holds them."""
    for model in (KeyFact, TimelineStep, RelatedLink):
        model.objects.filter(article=article).delete()
    for place, (figure, text) in enumerate(fields["facts"]):
        KeyFact.objects.create(article=article, figure=figure, text=text, order=place)
    for stage, day, text in fields["steps"]:
        TimelineStep.objects.create(article=article, stage=stage, date=date.fromisoformat(day), text=text)
    for place, (title, url) in enumerate(fields["links"]):
        RelatedLink.objects.create(article=article, title=title, url=url, order=place)
