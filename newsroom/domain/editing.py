"""What an editor does with an article: every change is allowed by the article's state and leaves a revision."""

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

# What may be done with an article, and what it is afterwards. A withdrawn article stays withdrawn: readers were told.
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
FARTHEST = timedelta(days=2 * 366)  # An article scheduled beyond this has a slip in its year.

# What the article's form does not change: each has a verb of its own.
NOT_IN_FORM = frozenset({"id", "status", "publish_at", "pinned", "withdrawn_at", "withdrawn_note", "seed_digest"})
NOT_IN_FORM |= {"residents_least", "residents_most"}  # set by `outcome_notice` alone

type Parts = Iterable[Callable[[], object]]


def state(article: Article, *, at: datetime | None = None) -> Status:
    """Return where the article stands at the instant `at` (now): a scheduled one whose time has come is published."""
    if article.status in (Status.SCHEDULED, Status.PUBLISHED) and article.publish_at is not None:
        return Status.PUBLISHED if article.publish_at <= (at or timezone.now()) else Status.SCHEDULED
    return Status(article.status)


def can(article: Article, verb: str, *, at: datetime | None = None) -> bool:
    """Return whether the article's state allows this verb; `discard`, which leaves no article, takes a draft."""
    if verb == "discard":
        return article.status == Status.DRAFT
    return verb in TRANSITIONS[state(article, at=at)]


def latest(article: Article) -> int:
    """Return the number of the article's newest revision, nought without one."""
    return article.revisions.order_by("-number").values_list("number", flat=True).first() or 0


def free_slug(wanted: str) -> str:
    """Return the slug, with a number behind it where an article has or had that address."""
    base = wanted[:110] or "story"
    with_number = (f"{base}-{number}" for number in count(2))
    return next(slug for slug in chain([base], with_number) if not _known(slug))


def _known(slug: str) -> bool:
    return Article.objects.filter(Q(slug=slug) | Q(redirects__old_slug=slug)).exists()


def save_draft(*, article: Article, by: "User", parts: Parts = (), seen: int | None = None) -> Article:
    """Store a new article, or the changed fields of one that is not out yet.

    `parts` are called after it to store its facts, links and the like; `seen` is the number of the revision that the
    editor saw. Raises NotNow, ChangedMeanwhile and ValidationError.
    """
    if article._state.adding:  # noqa: SLF001 - Django has no other name for it
        return _begun(article, by=by, parts=parts)
    return _rewritten(article, "save_draft", by=by, parts=parts, seen=seen)


def amend(
    *, article: Article, by: "User", parts: Parts = (), seen: int | None = None, show_update: bool = False
) -> Article:
    """Store the changed fields of an article that is out; `show_update` tells readers that it was updated now.

    Takes and raises what `save_draft` does.
    """
    if show_update:
        article.updated_at = timezone.now()
    return _rewritten(article, "amend", by=by, parts=parts, seen=seen)


def rename(*, article: Article, slug: str, by: "User") -> Article:
    """Give the article another address; one that readers could see leads to the new one for good."""
    with _changing(article, "rename", by=by) as row:
        row.slug = slug
    return row


def schedule(*, article: Article, by: "User", when: datetime) -> Article:
    """Let the article appear at an instant to come; nothing needs to run for it."""
    now = timezone.now()
    if when <= now:
        raise ValidationError({"when": _("This time has passed. To let the story appear now, press Publish.")})
    if when > now + FARTHEST:
        raise ValidationError({"when": _("This is more than two years away. Check the year.")})
    summary = _("Scheduled for %(when)s") % {"when": _shown(when)}
    with _changing(article, "schedule", by=by, summary=summary) as row:
        row.publish_at, row.updated_at = when, None
    return row


def unschedule(*, article: Article, by: "User") -> Article:
    """Make an article that has not appeared yet a draft again."""
    with _changing(article, "unschedule", by=by, summary=_("Back to a draft")) as row:
        row.publish_at, row.updated_at, row.pinned = None, None, False
    return row


def publish(*, article: Article, by: "User") -> Article:
    """Let the article appear now."""
    with _changing(article, "publish", by=by, summary=_("Published")) as row:
        row.publish_at, row.updated_at = timezone.now(), None
    return row


def withdraw(*, article: Article, by: "User", note: str) -> Article:
    """Take the article away for good; its address then says `note`."""
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
    """Tell readers what was wrong and what is right, from `at` (now) on; `body` is the article's corrected text.

    A correction for later cannot change the text, which would change at once.
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
    """Let the article lead the front page; the one that led until now gives way once this one is out."""
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
    """Put a revision's words back, as a new revision; address, times and state stay."""
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
    """Delete a draft that readers never saw, with its history."""
    with transaction.atomic():
        article = locked(article)
        if not can(article, "discard"):
            raise NotNow(_("Only a draft can be thrown away."))
        if article.appeals.exists():
            raise NotNow(_("An appeal hangs from this draft, and its key is kept for good. Keep the draft too."))
        article.delete()


def _shown(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d.%m.%Y %H:%M")


def locked(article: Article) -> Article:
    """Return the article as it is stored, held until the transaction ends."""
    return Article.objects.select_for_update().get(pk=article.pk)


def _check(article: Article, verb: str, *, at: datetime) -> Status:
    """Return what the article is after the verb; raise NotNow when its state does not allow it."""
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
        was_out, after = state(article, at=now) == Status.PUBLISHED, _check(article, verb, at=now)
        if seen is not None and seen != latest(article):
            raise ChangedMeanwhile(_("Somebody else has changed this story since you opened it."))
        before, old_slug = revisions.snapshot(article), article.slug
        yield article
        article.status = after
        _stored(article, old_slug=old_slug, was_out=was_out)
        revisions.record(article=article, before=before, made_by=by.get_username(), at=now, summary=summary)
        if {before["status"], after} != {Status.DRAFT}:
            request_rebuild.request_rebuild(articles=[article.pk])


def _begun(article: Article, *, by: "User", parts: Parts) -> Article:
    with transaction.atomic():
        article.status = Status.DRAFT
        article.full_clean()
        article.save()
        for part in parts:
            part()
        revisions.record(article=article, before=None, made_by=by.get_username(), at=timezone.now())
    return article


def _rewritten(article: Article, verb: str, *, by: "User", parts: Parts, seen: int | None) -> Article:
    """Store an article whose fields the editor has changed; its state and times stay as they are stored."""
    with _changing(article, verb, by=by, seen=seen) as row:
        for field in Article._meta.concrete_fields:  # noqa: SLF001 - Django's public name
            if field.name not in NOT_IN_FORM and (field.name != "updated_at" or verb == "amend"):
                setattr(row, field.attname, getattr(article, field.attname))
        for part in parts:
            part()
    return row


def _stored(article: Article, *, old_slug: str, was_out: bool) -> None:
    """Store the article; an address that readers knew keeps leading to it."""
    if article.slug != old_slug:
        Redirect.objects.filter(article=article, old_slug=article.slug).delete()
        if was_out:
            Redirect.objects.create(old_slug=old_slug, article=article)
    article.full_clean()
    article.save()
    search.reindex(article=article)
