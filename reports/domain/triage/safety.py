"""Decisions about danger: a team member says what was done, sealed; a Team lead who did not decide it looks at it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.text import format_lazy

from reports.domain.audit import audit_log
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import DangerOpen, Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import roles, second_person
from reports.domain.rights import RUN_DESK
from reports.domain.tips import reasons, recusal
from reports.models import (
    AuditAct,
    Entry,
    SafetyDecision,
    Status,
    Tip,
    UrgentCall,
    hidden_from,
    hidden_keys,
)
from reports.models.tips import UNDECIDED

NO_DANGER = "none"
CHOICES = {
    "police": format_lazy("We called {emergency} or {police}", **settings.PLACE.numbers),
    "safeguarding": "We told the safeguarding contact",
    NO_DANGER: "No danger after reading",
    "other": "Something else",
}
LENGTH = 500  # characters of the sentence
MAY_BE_DANGER = Q(urgent=True) | Q(unsure=True)
_ACTS = {
    SafetyDecision.Kind.CLOSED: AuditAct.CLOSED_DANGER,
    SafetyDecision.Kind.WROTE: AuditAct.WROTE_FOR_SAFETY,
}


@dataclass(frozen=True)
class Danger:
    """What a team member says was done about the danger: a key of CHOICES, and a sentence."""

    choice: str
    text: str = field(repr=False)


def asked_about() -> QuerySet[Tip, Any]:
    """Return the tips that are closed only with a Danger: urgent or not sure about danger, open, and not called about.

    A call to who protects people does, until something comes under the receipt that was not there when it was recorded.
    """
    since = Entry.objects.filter(tip=OuterRef("tip"), position__gt=OuterRef("position")).order_by()
    called = UrgentCall.objects.filter(
        ~Exists(since), tip=OuterRef("pk"), position__gt=0
    ).order_by()
    return Tip.objects.filter(~Exists(called), MAY_BE_DANGER, status__in=UNDECIDED)


def is_asked(*, tip: Tip) -> bool:
    """Return whether this tip is one of them."""
    return asked_about().filter(pk=tip.pk).exists()


def require(*, tip: Tip, to: str, danger: Danger | None) -> None:
    """Raise DangerOpen if this tip is closed only with a Danger and there is none.

    One whose sender is not sure becomes spam without: that choice says itself that nobody is in danger.
    """
    if danger is not None or not is_asked(tip=tip):
        return
    if tip.urgent:
        message = "This tip mentions danger, or someone under 18. Say what was done about it before you close it."
        raise DangerOpen(message, part="choice")
    if to != Status.SPAM:
        message = (
            "The sender is not sure whether someone could be badly hurt. Say what was done about it before you close "
            "it."
        )
        raise DangerOpen(message, part="choice")


def add(
    *, tip: Tip, kind: str, choice: str, text: str, by: User, keys: Keys | None, press: str = ""
) -> SafetyDecision:
    """Seal a decision and put it on the Team leads' list.

    `kind` is a SafetyDecision.Kind; `choice` a key of CHOICES, and empty for `wrote`. Raises Refused for what is
    missing or too long, and on a locked desk (`keys` is None). The event says only that a decision was written down.
    """
    recusal.require_free(tip=tip, by=by)
    kind = SafetyDecision.Kind(kind)
    new = SafetyDecision(id=uuid.uuid4(), tip=tip, kind=kind, author=by.get_username())
    sealed.fill(new, _answers(kind, choice=choice, text=text))
    with transaction.atomic():
        new.save(force_insert=True)
        was = {"press": press, "was": {"without": str(new.pk)}} if press else {}
        audit_log.record(
            by=by, act=_ACTS[kind], subject=tip.reference, rows=Named([new], keys=keys), **was
        )
    return new


def mark_reviewed(*, decision: SafetyDecision, by: User, keys: Keys) -> None:
    """Mark a decision as looked at by a Team lead who did not make it.

    Where no other Team lead can, the one who made it does, on the next day at the earliest.
    """
    reasons.require_team_lead(by=by)
    recusal.require_free(tip=decision.tip, by=by)
    second_person.require_settled(RUN_DESK, user=by)
    with transaction.atomic():
        row = SafetyDecision.objects.select_for_update().select_related("tip").get(pk=decision.pk)
        if row.looked_on is not None:
            raise Refused("Another team lead has already looked at this.")
        if not waiting(user=by).filter(pk=row.pk).exists():
            raise Refused(_why_not(by))
        was = hashes(row)
        row.looked_by = by.get_username()
        row.looked_on = timezone.localdate()
        row.save(update_fields=["looked_by", "looked_on"])
        rows = Named([row], was=was, keys=keys)
        audit_log.record(by=by, act=AuditAct.LOOKED_AT_DANGER, subject=row.tip.reference, rows=rows)
    decision.looked_by = row.looked_by
    decision.looked_on = row.looked_on


def waiting(*, user: User) -> QuerySet[SafetyDecision]:
    """Return the decisions that wait for this Team lead to look at them, oldest first.

    Their own are among them from the next day on, where no other Team lead could look at them.
    """
    rows = SafetyDecision.objects.filter(looked_on=None).select_related("tip")
    if not rows.exists():
        return rows.none()  # nearly always, and then nobody asks who else is a team lead
    rows = rows.exclude(tip__in=hidden_from(user))
    name = user.get_username()
    own = _own_to_look_at(rows.filter(author=name, since__lt=timezone.localdate()), user=user)
    return rows.filter(~Q(author=name) | Q(pk__in=own))


def _own_to_look_at(earlier: Iterable[SafetyDecision], *, user: User) -> list[UUID]:
    """Return those of a Team lead's own earlier decisions whose tips are hidden from every other Team lead."""
    rows = list(earlier)
    if not rows or second_person.put_out_until(user=user):
        return []
    hidden = _hidden_from_others({row.tip_id for row in rows}, beside=user)
    return [row.pk for row in rows if row.tip_id in hidden]


