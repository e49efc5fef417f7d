"""The labels and reply templates of a new desk, which leads can change."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from reports import replies
from reports.domain.audit import audit_log
from reports.models import AuditAct, Label, ReplyTemplate

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LABELS = (
    gettext_lazy("check again"),
    gettext_lazy("for the next meeting"),
    gettext_lazy("in another language"),
    gettext_lazy("rumour"),
    gettext_lazy("seen on the street"),
    gettext_lazy("with a picture"),
)
REPLIES = {
    gettext_lazy("A question: when"): replies.WHEN,
    gettext_lazy("A question: which place"): replies.WHICH_PLACE,
    gettext_lazy("If you are in danger"): format_lazy(replies.IN_DANGER, **settings.PLACE.numbers),
    gettext_lazy("Thank you, we have read it"): replies.READ,
}


def begin_with_the_usual(*, by: "User | None") -> int:
    """Create the missing ones, and return how many; labels and replies that leads changed stay as they are."""
    with transaction.atomic():
        missing = [name for name in map(str, LABELS) if not Label.objects.filter(name__iexact=name).exists()]
        Label.objects.bulk_create(Label(name=name) for name in missing)
        made = [
            ReplyTemplate.objects.get_or_create(title=str(title), defaults={"text": str(text)})
            for title, text in REPLIES.items()
        ]
        count = len(missing) + sum(new for _, new in made)
        if count:
            audit_log.record(by=by, act=AuditAct.SET_UP, subject="labels and replies", count=count)
    return count
