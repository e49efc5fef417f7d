"""Appeals: storing them, and listing those that readers may see."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core.errors import NoSuchMove
from newsroom.domain import request_rebuild, revisions
from newsroom.domain.editing import first_free, locked, state
from newsroom.models import Appeal, Article


@dataclass(frozen=True)
class AppealState:
    """An appeal as the tip form needs it, its article's headline and path; `open`: whether it takes answers now."""

    key: str
    title: str
    prompt: str
    questions: tuple[str, ...]
    open: bool
    story: str
    path: str


@dataclass(frozen=True)
class Answered:
    """A closed appeal and its published result; `path` is the path of its article."""

    title: str
    result: str
    path: str


def answered_appeals(*, at: datetime | None = None) -> list[Answered]:
    """Return closed appeals that have a published result, the last closed first."""
    at = at or timezone.now()
    appeals = Appeal.objects.public(at=at).closed_with_result(at=at)
    rows = appeals.order_by("-closes", "-pk").values_list("title", "result", "article__slug")
    return [Answered(title, result, f"/news/{slug}/") for title, result, slug in rows]


def appeal_titles() -> dict[str, str]:
    """Return the titles of all appeals by key, the newest first."""
    return dict(Appeal.objects.order_by("-opens", "-pk").values_list("key", "title"))


def public_appeals(*, at: datetime | None = None) -> list[AppealState]:
    """Return every public appeal, closed ones too, oldest first."""
    at = at or timezone.now()
    open_now = set(Appeal.objects.open(at=at).values_list("pk", flat=True))
    return [
        AppealState(
            appeal.key,
            appeal.title,
            appeal.prompt,
            appeal.questions,
            open=appeal.pk in open_now,
            story=appeal.article.headline,
            path=f"/news/{appeal.article.slug}/",
        )
        for appeal in Appeal.objects.public(at=at).select_related("article").order_by("opens", "pk")
    ]


def ask(*, appeal: Appeal, by: User) -> None:
    """Store a new or changed appeal; a new one gets its key for good, from the article's slug. Raises NoSuchMove."""
    with transaction.atomic():
        article = locked(appeal.article)
        if state(article) == Article.Status.WITHDRAWN:
            raise NoSuchMove("The story is withdrawn, so you cannot add an appeal to it.")
        before = revisions.snapshot(article)
        appeal.key = appeal.key or _free_key(article)
        appeal.full_clean()
        appeal.save()
        revisions.add(article=article, before=before, made_by=by.get_username(), at=timezone.now())
        request_rebuild.request_rebuild(articles=[article.pk])


def _free_key(article: Article) -> str:
    """Return the article's first slug, with a number appended if another appeal has that key."""
    first = article.revisions.order_by("number").first()
    slug = first.fields["slug"] if first else article.slug
    return first_free(slug, lambda key: Appeal.objects.filter(key=key).exists())
