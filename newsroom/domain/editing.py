"""The editor's verbs. An article's state allows or forbids each, and each leaves a revision."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain, count
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom.domain import request_rebuild, revisions, search
from newsroom.domain.errors import ChangedMeanwhile, NotNow
from newsroom.models import Article, Correction, Redirect, Revision

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Status = Article.Status

# The verbs that each state allows, with the state after each. A withdrawn article stays withdrawn: readers saw that.
TRANSITIONS: dict[Status, dict[str, Status]] = {
    Status.DRAFT: {
        "save_draft": Status.DRAFT,
        "rename": Status.DRAFT,
        "restore": Status.DRAFT,
        "schedule": Status.SCHEDULED,
        "publish": Status.PUBLISHED,
    },
    Status.SCHEDULED: {
        "save_draft": Status.SCHEDULED,
        "rename": Status.SCHEDULED,
        "restore": Status.SCHEDULED,
        "pin": Status.SCHEDULED,
        "unpin": Status.SCHEDULED,
        "schedule": Status.SCHEDULED,
        "unschedule": Status.DRAFT,
        "publish": Status.PUBLISHED,
    },
    Status.PUBLISHED: {
        "amend": Status.PUBLISHED,
        "correct": Status.PUBLISHED,
        "rename": Status.PUBLISHED,
        "restore": Status.PUBLISHED,
        "pin": Status.PUBLISHED,
        "unpin": Status.PUBLISHED,
        "withdraw": Status.WITHDRAWN,
    },
    Status.WITHDRAWN: {},
}
VERBS = frozenset(verb for moves in TRANSITIONS.values() for verb in moves)
MOST_CORRECTION = 1000  # characters
FARTHEST = timedelta(days=2 * 366)  # later times are mistyped years

# The fields that the article's form does not change; other verbs do.
NOT_IN_FORM = frozenset({"id", "status", "publish_at", "pinned", "withdrawn_at", "withdrawn_note", "seed_digest"})
NOT_IN_FORM |= {"residents_least", "residents_most"}  # set by `outcome_notice` alone

type Parts = Iterable[Callable[[], object]]


def state(article: Article, *, at: datetime | None = None) -> Status:
    """Return the article's state at `at` (now); a scheduled article whose time has come is published."""
    if article.status in (Status.SCHEDULED, Status.PUBLISHED) and article.publish_at is not None:
        return Status.PUBLISHED if article.publish_at <= (at or timezone.now()) else Status.SCHEDULED
    return Status(article.status)


def can(article: Article, verb: str, *, at: datetime | None = None) -> bool:
    """Return True if the article's state allows a verb of TRANSITIONS, or `discard`, which only a draft allows."""
    if verb == "discard":
        return article.status == Status.DRAFT
    return verb in TRANSITIONS[state(article, at=at)]


def latest(article: Article) -> int:
    """Return the number of the article's newest revision, 0 without one."""
    return article.revisions.order_by("-number").values_list("number", flat=True).first() or 0


def free_slug(slug: str) -> str:
    """Return the slug, with a number appended if an article has or had that address."""
    base = slug[:110] or "story"
    with_number = (f"{base}-{number}" for number in count(2))
    return next(candidate for candidate in chain([base], with_number) if not _is_used(candidate))


def _is_used(slug: str) -> bool:
    return Article.objects.filter(Q(slug=slug) | Q(redirects__old_slug=slug)).exists()


def save_draft(*, article: Article, by: "User", parts: Parts = (), seen: int | None = None) -> Article:
    """Store a new article, or the changed fields of one that is not published yet.

    `parts` are called after it to store its facts, links and the like; `seen` is the number of the revision that the
    editor saw. Raises NotNow, ChangedMeanwhile and ValidationError.
    """
    if article._state.adding:  # noqa: SLF001 - Django has no other name for it
        return _create(article, by=by, parts=parts)
    return _rewrite(article, "save_draft", by=by, parts=parts, seen=seen)


def amend(
    *, article: Article, by: "User", parts: Parts = (), seen: int | None = None, show_update: bool = False
) -> Article:
    """Store the changed fields of a published article; `show_update` tells readers that it was updated now.

    The other arguments and the errors are those of `save_draft`.
    """
    if show_update:
        article.updated_at = timezone.now()
    return _rewrite(article, "amend", by=by, parts=parts, seen=seen)


def rename(*, article: Article, slug: str, by: "User") -> Article:
    """Give the article another address; a former public address redirects to it for good."""
    with _changing(article, "rename", by=by) as row:
        row.slug = slug
    return row


def schedule(*, article: Article, by: "User", when: datetime) -> Article:
    """Let the article appear at the future instant `when`."""
    now = timezone.now()
    if when <= now:
        raise ValidationError({"when": _("This time has passed. To let the story appear now, press Publish.")})
    if when > now + FARTHEST:
        raise ValidationError({"when": _("This is more than two years away. Check the year.")})
    summary = _("Scheduled for %(when)s") % {"when": _local(when)}
    with _changing(article, "schedule", by=by, summary=summary) as row:
        row.publish_at, row.updated_at = when, None
    return row


def unschedule(*, article: Article, by: "User") -> Article:
    """Make a scheduled article a draft again."""
    with _changing(article, "unschedule", by=by, summary=_("Back to a draft")) as row:
        row.publish_at, row.updated_at, row.pinned = None, None, False
    return row


def publish(*, article: Article, by: "User") -> Article:
    """Publish the article now."""
    with _changing(article, "publish", by=by, summary=_("Published")) as row:
        row.publish_at, row.updated_at = timezone.now(), None
    return row


