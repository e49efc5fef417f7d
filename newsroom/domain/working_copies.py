"""The working copy of an article: what editors save and type without readers seeing it, and how it goes live.

Saving a live article, and restoring one of its revisions, store here alone, and take the time from changes that were
scheduled: nobody has confirmed the new ones. What is saved is what a rehearsal of the change leaves: everything that
readers would see, by the article's fields and rows.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from newsroom.domain import corrected_words, editing, request_rebuild, revisions
from newsroom.domain.editing import Parts, Seen, Status
from newsroom.domain.errors import NoSuchMove, Refused
from newsroom.domain.revisions import Difference, Fields
from newsroom.models import Area, Article, Revision, WorkingCopy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_TYPED = 1_000_000  # characters of everything in a form

log = logging.getLogger(__name__)


def find(*, article: Article) -> WorkingCopy | None:
    """Return the working copy of an article, None without one."""
    return WorkingCopy.objects.filter(article=article.pk).first()


def differences(*, copy: WorkingCopy) -> list[Difference]:
    """Return what publishing the saved changes would change for readers."""
    return revisions.differences(_live(copy.article), copy.fields) if copy.fields else []


def save_changes(
    *, article: Article, by: "User", parts: Parts = (), seen: Seen | None = None, show_update: bool = False
) -> WorkingCopy | None:
    """Store the changed fields of a published article as its working copy; None if nothing differs from what is live.

    `show_update` tells readers, once the changes are public, that the story was updated. The other arguments and the
    errors are those of `editing.save_draft`.
    """
    with _writing(article, "save_changes", seen=seen) as row:
        with rehearsal() as fields:
            editing.take_typed(row, article)
            row.full_clean()
            row.save()
            for part in parts:
                part()
            fields.update(_live(row))
        return _store(row, fields, by=by, show_update=show_update)


def restore(*, revision: Revision, by: "User", seen: Seen | None = None) -> None:
    """Restore the words of a revision; address, times and state stay.

    A published article gets them as its working copy, any other one at once, as a new revision.
    """
    article = revision.article
    if editing.state(article) != Status.PUBLISHED:
        summary = _("Restored revision %(number)s") % {"number": revision.number}
        with editing.changing(article, "restore", by=by.get_username(), summary=summary, seen=seen) as row:
            _put_on(row, revision.fields | {"slug": row.slug})
            WorkingCopy.objects.filter(article=row).delete()
        return
    with _writing(article, "restore", seen=seen) as row:
        with rehearsal() as fields:
            _put_on(row, revision.fields | {"slug": row.slug})
            fields.update(_live(row))
        _store(row, fields, by=by, show_update=False)


def keep_typed(*, article: Article, by: "User", typed: Mapping[str, list[str]], seen: Seen) -> WorkingCopy:
    """Keep what stands in the boxes of an article's form, unchecked; neither readers nor revisions get it."""
    if sum(len(text) for texts in typed.values() for text in texts) > MOST_TYPED:
        raise ValidationError(_("This is too long to be kept."))
    now = {"changed_by": by.get_username(), "changed_at": timezone.now(), "made_from": seen.revision}
    with transaction.atomic():
        row = editing.locked(article)
        editing.require(row, "keep_typed")
        editing.check(row, seen)
        return WorkingCopy.objects.update_or_create(
            article=row, defaults=now | {"typed": dict(typed), "token": seen.page or secrets.token_hex(8)}
        )[0]


def publish_changes(*, article: Article, by: "User", seen: Seen | None = None, again: bool = False) -> Article:
    """Let readers see the saved changes now; `again` knowingly, though they bring back what a correction took out."""
    at = timezone.now()
    return _publish(article, by=by.get_username(), at=at, summary=_("Changes published"), seen=seen, again=again)


def schedule_changes(
    *, article: Article, by: "User", when: datetime, seen: Seen | None = None, again: bool = False
) -> WorkingCopy:
    """Let readers see the saved changes at the future instant `when`; the arguments are those of `publish_changes`."""
    editing.require_future(when)
    with _writing(article, "schedule_changes", seen=seen) as row:
        copy = _ready(row, again=again)
        copy.publish_at, copy.scheduled_by, copy.unscheduled = when, by.get_username(), ""
        copy.meant = again
        copy.save()
        request_rebuild.request_rebuild(articles=[row.pk])  # the edition must know its next instant
    return copy


