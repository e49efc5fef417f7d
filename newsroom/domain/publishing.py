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


def open_appeals(*, at: datetime | None = None) -> list[AppealState]:
    """Return every appeal that readers may know of, oldest first; those that have closed say so by `open`."""
    at = at or timezone.now()
    taking = set(Appeal.objects.open(at=at).values_list("pk", flat=True))
    return [
        AppealState(appeal.key, appeal.title, appeal.prompt, appeal.questions, open=appeal.pk in taking)
        for appeal in Appeal.objects.public(at=at).order_by("opens", "pk")
    ]