def withdraw(*, article: Article, by: "User", note: str) -> Article:
    """Withdraw the article for good; its address then shows `note`."""
    if not note.strip():
        raise ValidationError({"note": _("Tell readers in a sentence why the story is gone.")})
    with _changing(article, "withdraw", by=by, summary=_("Withdrawn")) as row:
        row.withdrawn_at, row.withdrawn_note, row.pinned = timezone.now(), note.strip(), False
    return row


def correct(
    *,
    article: Article,
    by: "User",
    text: str,
    body: str | None = None,
    at: datetime | None = None,
    seen: int | None = None,
) -> Correction:
    """Publish a correction at `at` (now); `body` is the article's corrected text.

    A correction for later cannot come with a text, as the text would change at once.
    """
    now = timezone.now()
    if not text.strip():
        raise ValidationError({"text": _("Say what was wrong, and what is right.")})
    if len(text) > MOST_CORRECTION:
        raise ValidationError({"text": _("Say it in %(most)s characters.") % {"most": MOST_CORRECTION}})
    if at is not None and not now <= at <= now + FARTHEST:
        raise ValidationError({"at": _("A correction is dated now or later, within two years.")})
    with _changing(article, "correct", by=by, summary=_("Corrected"), seen=seen) as row:
        if at is not None and body not in (None, row.body):
            raise ValidationError({"at": _("The text changes at once, so its correction cannot wait.")})
        correction = Correction(article=row, text=text.strip(), at=at or now)
        correction.full_clean()
        correction.save()
        if at is None:
            row.updated_at = now
            row.body = row.body if body is None else body
    return correction


def pin(*, article: Article, by: "User") -> Article:
    """Let the article lead the front page; if it is published, other leading articles no longer do."""
    with _changing(article, "pin", by=by, summary=_("Leads the front page")) as row:
        row.pinned = True
        if state(row) == Status.PUBLISHED:
            for other in Article.objects.published().filter(pinned=True).exclude(pk=row.pk):
                unpin(article=other, by=by)
    return row


def unpin(*, article: Article, by: "User") -> Article:
    """Let the newest article lead the front page again."""
    with _changing(article, "unpin", by=by, summary=_("No longer leads the front page")) as row:
        row.pinned = False
    return row


def restore(*, revision: Revision, by: "User") -> Article:
    """Restore the words of a revision, as a new revision; address, times and state stay."""
    summary = _("Restored revision %(number)s") % {"number": revision.number}
    with _changing(revision.article, "restore", by=by, summary=summary) as row:
        parts = revisions.put_back(row, revision.fields)
        if state(row) == Status.PUBLISHED:
            row.updated_at = timezone.now()
        row.full_clean()
        row.save()
        for part in parts:
            part()
    return row


def discard(*, article: Article, by: "User") -> None:
    """Delete a draft with its revisions; raises NotNow for any other article."""
    with transaction.atomic():
        article = locked(article)
        if not can(article, "discard"):
            raise NotNow(_("Only a draft can be thrown away."))
        if article.appeals.exists():
            raise NotNow(_("An appeal hangs from this draft, and its key is kept for good. Keep the draft too."))
        article.delete()


def _local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d.%m.%Y %H:%M")


def locked(article: Article) -> Article:
    """Return the stored article, locked until the transaction ends."""
    return Article.objects.select_for_update().get(pk=article.pk)


def _state_after(article: Article, verb: str, *, at: datetime) -> Status:
    """Return the article's state after a verb; raise NotNow if its state now does not allow the verb."""
    now = state(article, at=at)
    if verb not in TRANSITIONS[now]:
        raise NotNow(_("This cannot be done: the story is now “%(state)s”.") % {"state": now.label.lower()})
    return TRANSITIONS[now][verb]


@contextmanager
def _changing(
    article: Article, verb: str, *, by: "User", summary: str = "", seen: int | None = None
) -> Iterator[Article]:
    """Yield the locked article for changes, then validate it, save it and write its revision, in one transaction."""
    now = timezone.now()
    with transaction.atomic():
        article = locked(article)
        was_out, after = state(article, at=now) == Status.PUBLISHED, _state_after(article, verb, at=now)
        if seen is not None and seen != latest(article):
            raise ChangedMeanwhile(_("Somebody else has changed this story since you opened it."))
        before, old_slug = revisions.snapshot(article), article.slug
        yield article
        article.status = after
        _save(article, old_slug=old_slug, was_out=was_out)
        revisions.record(article=article, before=before, made_by=by.get_username(), at=now, summary=summary)
        if {before["status"], after} != {Status.DRAFT}:
            request_rebuild.request_rebuild(articles=[article.pk])


def _create(article: Article, *, by: "User", parts: Parts) -> Article:
    with transaction.atomic():
        article.status = Status.DRAFT
        article.full_clean()
        article.save()
        for part in parts:
            part()
        revisions.record(article=article, before=None, made_by=by.get_username(), at=timezone.now())
    return article


def _rewrite(article: Article, verb: str, *, by: "User", parts: Parts, seen: int | None) -> Article:
    """Store the fields of an article that its form changes; state and times stay as stored."""
    with _changing(article, verb, by=by, seen=seen) as row:
        for field in Article._meta.concrete_fields:  # noqa: SLF001 - Django's public name
            if field.name not in NOT_IN_FORM and (field.name != "updated_at" or verb == "amend"):
                setattr(row, field.attname, getattr(article, field.attname))
        for part in parts:
            part()
    return row


def _save(article: Article, *, old_slug: str, was_out: bool) -> None:
    """Save the article; a former public address redirects to it."""
    if article.slug != old_slug:
        Redirect.objects.filter(article=article, old_slug=article.slug).delete()
        if was_out:
            Redirect.objects.create(old_slug=old_slug, article=article)
    article.full_clean()
    article.save()
    search.reindex(article=article)
