"""The editor's verbs on what is stored. An article's state allows or forbids each, and each leaves a revision.

The verbs on the working copy of an article are in `working_copies`; TRANSITIONS has them too.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, count
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from core import transitions
from core.errors import EditConflict, NoSuchMove
from newsroom.domain import request_rebuild, revisions, search
from newsroom.models import (
    Article,
    Correction,
    Redirect,
    TimelineStep,
    Topic,
    UnsavedText,
    WorkingCopy,
)
from newsroom.models.articles import NO_SOURCE

Status = Article.Status

# The verbs that each state allows, with the state after each. A withdrawn article stays withdrawn: readers saw that.
TRANSITIONS: dict[Status, dict[str, Status]] = {
    Status.DRAFT: dict.fromkeys(
        ("save_draft", "keep_typed", "drop_changes", "restore"), Status.DRAFT
    )
    | {
        "schedule": Status.SCHEDULED,
        "publish": Status.PUBLISHED,
        "discard": Status.DRAFT,
    },  # which deletes it
    Status.SCHEDULED: dict.fromkeys(
        ("save_draft", "keep_typed", "drop_changes", "restore", "pin", "unpin", "schedule"),
        Status.SCHEDULED,
    )
    | {"unschedule": Status.DRAFT, "publish": Status.PUBLISHED},
    Status.PUBLISHED: dict.fromkeys(
        (
            *(
                "save_changes",
                "keep_typed",
                "drop_changes",
                "publish_changes",
                "correct",
                "follow_up",
                "restore",
            ),
            *("pin", "unpin"),
        ),
        Status.PUBLISHED,
    )
    | {"withdraw": Status.WITHDRAWN},
    Status.WITHDRAWN: {},
}
LONGEST_NUMBER = 10  # digits, as the database stores a number
CORRECTABLE = ("headline", "standfirst", "body")  # what a correction may change at once
FARTHEST = timedelta(days=2 * 366)  # later times are mistyped years
# After these a story that readers have or will have says where its facts come from; nothing stops a correction.
NEED_SOURCE = frozenset({"publish", "schedule", "publish_changes", "save_draft", "restore"})
SAY_WHAT_BECAME = "Write a sentence for each person first. Then the warning to readers can end."

type Parts = Iterable[Callable[[], object]]


@dataclass(frozen=True)
class Seen:
    """What an editor's page was made from: the newest revision, the working copy, and what they had not saved.

    `token` names the save that had written the working copy, "" for none; `page` names the editor's page itself, "" for
    one that knows nothing of working copies; `kept` is the version of what this editor had typed.
    """

    revision: int
    token: str = ""
    page: str = ""
    kept: str = ""

    @classmethod
    def parse(cls, text: str, *, page: str = "") -> "Seen | None":
        """Return what `str` made into a text, None for any other text."""
        revision, token, kept = f"{text}..".split(".")[:3]
        whole = revision.isascii() and revision.isdecimal() and len(revision) < LONGEST_NUMBER
        if whole:
            return cls(int(revision), token, page, kept)
        return None

    def __str__(self) -> str:
        return f"{self.revision}.{self.token}.{self.kept}".rstrip(".")


def state(article: Article, *, at: datetime | None = None) -> Status:
    """Return the article's state at `at` (now); a scheduled article whose time has come is published."""
    if article.status in (Status.SCHEDULED, Status.PUBLISHED) and article.publish_at is not None:
        if article.publish_at <= (at or timezone.now()):
            return Status.PUBLISHED
        return Status.SCHEDULED
    return Status(article.status)


def can(article: Article, verb: str) -> bool:
    """Return True if the article's state allows a verb of TRANSITIONS."""
    return verb in TRANSITIONS[state(article)]


def latest(article: Article) -> int:
    """Return the number of the article's newest revision, 0 without one."""
    return article.revisions.order_by("-number").values_list("number", flat=True).first() or 0


def free_slug(slug: str) -> str:
    """Return the slug, with a number appended if an article has or had that address."""
    return first_free(slug or "story", is_used)


