"""What a story was after each change: taken whole, compared in words, and put back."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.models import Appeal, Area, Article, Author, Image, KeyFact, RelatedLink, Revision, StoryStep, Topic

type Fields = dict[str, Any]

PLAIN = ("slug", "headline", "standfirst", "body", "byline", "proceedings_active", "source_note", "pinned", "status")
MOMENTS = ("publish_at", "updated_at")
RESTORED = ("headline", "standfirst", "body", "byline", "proceedings_active", "source_note")
LONGEST_IN_WORDS = 5000  # characters of a line that is compared word by word; beyond, the cost would be felt
LABELS: dict[str, Promise] = {
    "facts": gettext_lazy("key facts"),
    "steps": gettext_lazy("timeline"),
    "links": gettext_lazy("links"),
    "appeals": gettext_lazy("appeals"),
    "corrections": gettext_lazy("corrections"),
}


@dataclass(frozen=True)
class Line:
    """One line of a comparison: `mark` is added, removed, same or gap; each of its pieces says whether it differs."""

    mark: str
    pieces: tuple[tuple[bool, str], ...] = ()


@dataclass(frozen=True)
class Difference:
    """One part of a story that differs between two revisions."""

    label: str
    lines: tuple[Line, ...]


def snapshot(article: Article) -> Fields:
    """Return all of a stored story that readers or editors see, as plain JSON values."""
    moments = {name: getattr(article, name) for name in MOMENTS}
    return {
        **{name: getattr(article, name) for name in PLAIN},
        **{name: moment.isoformat() if moment else "" for name, moment in moments.items()},
        "withdrawn_note": article.withdrawn_note,
        "topic": article.topic.slug,
        "author": article.author.slug if article.author else "",
        "lead_image": article.lead_image.digest if article.lead_image else "",
        "areas": sorted(area.slug for area in article.areas.all()),
        "facts": [[fact.figure, fact.text] for fact in article.facts.all()],
        "steps": [[step.stage, step.date.isoformat(), step.text] for step in article.steps.all()],
        "links": [[link.title, link.url] for link in article.links.all()],
        "appeals": [
            [appeal.key, appeal.title, appeal.prompt, appeal.why, appeal.highlights, _span(appeal), *_result(appeal)]
            for appeal in article.appeals.all()
        ],
        "corrections": [[correction.at.isoformat(), correction.text] for correction in article.corrections.all()],
    }


def _result(appeal: Appeal) -> list[str]:
    return [appeal.result] if appeal.result else []


def _span(appeal: Appeal) -> str:
    return f"{appeal.opens.isoformat()} – {appeal.closes.isoformat() if appeal.closes else ''}"


def label(name: str) -> str:
    """Return the words for one part of a story."""
    return str(LABELS[name]) if name in LABELS else str(Article._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001


def changed(before: Fields, after: Fields) -> list[str]:
    """Return the names of the parts that differ, in the order of a story's form."""
    return [name for name in after if after[name] != before.get(name)]


def snapshots(*, of: Iterable[int]) -> dict[int, Fields]:
    """Return stored stories (primary keys) as `snapshot` does, read together."""
    hanging = ("areas", "facts", "steps", "links", "appeals", "corrections")
    stories = Article.objects.select_related("topic", "author", "lead_image").prefetch_related(*hanging)
    return {story.pk: snapshot(story) for story in stories.filter(pk__in=of).order_by()}


def record(
    *, article: Article, before: Fields | None, made_by: str, at: datetime, summary: str = ""
) -> Revision | None:
    """Write the story's next revision, None when nothing has changed since `before` (None: the story is new)."""
    return next(iter(record_many(before={article.pk: before}, made_by=made_by, at=at, summary=summary)), None)


def record_many(
    *, before: Mapping[int, Fields | None], made_by: str, at: datetime, summary: str = ""
) -> list[Revision]:
    """Do the same for many stories (primary keys); return the revisions written."""
    last = Revision.objects.filter(article__in=before).order_by().values_list("article").annotate(last=Max("number"))
    numbers, found = dict(last), []
    for key, after in snapshots(of=before).items():
        names = changed(before[key] or {}, after)
        if not names:
            continue
        words = summary or (", ".join(label(name) for name in names) if before[key] else _("Begun"))
        found.append(
            Revision(
                article_id=key,
                number=numbers.get(key, 0) + 1,
                made_at=at,
                made_by=made_by,
                summary=words[:1].upper() + words[1:300],
                fields=after,
            )
        )
    return Revision.objects.bulk_create(found)