def out_of_reach(*, tips: Iterable[UUID], beside: User) -> set[UUID]:
    """Return which of these tips need a Team lead's look, now or once they are decided, that no other Team lead sees.

    "Other" is beside this member.
    """
    decisions = SafetyDecision.objects.filter(looked_on=None)
    calls = UrgentCall.objects.filter(reviewed_on=None)
    done = Q(pk__in=decisions.values("tip")) | Q(pk__in=calls.values("tip"))
    needing = Tip.objects.filter((MAY_BE_DANGER & Q(status__in=UNDECIDED)) | done, pk__in=tips)
    return _hidden_from_others(set(needing.values_list("pk", flat=True)), beside=beside)


def _hidden_from_others(tips: set[UUID], *, beside: User) -> set[UUID]:
    for other in _other_team_leads(beside):
        tips = tips & hidden_keys(other)
    return tips


def read(*, rows: Iterable[SafetyDecision], by: User, keys: Keys) -> dict[UUID, dict[str, str]]:
    """Return what each of these decisions says by its key, after recording that `by` saw parts of their tips."""
    reasons.require_team_lead(by=by)
    listed = list(rows)
    references = list(dict.fromkeys(row.tip.reference for row in listed))
    audit_log.record_each(by=by, act=AuditAct.GLIMPSED, subjects=references)
    return {row.pk: content(row, keys=keys) for row in listed}


def content(decision: SafetyDecision, *, keys: Keys) -> dict[str, str]:
    """Return `choice`, in words, and `text`, or `problem` if they do not open. The caller has recorded the reading."""
    try:
        answers = unsealed.content(decision, keys=keys, choice=str, text=str)
    except Swapped as refusal:
        return {"problem": str(refusal)}
    return {
        "choice": str(CHOICES.get(answers["choice"], answers["choice"])),
        "text": answers["text"],
    }


def _answers(kind: SafetyDecision.Kind, *, choice: str, text: str) -> dict[str, str]:
    """Return what was chosen and typed, trimmed; raises Refused for what is missing or too long."""
    if kind == SafetyDecision.Kind.CLOSED and choice not in CHOICES:
        raise DangerOpen("Choose what was done about the danger.", part="choice")
    missing = "Write a sentence that says what was done. Only the team can read it."
    try:
        text = sealed.typed(text, most=LENGTH, what="Sentence", missing=missing)
    except Refused as refusal:
        raise DangerOpen(str(refusal), part="text") from refusal
    return {"choice": choice if kind == SafetyDecision.Kind.CLOSED else "", "text": text}


def _other_team_leads(user: User) -> list[User]:
    """Return the Team leads beside this one who can open tips and count as a second person."""
    team_leads = roles.with_right(RUN_DESK).filter(is_staff=True, member__granted__isnull=False)
    return second_person.others(team_leads, beside=user.get_username())


def _why_not(user: User) -> str:
    if _other_team_leads(user):
        return "You made this decision, so another team lead must look at it."
    return (
        "You made this decision. No other team lead can look at it, so you can do so from tomorrow."
    )
