"""The working copy of an article: what editors save and type without readers seeing it, and how it goes live.

Saving a live article, and restoring one of its revisions, store here alone. What is saved is what a rehearsal of the
change leaves: everything that readers would see, by the article's fields and rows. What is typed and not saved is kept
for each editor alone, and never goes out by itself.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.errors import EditConflict, NoSuchMove
from newsroom.domain import corrected_words, editing, revisions
from newsroom.domain.editing import Parts, Seen, Status
from newsroom.domain.revisions import Difference, Fields
from newsroom.models import Area, Article, Revision, Topic, UnsavedText, WorkingCopy

IN_ANOTHER_WINDOW = (
    "You have changed this story in another window. We cannot keep what you type "
    "here. Copy it before you leave."
)
MOST_TYPED = 1_000_000  # characters of everything in a form


def find(*, article: Article) -> WorkingCopy | None:
    """Return the working copy of an article, None without one."""
    return WorkingCopy.objects.filter(article=article.pk).first()


def find_typed(*, article: Article, by: str) -> UnsavedText | None:
    """Return what an editor (a username) typed in an article's form and has not saved, None without it."""
    return UnsavedText.objects.filter(article=article.pk, changed_by=by).first()


def differences(*, copy: WorkingCopy) -> list[Difference]:
    """Return what publishing the saved changes would change for readers."""
    return revisions.differences(_live(copy.article), copy.fields)


def save_changes(
    *,
    article: Article,
    by: User,
    parts: Parts = (),
    seen: Seen | None = None,
    show_update: bool = False,
) -> None:
    """Store the changed fields of a published article as its working copy; none if nothing differs from what is live.

    `show_update` tells readers, once the changes are public, that the story was updated. The other arguments and the
    errors are those of `editing.save_draft`.
    """
    with _rehearsed(article, "save_changes", by=by, seen=seen, show_update=show_update) as row:
        editing.take_typed(row, article)
        row.full_clean()
        row.save()
        for part in parts:
            part()


def restore(*, revision: Revision, by: User, seen: Seen | None = None) -> None:
    """Restore the words of a revision; address, times and state stay.

    A published article gets them as its working copy, any other one at once, as a new revision.
    """
    article = revision.article
    if editing.state(article) != Status.PUBLISHED:
        summary = f"Restored revision {revision.number}"
        with editing.changing(
            article, "restore", by=by.get_username(), summary=summary, seen=seen
        ) as row:
            _put_on(row, revision.fields | {"slug": row.slug})
            editing.forget_typed(article=row, by=by)
        return
    with _rehearsed(article, "restore", by=by, seen=seen) as row:
        _put_on(row, revision.fields | {"slug": row.slug})
    editing.forget_typed(article=article, by=by)


def keep_typed(
    *, article: Article, by: User, typed: Mapping[str, list[str]], seen: Seen
) -> UnsavedText:
    """Keep what stands in the boxes of an editor's form, unchecked; neither readers, revisions nor others get it.

    Raises EditConflict if this editor has typed or saved elsewhere since: what comes late brings nothing back.
    """
    length = sum(map(len, chain.from_iterable(typed.values())))
    if length > MOST_TYPED:
        raise ValidationError(
            "We cannot keep what you typed, because it is too long. Make it shorter."
        )
    me = by.get_username()
    now = {"changed_at": timezone.now(), "typed": dict(typed)}
    with _writing(article, "keep_typed", seen=None) as row:
        mine = find_typed(article=row, by=me)
        copy = find(article=row)
        saved = (copy is not None and copy.changed_by == me and copy.token != seen.token) or (
            row.revisions.filter(number__gt=seen.revision, made_by=me).exists()
        )
        if (mine.page != seen.page and mine.version != seen.kept) if mine else saved:
            raise EditConflict(str(IN_ANOTHER_WINDOW))
        if (
            not mine or mine.page != seen.page
        ):  # a save that was refused once asks again after the page was left
            now |= {
                "made_from": seen.revision,
                "made_of": seen.token[:32],
                "page": seen.page or secrets.token_hex(8),
            }
        return UnsavedText.objects.update_or_create(article=row, changed_by=me, defaults=now)[0]


