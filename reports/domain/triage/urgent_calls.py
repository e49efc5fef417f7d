"""Urgent calls: a member who passed a tip on by phone records it, and a second one reviews it the next day."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports.domain import audit, triage
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed
from reports.domain.tips import recusal
from reports.models import AuditAct, Tip, UrgentCall, hidden_from

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from reports.domain.keys.keyholders import Keys

TO = {"999": _("The police, 999"), "children": _("Children’s services"), "other": _("Somebody else")}
LENGTH = 500  # characters of each answer


def record(*, tip: Tip, to: str, whom: str, when: str, reference: str, by: "User") -> UrgentCall:
    """Record that a tip was passed on by phone. Sealed: a key of TO, whom, when, their reference. Raises Refused."""
    recusal.require_free(tip=tip, by=by)
    if to not in TO:
        raise Refused(gettext("Choose whom you called."))
    answers = {"whom": whom.strip(), "when": when.strip(), "reference": reference.strip()}
    if not answers["whom"] or not answers["when"]:
        raise Refused(gettext("Say with whom you spoke, and when."))
    if max(map(len, answers.values())) > LENGTH:
        raise Refused(gettext("Each answer has room for %(room)s characters.") % {"room": LENGTH})
    new = UrgentCall(id=uuid.uuid4(), tip=tip, author=by.get_username())
    sealed.fill(new, {"to": to} | answers)
    with transaction.atomic():
        new.save(force_insert=True)
        audit.record(by=by, act=AuditAct.DISCLOSED, subject=tip.reference)
    return new


def review(*, call: UrgentCall, found: str, by: "User") -> None:
    """Review a call as a second person, never as its author; `found` becomes a note on the tip."""
    recusal.require_free(tip=call.tip, by=by)
    if call.author == by.get_username():
        raise Refused(gettext("You made this call. A second person looks at it."))
    with transaction.atomic():
        triage.note(tip=call.tip, text=found, by=by)
        changes = {"reviewed_by": by.get_username(), "reviewed_on": timezone.localdate()}
        if not UrgentCall.objects.filter(pk=call.pk, reviewed_on=None).update(**changes):
            raise Refused(gettext("A colleague has looked at this call already."))
        audit.record(by=by, act=AuditAct.REVIEWED_DISCLOSURE, subject=call.tip.reference)


def waiting(*, user: "User", today: date) -> "QuerySet[UrgentCall]":
    """Return earlier days' calls without a review, the user's own too, so that a lone operator sees them."""
    rows = UrgentCall.objects.filter(reviewed_on=None, since__lt=today)
    return rows.exclude(tip__in=hidden_from(user)).select_related("tip")


def second_person(*, author: str) -> bool:
    """Return whether any member but `author` can review a call."""
    return bool(triage.members().exclude(username=author).exists())


def content(call: UrgentCall, *, keys: "Keys") -> dict[str, Any]:
    """Return the sealed answers, or `problem` if they do not open. The caller has recorded that the tip is read."""
    try:
        answers = sealed.opened(call, keys=keys)
    except Swapped as refusal:
        return {"problem": str(refusal)}
    return answers | {"to": TO.get(answers["to"], answers["to"])}