def first_free(slug: str, is_taken: Callable[[str], bool]) -> str:
    """Return the slug, cut to leave room, with the first number appended that makes one that is not taken."""
    numbered = (f"{slug[:110]}-{number}" for number in count(2))
    return next(candidate for candidate in chain([slug[:110]], numbered) if not is_taken(candidate))


def is_used(slug: str) -> bool:
    """Return True if an article has or had that address."""
    return Article.objects.filter(Q(slug=slug) | Q(redirects__old_slug=slug)).exists()


def seen_now(article: Article, *, page: str = "", kept: str = "") -> Seen:
    """Return what a page is made from that shows the article now."""
    token = WorkingCopy.objects.filter(article=article.pk).values_list("token", flat=True).first()
    return Seen(latest(article), token or "", page, kept)


def check(article: Article, seen: Seen | None) -> None:
    """Raise EditConflict, naming who, if the article was changed, or its working copy saved, since `seen`."""
    if seen is None:
        return
    newest = article.revisions.first()
    if newest is not None and seen.revision != newest.number:
        raise EditConflict(
            f"Since you opened this story, {newest.made_by} has changed it ({_local(newest.made_at)}: "
            f"{newest.summary})."
        )
    copy = WorkingCopy.objects.filter(article=article.pk).first()
    token = copy.token if copy else ""
    if seen.page and seen.token != token:
        if copy is None:
            raise EditConflict(
                "Since you opened this story, someone has published or deleted its unpublished changes."
            )
        raise EditConflict(
            f"Since you opened this story, {copy.changed_by} has saved changes to it ({_local(copy.changed_at)})."
        )


def save_draft(*, article: Article, by: User, parts: Parts = (), seen: Seen | None = None) -> None:
    """Store a new article, or the changed fields of one that is not published yet.

    `parts` are called after it to store its facts, links and the like; `seen` is what the editor saw. Raises
    NoSuchMove, EditConflict and ValidationError.
    """
    if article._state.adding:  # noqa: SLF001 - Django has no other name for it
        _create(article, by=by, parts=parts)
        return
    with changing(article, "save_draft", by=by.get_username(), seen=seen) as row:
        take_typed(row, article)
        for part in parts:
            part()
        forget_typed(article=row, by=by, seen=seen)


def forget_typed(*, article: Article, by: User, seen: Seen | None = None) -> bool:
    """Delete what this editor typed and did not save, with `seen` only what that page showed; return whether it was."""
    text = UnsavedText.objects.filter(article=article, changed_by=by.get_username()).first()
    if text is None or (seen is not None and text.page != seen.page and text.version != seen.kept):
        return False
    text.delete()
    return True


def schedule(
    *, article: Article, by: User, when: datetime, seen: Seen | None = None, **answers: Any
) -> None:
    """Let the article appear at the future instant `when`; the `answers` are those of `publish`."""
    require_future(when)
    summary = f"Scheduled for {_local(when)}"
    with changing(article, "schedule", by=by.get_username(), summary=summary, seen=seen) as row:
        _appear(row, when, **answers)


def require_future(when: datetime) -> None:
    """Raise ValidationError unless `when` lies in the next two years."""
    now = timezone.now()
    if when <= now:
        instead = "This time has passed. If you want the story to appear now, press Cancel, then “Save and publish”."
        raise ValidationError({"when": instead})
    if when > now + FARTHEST:
        raise ValidationError({"when": "This is more than two years away. Check the year."})


def unschedule(*, article: Article, by: User, seen: Seen | None = None) -> None:
    """Make a scheduled article a draft again."""
    with changing(
        article, "unschedule", by=by.get_username(), summary="Unscheduled", seen=seen
    ) as row:
        row.publish_at = None
        row.updated_at = None
        row.pinned = False


def publish(*, article: Article, by: User, seen: Seen | None = None, **answers: Any) -> None:
    """Publish the article now.

    The `answers`, each else as it is stored: `topic`, `source_note` (where the facts come from), and `proceedings`,
    whether anybody in it is arrested, charged or wanted. Raises NoSuchMove, EditConflict and ValidationError.
    """
    with changing(article, "publish", by=by.get_username(), summary="Published", seen=seen) as row:
        _appear(row, timezone.now(), **answers)


