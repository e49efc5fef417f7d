"""Which appeals readers may know of, as the form needs them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from newsroom.models import Appeal


@dataclass(frozen=True)
class AppealState:
    """An appeal as the form needs it: its own `questions`, and `open`, whether it takes answers now."""

    key: str
    title: str
    prompt: str
    questions: tuple[str, ...]
    open: bool


@dataclass(frozen=True)
class Answered:
    """An appeal that has closed, and what came of it; `path` is its story's."""

    title: str
    result: str
    path: str


def answered_appeals(*, at: datetime | None = None) -> list[Answered]:
    """Return the closed appeals of which is told what came of them, the last closed first."""
    found = Appeal.objects.answered(at=at).order_by("-closes", "-pk")
    rows = found.values_list("title", "result", "article__slug")
    return [Answered(title, result, f"/news/{slug}/") for title, result, slug in rows]


def appeal_titles() -> dict[str, str]:
    """Return the titles of all appeals by key, the newest first."""
    return dict(Appeal.objects.order_by("-opens", "-pk").values_list("key", "title"))


def open_appeals(*, at: datetime | None = None) -> list[AppealState]:
    """Return every appeal that readers may know of, oldest first; those that have closed say so by `open`."""
    at = at or timezone.now()
    taking = set(Appeal.objects.open(at=at).values_list("pk", flat=True))
    return [
        AppealState(appeal.key, appeal.title, appeal.prompt, appeal.questions, open=appeal.pk in taking)
        for appeal in Appeal.objects.public(at=at).order_by("opens", "pk")
    ]
