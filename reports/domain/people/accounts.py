"""Colleagues' accounts: what a lead changes, on the record and told; and who is no second person yet.

Nobody's session is enough for it: each such act takes what its lead has shown for this one act, a `Reauthentication`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypedDict

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.people import sessions
from reports.domain.people.roles import require_lead_left
from reports.models import AuditAct, AuditEvent, Member, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")  # a username: what cannot look like another one
POINTS = re.compile(r"[._-]")  # what two names may not differ by alone
NAME_LENGTH = 60  # characters, as the audit log names an account by so many
# What the program calls itself, or nobody: an account of this name would put its acts into another's mouth.
NOT_A_NAME = {"system", "program", "streetlight", "maintenance", "nobody", "someone", "anybody", "everybody"}
SETTLES = timedelta(days=7)  # how long an account that was made, promoted or invited again is no second person
CHANGES = (
    AuditAct.CHANGED_ROLES,
    AuditAct.SWITCHED_ON,
    AuditAct.SWITCHED_OFF,
    AuditAct.CHANGED_EMAIL,
    AuditAct.CHANGED_NAME,
)  # what makes a page of an account stale
_UNSETTLING = (
    AuditAct.JOINED,
    AuditAct.CHANGED_ROLES,
    AuditAct.SWITCHED_ON,
    AuditAct.LET_START_AGAIN,
    AuditAct.STARTED_AGAIN,
)


class Way(StrEnum):
    """By what a member shows that it is them: their words if they have a key, else as they sign in."""

    WORDS = "words"
    PASSKEY = "passkey"  # after the password
    PASSWORD = "password"  # noqa: S105 - a word; with it a code, outside a demonstration


@dataclass(frozen=True)
class Reauthentication:
    """That a member has shown, for one act, that it is them. Kept nowhere: a session cannot hold it."""

    user_id: int
    way: Way


class Changes(TypedDict):
    """What a colleague's account is to be."""

    first_name: str
    last_name: str
    email: str
    roles: list[str]
    active: bool


def require_name(name: str) -> None:
    """Raise Refused, with what is wrong, for what cannot be the username of a new account."""
    if not NAME.fullmatch(name):
        raise Refused(
            _(
                "A username has small letters from a to z, digits, full stops, hyphens and underscores only. It begins "
                "and ends with a letter or a digit."
            )
        )
    if len(name) > NAME_LENGTH:
        raise Refused(_("A username has at most %(most)s characters.") % {"most": NAME_LENGTH})
    bare = POINTS.sub("", name)
    if bare in NOT_A_NAME:
        raise Refused(_("“%(name)s” is a word of Streetlight itself. Choose another username.") % {"name": name})
    if bare in {POINTS.sub("", other.lower()) for other in User.objects.values_list("username", flat=True)}:
        raise Refused(_("There is an account with this username already, or with one that looks like it."))


def way_of(*, user: User) -> Way:
    """Return by what a member shows that it is them; a passkey is for the caller to offer."""
    has_key = Member.objects.filter(user=user, granted__isnull=False).exists()
    return Way.WORDS if has_key else Way.PASSWORD


def require_lead(*, by: User, shown: Reauthentication | None) -> None:
    """Raise Refused unless a lead has shown for this act that it is them: whoever has a key, by their words."""
    if not (by.is_active and by.has_perm("reports.run_desk")):
        raise Refused(_("Only a lead can do this."))
    if shown is None or shown.user_id != by.pk or (way_of(user=by) == Way.WORDS and shown.way != Way.WORDS):
        raise Refused(_("Show first that it is you."))


def change(
    *, user: User, to: Changes, by: User, shown: Reauthentication, here: str = "", seen: int | None = None
) -> bool:
    """Change a colleague's account and return whether anything is different; raises Refused with every reason.

    Who is switched off is signed out everywhere but in the session `here`, which still needs its answer.
    `seen` is the newest audit event when its lead saw the account: a change since then is not undone, as a page that
    stood open must not switch on again who was switched off meanwhile; None where nobody saw it before.
    """
    require_lead(by=by, shown=shown)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        _require_reach(row, by=by)
        if seen is not None:
            staleness.require_unchanged(subject=row.get_username()[:60], seen=seen, stale_after=CHANGES)
        require_lead_left(user=row, active=to["active"], roles=to["roles"])
        addresses, acts = [row.email, to["email"]], list(_differences(row, to))
        for act, detail in acts:
            audit.record(by=by, act=act, subject=row.get_username()[:60], **detail)
        row.first_name, row.last_name, row.email = to["first_name"], to["last_name"], to["email"]
        row.is_active = to["active"]
        try:
            row.full_clean(exclude=["password"])
        except ValidationError as error:
            raise Refused(" ".join(error.messages)) from error
        row.save(update_fields=["first_name", "last_name", "email", "is_active"])
        row.groups.set(Group.objects.filter(name__in=to["roles"]))
        if not row.is_active:
            sessions.end(user=row, but=here)
        if acts:
            tell(*addresses)
    return bool(acts)


def sign_out(*, user: User, by: User, shown: Reauthentication, here: str = "") -> None:
    """Sign a colleague out everywhere but in the session `here`; nothing keeps them from signing in again."""
    require_lead(by=by, shown=shown)
    _require_reach(user, by=by)
    with transaction.atomic():
        record(user=user, by=by, act=AuditAct.SIGNED_OUT_ELSEWHERE)
        sessions.end(user=user, but=here)


