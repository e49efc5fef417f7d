"""What an editor does with the appeals of a story."""

from itertools import chain, count
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom.domain import request_rebuild, revisions
from newsroom.domain.editing import locked, state
from newsroom.domain.errors import NotNow
from newsroom.models import Appeal, Article

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def ask(*, appeal: Appeal, by: "User") -> Appeal:
    """Store a new or changed appeal of a story; a new one gets its key, the story's first slug, for good."""
    with transaction.atomic():
        story = locked(appeal.article)
        if state(story) == Article.Status.WITHDRAWN:
            raise NotNow(_("The story is withdrawn: nothing can be asked there."))
        before = revisions.snapshot(story)
        appeal.key = appeal.key or _free_key(story)
        appeal.full_clean()
        appeal.save()
        revisions.record(article=story, before=before, made_by=by.get_username(), at=timezone.now())
        request_rebuild.request_rebuild(articles=[story.pk])
    return appeal


def _free_key(story: Article) -> str:
    """Return the first slug that the story had, with a number behind it where another appeal has that key."""
    first = story.revisions.order_by("number").first()
    slug: str = first.fields["slug"] if first else story.slug
    taken = set(Appeal.objects.filter(key__startswith=slug[:110]).values_list("key", flat=True))
    numbered = (f"{slug[:110]}-{number}" for number in count(2))
    return next(key for key in chain([slug], numbered) if key not in taken)
