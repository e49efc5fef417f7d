"""Who counts as a second person, and who as the only one.

Both take seven days without a change that could have arranged it. Otherwise somebody who has taken over one team lead
could make, promote or take over an account as the second pair of eyes, or become the only one by switching the others
off, and bring them back a day later.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.domain.errors import Refused
from reports.models import AuditAct, AuditEvent, Member

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

SETTLES = timedelta(days=7)
APPROVING = ("refer", "sign_outcome")  # the rights, in `reports`
_UNSETTLING = (
    AuditAct.JOINED,
    AuditAct.CHANGED_ROLES,
    AuditAct.SWITCHED_ON,
    AuditAct.LET_START_AGAIN,
    AuditAct.STARTED_AGAIN,
)
_PUTTING_OUT = (AuditAct.SWITCHED_OFF, AuditAct.REVOKED, AuditAct.CHANGED_ROLES, AuditAct.LET_START_AGAIN)


def unsettled(*, at: datetime | None = None, but_by: "Collection[str]" = ()) -> dict[str, datetime]:
    """Return whose account is too new to count as a second person, by name in the audit log, and until when it is.

    `at` is an instant, now if it is left out. Losing a role makes no account new. What is done at the machine's own
    console does not either, where a desk's first team lead is made: no session gets there. What the members named in
    `but_by` did to others is left out.
    """
    events = _lately(_UNSETTLING, at=at).exclude(~Q(subject=F("actor")), actor__in=but_by)
    return {event.subject: event.at + SETTLES for event in events if _unsettles(event)}


def settles_at(*, user: "User", at: datetime | None = None) -> datetime | None:
    """Return from when a member counts as a second person; None if they do."""
    return unsettled(at=at).get(user.get_username()[:60])


def require_settled(*, user: "User") -> None:
    """Raise Refused if a member is no second person yet, with from when they are."""
    if until := settles_at(user=user):
        message = _(
            "Your account was made, given a role or invited again within the last seven days. You can approve as a "
            "second person from %(when)s. Until then someone else has to do this."
        )
        raise Refused(message % {"when": _day(until)})


def others(among: "QuerySet[User]", *, beside: str) -> "list[User]":
    """Return which of these members count as a second person beside the one of this name.

    What that one did to colleagues' accounts, or an account that is too new itself, is left out. Otherwise they could
    make all others too new, with one more role for each, and so become the only one.
    """
    new = unsettled(but_by={beside, *unsettled()})
    return [user for user in among.exclude(username=beside) if user.get_username()[:60] not in new]


def approvers() -> "QuerySet[User]":
    """Return the members with a role that approves anything."""
    role = Q(groups__permissions__codename__in=APPROVING)
    return User.objects.filter(role, is_active=True).distinct()


def from_when(users: "Iterable[User]") -> "list[tuple[str, datetime | None]]":
    """Return the name of each of these members, and from when they count as a second person; None if they do."""
    new = unsettled()
    return [(user.get_username(), new.get(user.get_username()[:60])) for user in users]


def put_out_until(*, user: "User") -> datetime | None:
    """Return until when a member cannot be the only one, because they put a colleague out; None if they did not.

    Only colleagues with a key count, as no other could be a second keyholder.
    """
    with_key = Member.objects.filter(granted__isnull=False)
    names = {name[:60] for name in with_key.values_list("user__username", flat=True)}
    own = user.get_username()[:60]
    events = _lately(_PUTTING_OUT).filter(actor__in={own, *unsettled()}).exclude(subject=own).reverse()
    put_out = (event for event in events if event.act == AuditAct.REVOKED or event.subject in names)
    return next((event.at + SETTLES for event in put_out if _puts_out(event)), None)


def is_only_one(among: "QuerySet[User]", *, user: "User") -> bool:
    """Return whether nobody else among these members counts, and this one has put nobody out within seven days."""
    return not others(among, beside=user.get_username()) and put_out_until(user=user) is None


def require_put_nobody_out(*, user: "User") -> None:
    """Raise Refused if a member cannot stand in for others for now, as they put a colleague out themself."""
    if until := put_out_until(user=user):
        message = _(
            "You switched off a team member, removed a role or access, or let someone start again, within the last "
            "seven days. Until %(when)s someone else has to do this."
        )
        raise Refused(message % {"when": _day(until)})


def _lately(acts: "Iterable[AuditAct]", *, at: datetime | None = None) -> "QuerySet[AuditEvent]":
    """Return what of these acts was done within the seven days before an instant, now if it is None, in order.

    What comes from the future counts too, as after a clock was put right, unless a past instant was asked for.
    """
    events = AuditEvent.objects.filter(act__in=[*acts], at__gt=(at or timezone.now()) - SETTLES).order_by("seq")
    return events.filter(at__lte=at) if at else events


def _puts_out(event: AuditEvent) -> bool:
    """Return whether it took a role; one that says no roles counts, as who writes to the database can leave it."""
    match event.act, event.detail:
        case AuditAct.CHANGED_ROLES, {"before": [*before], "after": [*after]}:
            return any(role not in after for role in before)
    return True


def _unsettles(event: AuditEvent) -> bool:
    """Return whether it gave a role, or made an account new; of one that says nothing of it as for `_puts_out`."""
    match event.act, event.detail:
        case AuditAct.CHANGED_ROLES, {"before": [*before], "after": [*after]}:
            return any(role not in before for role in after)
        case AuditAct.CHANGED_ROLES, _:
            return True
        case _, {"console": console}:
            return not console
    return True


def _day(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "j F, H:i")
