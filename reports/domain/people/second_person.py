"""Who counts as a second person, and who as the only one.

A second person takes seven days without an act on their account that somebody could have arranged. Otherwise somebody
who has taken over one team lead could make, promote or take over an account as the second pair of eyes.

Nobody is the only one while a colleague is there, be their account as new as it may: an act on it would otherwise make
the one who did it the only one. Only an account that was made within the seven days is waited for by nobody, and who is
not there any more only once seven days are over.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from reports.domain.errors import Refused
from reports.domain.rights import APPROVE_OUTCOME, REFER, ROLES
from reports.models import AuditAct, AuditEvent, Member

SETTLES = timedelta(days=7)
APPROVING = (REFER, APPROVE_OUTCOME)  # the rights
_UNSETTLING = (
    AuditAct.JOINED,
    AuditAct.CHANGED_ROLES,
    AuditAct.SWITCHED_ON,
    AuditAct.LET_START_AGAIN,
    AuditAct.STARTED_AGAIN,
)
_PUTTING_OUT = (AuditAct.SWITCHED_OFF, AuditAct.REVOKED, AuditAct.CHANGED_ROLES)


def unsettled(right: str, *, at: datetime | None = None) -> dict[str, datetime]:
    """Return whose account is too new to count as a second person, by name in the audit log, and until when it is.

    A role counts only if it gave them this right, such as "reports.refer", and no role of theirs had given it before.
    `at` is an instant, now if it is left out. What is done at the machine's own console makes no account new, where a
    desk's first team lead is made: no session gets there.
    """
    return {
        event.subject: event.at + SETTLES
        for event in _lately(_UNSETTLING, at=at)
        if _unsettles(event, right)
    }


def settles_at(right: str, *, user: User, at: datetime | None = None) -> datetime | None:
    """Return from when a member counts as a second person with this right; None if they do."""
    return unsettled(right, at=at).get(user.get_username()[:60])


def require_settled(right: str, *, user: User) -> None:
    """Raise Refused if a member is no second person yet, with from when they are."""
    if until := settles_at(right, user=user):
        message = (
            "Your account was made, given a role or invited again within the last seven days. You can approve as a "
            f"second person from {_day(until)}. Until then someone else has to do this."
        )
        raise Refused(message)


def others(among: QuerySet[User], *, beside: str) -> list[User]:
    """Return which of these members are waited for beside the one of this name.

    That is each whose account is older than seven days, also if it is too new by another act: they will count again.
    """
    new = newcomers(_lately((AuditAct.JOINED,)))
    return [user for user in among.exclude(username=beside) if user.get_username()[:60] not in new]


def approvers() -> QuerySet[User]:
    """Return the members with a role that approves anything."""
    role = Q(groups__permissions__codename__in=[right.partition(".")[2] for right in APPROVING])
    return User.objects.filter(role, is_active=True).distinct()


def from_when(users: Iterable[User], right: str) -> list[tuple[str, datetime | None]]:
    """Return each member's name, and from when they count as a second person with this right; None if they do."""
    new = unsettled(right)
    return [(user.get_username(), new.get(user.get_username()[:60])) for user in users]


def put_out_until(*, user: User) -> datetime | None:
    """Return until when a member cannot be the only one, because a colleague with a key was put out; None if none was.

    Whoever did it: it could have been an account of the member's own. Only colleagues with a key count, as no other
    could be a second keyholder.
    """
    return _put_out_until(
        _lately(_PUTTING_OUT), name=user.get_username()[:60], with_key=_with_key()
    )


def is_only_one(among: QuerySet[User], *, user: User) -> bool:
    """Return whether nobody else among these members is waited for, and none was put out within seven days."""
    beside = {other.get_username()[:60] for other in among.exclude(pk=user.pk)}
    events = list(_lately((AuditAct.JOINED, *_PUTTING_OUT)))
    name = user.get_username()[:60]
    return stands_alone(
        name, beside=beside, with_key=_with_key(), events=events, now=timezone.now()
    )


def stands_alone(
    name: str,
    *,
    beside: Collection[str],
    with_key: Collection[str],
    events: Iterable[AuditEvent],
    now: datetime,
) -> bool:
    """Return whether a member is the only one at `now`, by what was done to accounts until then.

    `beside` are the others who can open tips and sign in, `with_key` all who have a key.
    """
    recent = [event for event in events if event.at > now - SETTLES]
    waited_for = set(beside) - newcomers(recent)
    return not waited_for and _put_out_until(recent, name=name, with_key=with_key) is None


def newcomers(events: Iterable[AuditEvent]) -> set[str]:
    """Return whose account was made, by somebody else than the machine's own console."""
    return {
        event.subject for event in events if event.act == AuditAct.JOINED and _unsettles(event, "")
    }


def require_put_nobody_out(*, user: User) -> None:
    """Raise Refused if a member cannot stand in for others for now, as a colleague was put out."""
    if until := put_out_until(user=user):
        message = (
            "A team member with access to tips was switched off, or lost a role or their access, within the last seven "
            f"days. Until {_day(until)} someone else has to do this."
        )
        raise Refused(message)


def _put_out_until(
    events: Iterable[AuditEvent], *, name: str, with_key: Collection[str]
) -> datetime | None:
    """Return until when colleagues of `name` count as put out by these events, the newest last; None if none was."""
    until = None
    for event in events:
        is_of_another = event.subject != name and event.act in _PUTTING_OUT
        had_key = event.act == AuditAct.REVOKED or event.subject in with_key
        if is_of_another and had_key and _puts_out(event):
            until = event.at + SETTLES
    return until


def _with_key() -> set[str]:
    """Return the names of all who have a key, as the audit log has them."""
    with_key = Member.objects.filter(granted__isnull=False)
    return {name[:60] for name in with_key.values_list("user__username", flat=True)}


def _lately(acts: Iterable[AuditAct], *, at: datetime | None = None) -> QuerySet[AuditEvent]:
    """Return what of these acts was done within the seven days before an instant, now if it is None, in order.

    What comes from the future counts too, as after a clock was put right, unless a past instant was asked for.
    """
    events = AuditEvent.objects.filter(
        act__in=[*acts], at__gt=(at or timezone.now()) - SETTLES
    ).order_by("seq")
    if at:
        return events.filter(at__lte=at)
    return events


def _puts_out(event: AuditEvent) -> bool:
    """Return whether it took a role; one that says no roles counts, as who writes to the database can leave it."""
    match event.act, event.detail:
        case AuditAct.CHANGED_ROLES, {"before": [*before], "after": [*after]}:
            return any(role not in after for role in before)
    return True


def _unsettles(event: AuditEvent, right: str) -> bool:
    """Return whether it newly gave a right, or made an account new; of one that says nothing of it as `_puts_out`."""
    match event.act, event.detail:
        case AuditAct.CHANGED_ROLES, {"before": [*before], "after": [*after]}:
            return _give(after, right) and not _give(before, right)
        case AuditAct.CHANGED_ROLES, _:
            return True
        case _, {"console": console}:
            return not console
    return True


def _give(names: Collection[object], right: str) -> bool:
    """Return whether one of the roles of these names gives a right."""
    return any(right in rights for role, rights in ROLES.items() if role in names)


def _day(instant: datetime) -> str:
    return date_format(timezone.localtime(instant), "j F, H:i")
