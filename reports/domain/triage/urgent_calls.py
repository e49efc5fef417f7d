"""Urgent disclosure: one member passes a tip on by phone and says whom and when; a second one looks at it next day."""

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
from reports.models import AuditAct, Disclosure, Tip, hidden_from

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from reports.domain.keys.keyholders import Keys

TO = {"999": _("The police, 999"), "children": _("Children’s services"), "other": _("Somebody else")}
LENGTH = 500  # characters of each answer


def disclose(*, tip: Tip, to: str, whom: str, when: str, reference: str, by: "User") -> Disclosure:
    """Seal to whom (a key of TO, and their name), when and under which reference a tip was passed on by phone."""
    recusal.require_free(tip=tip, by=by)
    if to not in TO:
        raise Refused(gettext("Choose whom you called."))
    said = {"whom": whom.strip(), "when": when.strip(), "reference": reference.strip()}
    if not said["whom"] or not said["when"]:
        raise Refused(gettext("Say with whom you spoke, and when."))
    if max(map(len, said.values())) > LENGTH:
        raise Refused(gettext("Each answer has room for %(room)s characters.") % {"room": LENGTH})
    new = Disclosure(id=uuid.uuid4(), tip=tip, author=by.get_username())
    sealed.fill(new, {"to": to} | said)
    with transaction.atomic():
        new.save(force_insert=True)
        audit.record(by=by, act=AuditAct.DISCLOSED, subject=tip.reference)
    return new


def review(*, disclosure: Disclosure, found: str, by: "User") -> None:
    """Say as a second person what one found; the words become a note on the tip. Never the one who called."""
    recusal.require_free(tip=disclosure.tip, by=by)
    if disclosure.author == by.get_username():
        raise Refused(gettext("You made this call. A second person looks at it."))
    with transaction.atomic():
        triage.note(tip=disclosure.tip, text=found, by=by)
        changes = {"reviewed_by": by.get_username(), "reviewed_on": timezone.localdate()}
        if not Disclosure.objects.filter(pk=disclosure.pk, reviewed_on=None).update(**changes):
            raise Refused(gettext("A colleague has looked at this call already."))
        audit.record(by=by, act=AuditAct.REVIEWED_DISCLOSURE, subject=disclosure.tip.reference)


def waiting(*, user: "User", today: date) -> "QuerySet[Disclosure]":
    """Return the calls of earlier days that wait for a second person, one's own too: a lone operator sees them wait."""
    rows = Disclosure.objects.filter(reviewed_on=None, since__lt=today)
    return rows.exclude(tip__in=hidden_from(user)).select_related("tip")


def second_person(*, author: str) -> bool:
    """Return whether anybody but the one who called can look at it."""
    return bool(triage.members().exclude(username=author).exists())


def told(disclosure: Disclosure, *, keys: "Keys") -> dict[str, Any]:
    """Return what was sealed; `problem` says why not. The caller has recorded that the tip is read."""
    try:
        content = sealed.opened(disclosure, keys=keys)
    except Swapped as refusal:
        return {"problem": str(refusal)}
    return content | {"to": TO.get(content["to"], content["to"])}