def unschedule_changes(*, article: Article, by: "User", seen: Seen | None = None) -> None:
    """Keep the saved changes, without a time."""
    with _writing(article, "unschedule_changes", seen=seen) as row:
        if not WorkingCopy.objects.filter(article=row, publish_at__isnull=False).exists():
            raise NoSuchMove(_("No changes of this story are scheduled."))
        WorkingCopy.objects.filter(article=row).update(**editing.WITHOUT_TIME)
        request_rebuild.request_rebuild(articles=[row.pk])


def scheduler_left(*, username: str, by: "User") -> int:
    """Take the time from what somebody has scheduled who may do so no longer; return how many stories that concerns.

    Nothing of theirs appears by itself: an editor must look at changes again and save them; a story that was to appear
    is a draft again, and its revision, by whoever took the right away, says so.
    """
    with transaction.atomic():
        copies = list(WorkingCopy.objects.filter(scheduled_by=username, publish_at__isnull=False))
        for copy in copies:
            editing.look_again(copy.article, _no_editor(username))
            request_rebuild.request_rebuild(articles=[copy.article_id])
        coming = Article.objects.filter(status=Status.SCHEDULED, publish_at__gt=timezone.now())
        articles = [article for article in coming if revisions.scheduler(article) == username]
        for article in articles:
            when = date_format(timezone.localtime(article.publish_at), "j F Y, H:i")
            said = _("A draft again: %(who)s had scheduled it for %(when)s, and is no editor any more")
            summary = said % {"who": username[:60], "when": when}
            with editing.changing(article, "unschedule", by=by.get_username(), summary=summary) as row:
                row.publish_at, row.updated_at, row.pinned = None, None, False
    return len(copies) + len(articles)


def drop_changes(*, article: Article, by: "User", seen: Seen | None = None) -> None:
    """Delete the working copy; the article stays as it is."""
    with _writing(article, "drop_changes", seen=seen) as row:
        if not WorkingCopy.objects.filter(article=row).delete()[0]:
            raise NoSuchMove(nothing())


def publish_due(*, at: datetime) -> None:
    """Publish the changes whose time has come by `at`; those that are refused lose their time and say why.

    What a correction took out comes back only if the editor who scheduled the changes confirmed just that. A public
    machine leaves all of them to the desk's: it cannot read them.
    """
    if settings.SITE_ROLE == "public":
        return
    for copy in WorkingCopy.objects.filter(publish_at__lte=at).select_related("article").order_by("publish_at", "pk"):
        summary = _("Changes published, as scheduled")
        if copy.saved_by not in ("", copy.scheduled_by):
            summary = _("Changes by %(who)s published, as scheduled") % {"who": copy.saved_by}
        try:
            _publish(copy.article, by=copy.scheduled_by, at=at, summary=summary, again=False, due=True)
        except (Refused, ValidationError) as refusal:
            because = refusal.messages[0] if isinstance(refusal, ValidationError) else str(refusal)
            editing.look_again(copy.article, _("They could not be published in time: %(why)s") % {"why": because})
        except DatabaseError:  # the pages of everything else must still be built
            log.exception("scheduled changes could not be published")


def brought_back(*, copy: WorkingCopy | None) -> list[corrected_words.BroughtBack]:
    """Return what the saved changes would bring back of what corrections took out."""
    if copy is None or not copy.fields:
        return []
    return corrected_words.brought_back(article=copy.article, fields=copy.fields)


@contextmanager
def rehearsal() -> Iterator[Fields]:
    """Undo at its end whatever is stored inside; yield an empty dict for what is to be kept of it."""
    with transaction.atomic():
        yield {}
        transaction.set_rollback(True)


@contextmanager
def as_it_will_be(*, article: Article) -> Iterator[WorkingCopy | None]:
    """Let the database hold, until the end, the article with its saved changes; yield the working copy."""
    copy = find(article=article)
    with rehearsal():
        if copy is not None and copy.fields:
            _put_on(editing.locked(article), copy.fields)
        yield copy


def put_typed(*, article: Article, areas: Iterable[Area] | None, rows: Fields) -> None:
    """Store, inside a rehearsal, what is typed: the article's fields but its address, its areas and its rows."""
    row = editing.locked(article)
    slug = row.slug
    editing.take_typed(row, article)
    row.slug = slug
    row.save()
    if areas is not None:
        row.areas.set(areas)
    revisions.replace_rows(row, rows)


