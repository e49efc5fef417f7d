"""The labels and reply templates of a new desk, which leads can change, and the label that is built in."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import replies
from reports.domain import audit
from reports.models import AuditAct, AuditEvent, Label, ReplyTemplate, Status, Tip
from reports.models.labels import POSSIBLY_MALICIOUS
from reports.models.tips import MALICIOUS

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
        _built_in, new = _malicious()
        made = [
            ReplyTemplate.objects.get_or_create(title=str(title), defaults={"text": str(text)})
            for title, text in REPLIES.items()
        ]
        count = len(missing) + new + sum(new for _, new in made)
        if count:
            audit.record(by=by, act=AuditAct.SET_UP, subject="labels and replies", count=count)
    return count


def set_stage(*, tip: Tip, stage: str) -> None:
    """Give a locked tip the status of a stage, which the caller saves, and put the built-in label on it or take it off.

    Runs in the caller's transaction.
    """
    if stage == MALICIOUS:
        tip.labels.add(_malicious()[0])
    elif tip.stage == MALICIOUS:
        tip.labels.remove(*tip.labels.filter(malicious=True))
    tip.status = Status.NO_ACTION if stage == MALICIOUS else Status(stage)


def marked_by(*, tip: Tip) -> str:
    """Return who marked a tip as possibly malicious last, as the log says; "" if it is not marked."""
    if tip.stage != MALICIOUS:
        return ""
    marks = AuditEvent.objects.filter(act=AuditAct.MOVED, subject=tip.reference, detail__after=MALICIOUS)
    last = marks.order_by("-seq").first()
    return last.who if last else _("Someone")


def _malicious() -> tuple[Label, bool]:
    """Return the built-in label, and whether it was missing."""
    return Label.objects.get_or_create(malicious=True, defaults={"name": str(POSSIBLY_MALICIOUS)})