def _appear(
    row: Article,
    when: datetime,
    *,
    topic: Topic | None = None,
    source_note: str = "",
    proceedings: bool | None = None,
) -> None:
    row.publish_at = when
    row.updated_at = None
    row.topic = topic or row.topic
    row.source_note = source_note or row.source_note
    if proceedings is not None:
        row.proceedings_active = proceedings
        row.look_again_on = None
        if proceedings:
            row.look_again_on = six_months_after(timezone.localdate(when))


def six_months_after(day: date) -> date:
    """Return the same day six months later, or the last of that month if it is shorter."""
    months = day.month + 5
    year = day.year + months // 12
    month = months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def follow_up(
    *,
    article: Article,
    by: User,
    proceedings: bool,
    look_again_on: date | None = None,
    text: str = "",
    day: date | None = None,
    seen: Seen | None = None,
) -> None:
    """Say what became of those in a published article, a sentence a line of `text`, and whether proceedings go on.

    Each sentence becomes a step of the timeline at `day` (today); while proceedings go on, editors are asked again on
    `look_again_on`. Raises NoSuchMove, EditConflict and ValidationError.
    """
    today = timezone.localdate()
    sentences = [line.strip() for line in text.splitlines() if line.strip()]
    if day and day > today:
        raise ValidationError(
            {"day": "This day has not come yet. Enter the day on which it happened."}
        )
    if proceedings:
        _require_later_day(look_again_on, today=today)
    with changing(
        article, "follow_up", by=by.get_username(), summary="Case updated", seen=seen
    ) as row:
        if row.proceedings_active and not proceedings and not sentences and not row.endings:
            raise ValidationError({"text": SAY_WHAT_BECAME})
        for sentence in sentences:
            step = TimelineStep(
                article=row, stage=TimelineStep.Stage.OUTCOME, date=day or today, text=sentence
            )
            step.full_clean()
            step.save()
            _also_in_working_copy(step)
        row.proceedings_active = proceedings
        row.look_again_on = look_again_on if proceedings else None
        if sentences:
            row.updated_at = timezone.now()


def _require_later_day(day: date | None, *, today: date) -> None:
    """Raise ValidationError unless a day to look again lies in the next two years."""
    if day is None or day <= today:
        raise ValidationError(
            {"look_again_on": "Enter a later day, on which we will ask you again."}
        )
    if day > today + FARTHEST:
        raise ValidationError(
            {"look_again_on": "This is more than two years away. Check the year."}
        )


def _also_in_working_copy(step: TimelineStep) -> None:
    """Add a step to the saved changes too, or publishing those would remove it."""
    copy = WorkingCopy.objects.filter(article=step.article_id).first()
    if copy is not None:
        copy.fields["steps"].append(revisions.as_list("steps", step))
        copy.save(update_fields=["fields"])


def withdraw(*, article: Article, by: User, note: str, seen: Seen | None = None) -> None:
    """Withdraw the article for good, with all that is not published; its address then shows `note`."""
    with changing(article, "withdraw", by=by.get_username(), summary="Withdrawn", seen=seen) as row:
        row.withdrawn_at = timezone.now()
        row.withdrawn_note = note.strip()
        row.pinned = False
        for unpublished in (WorkingCopy, UnsavedText):
            unpublished.objects.filter(article=row).delete()


def correct(
    *, article: Article, by: User, text: str, seen: Seen | None = None, **words: str
) -> None:
    """Publish a correction; `words` are the corrected texts of the article, by names of CORRECTABLE."""
    with changing(article, "correct", by=by.get_username(), summary="Corrected", seen=seen) as row:
        correction = Correction(article=row, text=text.strip(), at=timezone.now())
        correction.full_clean()
        correction.save()
        row.updated_at = correction.at
        for name in CORRECTABLE:
            setattr(row, name, words.get(name, getattr(row, name)))