def differences(before: Fields, after: Fields) -> list[Difference]:
    """Return what differs between two revisions, part by part, line by line; long texts keep only what is near."""
    return [
        Difference(label(name), tuple(_compared(_lines(name, before.get(name)), _lines(name, after.get(name)))))
        for name in changed(before, after)
    ]


def restorable(now: Fields, then: Fields) -> list[Difference]:
    """Return what `put_back` would change."""
    names = (*RESTORED, "topic", "author", "lead_image", "areas", "facts", "steps", "links")
    kept = {name: then[name] if name in names else now[name] for name in now}
    return differences(now, kept)


def _lines(name: str, value: Any) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, bool):
        return [_("yes") if value else _("no")]
    if isinstance(value, list):
        return [" · ".join(item) if isinstance(item, list) else str(item) for item in value]
    if name in MOMENTS:
        return [timezone.localtime(datetime.fromisoformat(value)).strftime("%d.%m.%Y %H:%M")]
    if name == "status":
        return [str(Article.Status(value).label)]
    return str(value).splitlines()


def _compared(before: list[str], after: list[str]) -> Iterator[Line]:
    """Yield the lines that differ, each group with one line around it."""
    matcher = difflib.SequenceMatcher(a=before, b=after)
    for place, group in enumerate(matcher.get_grouped_opcodes(1)):
        if place:
            yield Line("gap")
        for kind, start, end, new_start, new_end in group:
            old, new = before[start:end], after[new_start:new_end]
            if kind == "equal":
                yield from (Line("same", ((False, text),)) for text in old)
            else:
                yield from _replaced(old, new)


def _replaced(old: list[str], new: list[str]) -> Iterator[Line]:
    """Yield the old lines and the new; where there are as many of each, word by word."""
    in_words = len(old) == len(new) and all(len(text) <= LONGEST_IN_WORDS for text in (*old, *new))
    if not in_words:
        yield from (Line("removed", ((True, text),)) for text in old)
        yield from (Line("added", ((True, text),)) for text in new)
        return
    for text, text_now in zip(old, new, strict=True):
        words, words_now = re.findall(r"\s+|\S+", text), re.findall(r"\s+|\S+", text_now)
        codes = difflib.SequenceMatcher(a=words, b=words_now, autojunk=False).get_opcodes()
        yield Line("removed", _pieces((kind != "equal", words[start:end]) for kind, start, end, _start, _end in codes))
        yield Line("added", _pieces((kind != "equal", words_now[start:end]) for kind, _s, _e, start, end in codes))


def _pieces(pieces: Iterable[tuple[bool, list[str]]]) -> tuple[tuple[bool, str], ...]:
    return tuple((differs, "".join(words)) for differs, words in pieces if words)


def put_back(article: Article, fields: Fields) -> list[Callable[[], object]]:
    """Fill a story with a revision's words; return what is still to be done once it is saved.

    Its address, its times and its state stay as they are. What has since been deleted stays away.
    """
    for name in RESTORED:
        setattr(article, name, fields[name])
    article.topic = Topic.objects.filter(slug=fields["topic"]).first() or article.topic
    article.author = Author.objects.filter(slug=fields["author"]).first()
    article.lead_image = Image.objects.filter(digest=fields["lead_image"]).first()
    return [
        lambda: article.areas.set(Area.objects.filter(slug__in=fields["areas"])),
        lambda: _replace_children(article, fields),
    ]


def _replace_children(article: Article, fields: Fields) -> None:
    for model in (KeyFact, StoryStep, RelatedLink):
        model.objects.filter(article=article).delete()
    for place, (figure, text) in enumerate(fields["facts"]):
        KeyFact.objects.create(article=article, figure=figure, text=text, order=place)
    for stage, day, text in fields["steps"]:
        StoryStep.objects.create(article=article, stage=stage, date=date.fromisoformat(day), text=text)
    for place, (title, url) in enumerate(fields["links"]):
        RelatedLink.objects.create(article=article, title=title, url=url, order=place)