def record(*, user: User, by: User | None, act: AuditAct, **detail: Any) -> None:
    """Record what was done to an account and have it told, in the caller's transaction."""
    with transaction.atomic():
        audit.record(by=by, act=act, subject=user.get_username()[:60], **detail)
        tell(user.email)


def tell(*addresses: str) -> None:
    """Have it mailed to a colleague, at each of their addresses, and to the leads, that an account has changed.

    `maintenance.notices` mails it within a minute, so that no mail server holds a page up.
    """
    Notice.objects.create(kind=Notice.Kind.ACCOUNT, due_at=timezone.now(), to=sorted({*addresses} - {""}))


def unsettled(*, at: datetime | None = None, but_by: str = "") -> dict[str, datetime]:
    """Return until when those are no second person whose account is too new, by their name on the record.

    Somebody who has taken over one lead could otherwise make, promote or take over the second pair of eyes. `at` is an
    instant, now if it is left out. Taking a role away counts as no promotion, and what was made at the machine's own
    console, as a desk's first lead is, as settled: no session gets there. What `but_by` did is left out.
    """
    found = _lately(_UNSETTLING, at=at).exclude(actor=but_by)
    return {event.subject: _instant(event) + SETTLES for event in found if _unsettles(event)}


def settles_at(*, user: User, at: datetime | None = None) -> datetime | None:
    """Return from when a member counts as a second person; None if they do."""
    return unsettled(at=at).get(user.get_username()[:60])


def settled(names: "Iterable[str]", *, beside: str) -> list[str]:
    """Return which of these members count as a second person beside this one.

    Nobody becomes the only one by what they did to colleagues' accounts themself, as with one more role for each.
    """
    new = unsettled(but_by=beside)
    return [name for name in names if name[:60] not in new]


def put_out_until(*, user: User) -> datetime | None:
    """Return until when somebody is not the only one, as they put a colleague out themself; None if they did not.

    Else they would be it by switching the others off, and could bring them back a day later. Who opens no tip is no
    second keyholder, and does not count.
    """
    with_key = Member.objects.filter(granted__isnull=False)
    names = {name[:60] for name in with_key.values_list("user__username", flat=True)}
    acts = (AuditAct.SWITCHED_OFF, AuditAct.REVOKED, AuditAct.CHANGED_ROLES)
    events = _lately(acts).filter(actor=user.get_username()[:60]).reverse()
    put_out = (event for event in events if event.act == AuditAct.REVOKED or event.subject in names)
    return next((_instant(event) + SETTLES for event in put_out if _puts_out(event)), None)


def require_settled(*, user: User) -> None:
    """Raise Refused if a member is no second person yet, with from when they are."""
    if until := settles_at(user=user):
        said = _(
            "Your account was made, was given a role or was invited again within the last seven days. You count as a "
            "second person from %(when)s; until then somebody else has to do this."
        )
        raise Refused(said % {"when": date_format(timezone.localtime(until), "j F, H:i")})


def _require_reach(user: User, *, by: User) -> None:
    if user.is_superuser and not by.is_superuser:
        raise Refused(_("This account is changed at the machine’s own console alone."))


def _lately(acts: "Iterable[AuditAct]", *, at: datetime | None = None) -> "QuerySet[AuditEvent]":
    """Return what of these acts counts as done within the seven days before an instant, now if it is None, in order.

    The clock of the machine may have been turned back, before an act or since. So what has its place on the record
    behind an event of these days is of these days, however old it says it is; `not_before` is the newest such event's
    time. And what comes from the future counts, unless a past instant was asked for.
    """
    now = at or timezone.now()
    # Of any act: naming all of them lets the database find the days by its index.
    known = AuditEvent.objects.filter(act__in=AuditAct.values, at__gt=now - SETTLES, at__lte=now)
    first = known.aggregate(seq=Min("seq"))["seq"]
    lately = Q(at__gt=now - SETTLES) if first is None else Q(at__gt=now - SETTLES) | Q(seq__gte=first)
    before = known.filter(seq__lt=OuterRef("seq")).order_by("-at").values("at")[:1]
    events = AuditEvent.objects.filter(lately, act__in=[*acts]).annotate(not_before=Subquery(before)).order_by("seq")
    return events.filter(at__lte=at) if at else events


def _instant(event: AuditEvent) -> datetime:
    """Return from when an act that `_lately` found counts: its own time, or a later one that stands before it."""
    not_before: datetime | None = event.not_before  # type: ignore[attr-defined]  # an annotation
    return max(event.at, not_before) if not_before else event.at


def _puts_out(event: AuditEvent) -> bool:
    return event.act != AuditAct.CHANGED_ROLES or not set(event.detail["before"]) <= set(event.detail["after"])


def _unsettles(event: AuditEvent) -> bool:
    if event.act == AuditAct.CHANGED_ROLES:
        return not set(event.detail["after"]) <= set(event.detail["before"])
    return not event.detail.get("console")


def _differences(row: User, to: Changes) -> Iterator[tuple[AuditAct, dict[str, Any]]]:
    """Yield what is to be recorded: roles and state before and after; of a name or an address only that it changed."""
    before, after = sorted(row.groups.values_list("name", flat=True)), sorted(to["roles"])
    if before != after:
        yield AuditAct.CHANGED_ROLES, {"before": before, "after": after}
    if row.is_active != to["active"]:
        yield (AuditAct.SWITCHED_ON if to["active"] else AuditAct.SWITCHED_OFF), {}
    if row.email != to["email"]:
        yield AuditAct.CHANGED_EMAIL, {}
    if (row.first_name, row.last_name) != (to["first_name"], to["last_name"]):
        yield AuditAct.CHANGED_NAME, {}