def publish_changes(
    *, article: Article, by: User, seen: Seen | None = None, again: bool = False
) -> None:
    """Make the saved changes the article; what editors typed beside them and did not save stays.

    `again` says that what they bring back of what a correction took out is meant. Raises NoSuchMove, EditConflict
    and ValidationError.
    """
    summary = "Changes published"
    with editing.changing(
        article, "publish_changes", by=by.get_username(), summary=summary, seen=seen
    ) as row:
        copy = WorkingCopy.objects.select_for_update().filter(article=row).first()
        if copy is None:
            raise NoSuchMove(nothing())
        if copy.look_again:
            raise NoSuchMove(f"Check the changes again and save them first. {copy.look_again}")
        if not again and brought_back(copy=copy):
            raise ValidationError(
                {"again": "Tick the box if you want to put back words that a correction removed."}
            )
        if copy.show_update:
            row.updated_at = timezone.now()
        _put_on(row, copy.fields)
        copy.delete()


def drop_changes(*, article: Article, by: User, seen: Seen | None = None) -> None:
    """Delete the working copy, and what this editor has not saved; the article stays as it is."""
    with _writing(article, "drop_changes", seen=seen) as row:
        forgotten = editing.forget_typed(article=row, by=by)
        if not WorkingCopy.objects.filter(article=row).delete()[0] and not forgotten:
            raise NoSuchMove(nothing())


def brought_back(*, copy: WorkingCopy | None) -> list[corrected_words.BroughtBack]:
    """Return what the saved changes would bring back of what corrections took out."""
    if copy is None:
        return []
    return corrected_words.brought_back(article=copy.article, fields=copy.fields)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Undo at its end whatever is stored inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def as_it_will_be(*, article: Article) -> Iterator[WorkingCopy | None]:
    """Let the database hold, until the end, the article with its saved changes; yield the working copy."""
    copy = find(article=article)
    with rehearsal():
        if copy is not None:
            _put_on(editing.locked(article), copy.fields)
        yield copy


def empty_article() -> Article:
    """Store, inside a rehearsal, an article of which nothing is written yet, under a topic of its own; return it."""
    slug = secrets.token_hex(8)
    topic, _made = Topic.objects.get_or_create(name="No topic yet", defaults={"slug": slug})
    return Article.objects.create(slug=slug, topic=topic)


def put_typed(*, article: Article, areas: Iterable[Area] | None, rows: Fields) -> None:
    """Store, inside a rehearsal, what is typed: all but the address, and but a topic that was taken out."""
    row = editing.locked(article)
    slug = row.slug
    topic = row.topic_id
    editing.take_typed(row, article)
    row.slug = slug
    row.topic_id = row.topic_id or topic
    row.save()
    if areas is not None:
        row.areas.set(areas)
    revisions.replace_rows(row, rows)


def nothing() -> str:
    """Return the sentence for an article without saved changes."""
    return "There are no unpublished changes. Readers already see everything that you saved."


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
    row.full_clean()
    row.save()
    for part in parts:
        part()


@contextmanager
def _rehearsed(
    article: Article, verb: str, *, by: User, seen: Seen | None, show_update: bool = False
) -> Iterator[Article]:
    """Yield the article for a rehearsal of its change, and store what that leaves as the saved changes.

    They were looked at by saving them. If nothing differs from what is live, the working copy is deleted.
    """
    with _writing(article, verb, seen=seen) as row:
        with rehearsal():
            yield row
            fields = _live(row)
        editing.forget_typed(article=row, by=by, seen=seen)
        if fields == _live(row) and not show_update:
            WorkingCopy.objects.filter(article=row).delete()
            return
        saved: dict[str, Any] = {
            "fields": fields, "show_update": show_update, "look_again": "", "token": secrets.token_hex(8),
            "changed_at": timezone.now(), "changed_by": by.get_username(),
        }  # fmt: skip
        WorkingCopy.objects.update_or_create(article=row, defaults=saved)