def pin(*, article: Article, by: User, seen: Seen | None = None) -> None:
    """Let the article lead the front page; if it is published, other leading articles no longer do."""
    with changing(
        article,
        "pin",
        by=by.get_username(),
        summary="Moved to the top of the front page",
        seen=seen,
    ) as row:
        row.pinned = True
        if state(row) == Status.PUBLISHED:
            for other in Article.objects.published().filter(pinned=True).exclude(pk=row.pk):
                unpin(article=other, by=by)


def unpin(*, article: Article, by: User, seen: Seen | None = None) -> None:
    """Let the newest article lead the front page again."""
    with changing(
        article,
        "unpin",
        by=by.get_username(),
        summary="Removed from the top of the front page",
        seen=seen,
    ) as row:
        row.pinned = False


def discard(*, article: Article, by: User, seen: Seen | None = None) -> None:
    """Delete a draft with its revisions; raises NoSuchMove for any other article."""
    with transaction.atomic():
        article = locked(article)
        require(article, "discard")
        check(article, seen)
        if article.appeals.exists():
            raise NoSuchMove(
                "You cannot delete this draft, because it has an appeal. We keep every appeal."
            )
        article.delete()


def _local(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")


def locked(article: Article) -> Article:
    """Return the stored article, locked until the transaction ends."""
    return Article.objects.select_for_update().get(pk=article.pk)


def require(article: Article, verb: str, *, at: datetime | None = None) -> Status:
    """Return the article's state after a verb; raise NoSuchMove if its state at `at` (now) does not allow the verb."""
    return Status(transitions.after(article, verb, table=TRANSITIONS, status=state(article, at=at)))


def look_again(article: Article, because: str) -> None:
    """Let an article's working copy wait until an editor has looked at it and saved it again."""
    WorkingCopy.objects.filter(article=article.pk).update(look_again=because[:300])


@contextmanager
def changing(
    article: Article, verb: str, *, by: str, summary: str = "", seen: Seen | None = None
) -> Iterator[Article]:
    """Yield the locked article for changes, then validate it, save it and write its revision, in one transaction.

    A working copy made before the words changed must be looked at again.
    """
    now = timezone.now()
    with transaction.atomic():
        article = locked(article)
        was_out = state(article, at=now) == Status.PUBLISHED
        after = require(article, verb, at=now)
        check(article, seen)
        before = revisions.snapshot(article)
        old_slug = article.slug
        yield article
        article.status = after
        if verb in NEED_SOURCE and after != Status.DRAFT and not article.source_note.strip():
            raise ValidationError({"source_note": NO_SOURCE})
        _save(article, old_slug=old_slug, was_out=was_out)
        made = revisions.add(article=article, before=before, made_by=by, at=now, summary=summary)
        if made and (
            verb == "correct" or revisions.written(before) != revisions.written(made.fields)
        ):
            came = f"{_local(now)}: {made.summary}"
            look_again(
                article, f"{by} changed the story after these changes were written ({came})."
            )
        if {before["status"], after} != {Status.DRAFT}:
            request_rebuild.request_rebuild(articles=[article.pk])


def _create(article: Article, *, by: User, parts: Parts) -> None:
    with transaction.atomic():
        article.status = Status.DRAFT
        article.full_clean()
        article.save()
        for part in parts:
            part()
        revisions.add(article=article, before=None, made_by=by.get_username(), at=timezone.now())


def take_typed(row: Article, article: Article) -> None:
    """Set on the stored article the fields that its form changes; state and times stay as stored."""
    for field in revisions.written_fields():
        if not field.many_to_many:
            setattr(row, field.attname, getattr(article, field.attname))


def _save(article: Article, *, old_slug: str, was_out: bool) -> None:
    """Save the article; a former public address redirects to it."""
    if article.slug != old_slug:
        Redirect.objects.filter(article=article, old_slug=article.slug).delete()
        if was_out:
            Redirect.objects.create(old_slug=old_slug, article=article)
    article.full_clean()
    article.save()
    search.reindex(article=article)
