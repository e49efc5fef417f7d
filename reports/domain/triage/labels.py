"""The labels and reply templates of a new desk, which leads can change."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import format_lazy

from reports import replies
from reports.domain.audit import audit_log
from reports.models import AuditAct, Label, ReplyTemplate

LABELS = (
    "check again",
    "for the next meeting",
    "in another language",
    "rumour",
    "seen on the street",
    "with a picture",
)
REPLIES = {
    "A question: when": replies.WHEN,
    "A question: which place": replies.WHICH_PLACE,
    "If you are in danger": format_lazy(replies.IN_DANGER, **settings.PLACE.numbers),
    "Thank you, we have read it": replies.READ,
}


def begin_with_the_usual(*, by: User | None) -> int:
    """Create the missing ones, and return how many; labels and replies that leads changed stay as they are."""
    with transaction.atomic():
        missing = [
            name
            for name in map(str, LABELS)
            if not Label.objects.filter(name__iexact=name).exists()
        ]
        Label.objects.bulk_create(Label(name=name) for name in missing)
        count = len(missing)
        for title, text in REPLIES.items():
            _row, is_new = ReplyTemplate.objects.get_or_create(
                title=str(title), defaults={"text": str(text)}
            )
            count += is_new
        if count:
            audit_log.record(by=by, act=AuditAct.SET_UP, subject="labels and replies", count=count)
    return count