def nothing() -> str:
    """Return the sentence for an article without saved changes."""
    return _("There are no saved changes: readers see everything already.")


def _live(article: Article) -> Fields:
    """Return what the database holds of the parts that an editor writes."""
    return revisions.written(revisions.snapshot(Article.objects.get(pk=article.pk)))


@contextmanager
def _writing(article: Article, verb: str, *, seen: Seen | None) -> Iterator[Article]:
    """Yield the locked article, if its state allows the verb and nobody else has changed it since `seen`."""
    with transaction.atomic():
        row = editing.locked(article)
        editing.require(row, verb)
        editing.check(row, seen)
        yield row


def _put_on(row: Article, fields: Fields) -> None:
    """Store these fields as the article's own."""
    parts = revisions.put_back(row, fields)
    row.slug = fields.get("slug", row.slug)
    row.full_clean()
    row.save()
    for part in parts:
        part()


def _store(article: Article, fields: Fields, *, by: "User", show_update: bool) -> WorkingCopy | None:
    """Store the saved changes, which were looked at by saving them; none if nothing differs from what is live.

    Changes that were scheduled lose their time, and the edition is asked for its next instant anew.
    """
    before = WorkingCopy.objects.filter(article=article).first()
    unscheduled = before.unscheduled if before else ""
    if before and before.publish_at:
        unscheduled = _unscheduled(before, by=by)
        request_rebuild.request_rebuild(articles=[article.pk])
    if fields == _live(article) and not show_update:
        WorkingCopy.objects.filter(article=article).delete()
        return None
    saved: dict[str, Any] = {
        "fields": fields, "typed": {}, "show_update": show_update, "look_again": "", "token": secrets.token_hex(8),
        "changed_at": timezone.now(), "changed_by": by.get_username(), "made_from": editing.latest(article),
        "saved_by": by.get_username(), "unscheduled": unscheduled, **editing.WITHOUT_TIME,
    }  # fmt: skip
    return WorkingCopy.objects.update_or_create(article=article, defaults=saved)[0]


def _no_editor(username: str) -> str:
    return _("%(who)s scheduled them, and is no editor any more.") % {"who": username}


def _unscheduled(copy: WorkingCopy, *, by: "User") -> str:
    """Return the sentence that says whose save took the time from scheduled changes."""
    when = date_format(timezone.localtime(copy.publish_at), "j F Y, H:i")
    said = _(
        "%(scheduler)s had scheduled them for %(when)s. %(writer)s has changed them since: nothing appears by itself."
    )
    names = {"scheduler": copy.scheduled_by[:60], "writer": by.get_username()[:60]}
    return (said % (names | {"when": when}))[:300]


def _ready(row: Article, *, again: bool, due: bool = False) -> WorkingCopy:
    """Return the saved changes if they may go out; raises NoSuchMove and ValidationError.

    `again` says that what they bring back is meant; of changes that are `due` it counts what was said when scheduling.
    """
    copy = WorkingCopy.objects.select_for_update().filter(article=row).first()
    if copy is None or not copy.fields:
        raise NoSuchMove(nothing())
    if copy.look_again:
        raise NoSuchMove(_("Look at the changes again and save them first. %(why)s") % {"why": copy.look_again})
    if not (copy.meant if due else again) and brought_back(copy=copy):
        raise ValidationError({"again": _("Say that you mean it: this brings back what a correction took out.")})
    return copy


def _publish(
    article: Article,
    *,
    by: str,
    at: datetime,
    summary: str,
    again: bool,
    seen: Seen | None = None,
    due: bool = False,
) -> Article:
    """Make the saved changes the article; what is typed beside them and not saved stays."""
    with editing.changing(article, "publish_changes", by=by, summary=summary, seen=seen) as row:
        copy = _ready(row, again=again, due=due)
        if due and (copy.publish_at is None or copy.publish_at > at):
            raise NoSuchMove(_("The time was changed in the last moment."))
        if due and get_user_model().objects.filter(username=by, is_active=False).exists():
            raise NoSuchMove(_no_editor(by))
        if copy.show_update:
            row.updated_at = copy.publish_at if due else at
        _put_on(row, copy.fields)
        stored = WorkingCopy.objects.filter(pk=copy.pk)
        if copy.typed:
            stored.update(fields={}, show_update=False, saved_by="", unscheduled="", **editing.WITHOUT_TIME)
        else:
            stored.delete()
    return row
