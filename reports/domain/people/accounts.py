"""Colleagues' accounts: what a team lead changes, on the record and told.

Nobody's session is enough for it: each such act takes what its lead has shown for this one act, a `Reauthentication`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypedDict

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from reports.domain.audit import audit_log, staleness
from reports.domain.errors import Refused
from reports.domain.people import sessions
from reports.domain.people.roles import require_team_lead_left
from reports.domain.rights import RUN_DESK
from reports.models import AuditAct, Member, Notice

NAME = re.compile(
    r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
)  # a username: what cannot look like another one
POINTS = re.compile(r"[._-]")  # what two names may not differ by alone
NAME_LENGTH = 60  # characters, as the audit log names an account by so many
# What the program calls itself, or nobody: an account of this name would put its acts into another's mouth.
NOT_A_NAME = {
    "system",
    "program",
    "streetlight",
    "maintenance",
    "nobody",
    "someone",
    "anybody",
    "everybody",
}
CHANGES = (
    AuditAct.CHANGED_ROLES,
    AuditAct.SWITCHED_ON,
    AuditAct.SWITCHED_OFF,
    AuditAct.CHANGED_EMAIL,
    AuditAct.CHANGED_NAME,
)  # what makes a page of an account stale


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


class AccountChanges(TypedDict):
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
            "A username has small letters from a to z, digits, full stops, hyphens and underscores only. It begins "
            "and ends with a letter or a digit."
        )
    if len(name) > NAME_LENGTH:
        raise Refused(f"A username has at most {NAME_LENGTH} characters.")
    bare = POINTS.sub("", name)
    if bare in NOT_A_NAME:
        raise Refused(f"Streetlight itself uses the name “{name}”. Choose another username.")
    if bare in {
        POINTS.sub("", other.lower()) for other in User.objects.values_list("username", flat=True)
    }:
        raise Refused(
            "There is an account with this username already, or with one that looks like it."
        )


def way_of(*, user: User) -> Way:
    """Return by what a member shows that it is them; a passkey is for the caller to offer."""
    has_key = Member.objects.filter(user=user, granted__isnull=False).exists()
    return Way.WORDS if has_key else Way.PASSWORD


def require_team_lead(*, by: User, reauthentication: Reauthentication | None) -> None:
    """Raise Refused unless a team lead has shown for this act that it is them: whoever has a key, by their words."""
    if not (by.is_active and by.has_perm(RUN_DESK)):
        raise Refused("Only a team lead can do this.")
    require_reauthentication(by=by, reauthentication=reauthentication)


def require_reauthentication(*, by: User, reauthentication: Reauthentication | None) -> None:
    """Raise Refused unless a member has shown for this act that it is them: whoever has a key, by their words."""
    if (
        reauthentication is None
        or reauthentication.user_id != by.pk
        or (way_of(user=by) == Way.WORDS and reauthentication.way != Way.WORDS)
    ):
        raise Refused("Confirm first that it is you.")


def change(
    *,
    user: User,
    to: AccountChanges,
    by: User,
    reauthentication: Reauthentication,
    here: str = "",
    seen: int | None = None,
) -> bool:
    """Change a colleague's account and return whether anything is different; raises Refused with every reason.

    Who is switched off is signed out everywhere but in the session `here`, which still needs its answer.
    `seen` is the newest audit event when its lead saw the account: a change since then is not undone, as a page that
    stood open must not switch on again who was switched off meanwhile; None where nobody saw it before.
    """
    require_team_lead(by=by, reauthentication=reauthentication)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if row.is_superuser and not by.is_superuser:
            raise Refused("You can change this account only on the server itself.")
        if seen is not None:
            staleness.require_unchanged(
                subject=row.get_username()[:60], seen=seen, stale_after=CHANGES
            )
        require_team_lead_left(user=row, active=to["active"], roles=to["roles"])
        addresses = [row.email, to["email"]]
        acts = list(_differences(row, to))
        for act, detail in acts:
            audit_log.record(by=by, act=act, subject=row.get_username()[:60], **detail)
        row.first_name = to["first_name"]
        row.last_name = to["last_name"]
        row.email = to["email"]
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
            mail_change(*addresses)
    return bool(acts)


def log_event(*, user: User, by: User | None, act: AuditAct, **detail: Any) -> None:
    """Record what was done to an account and have it told, in the caller's transaction."""
    with transaction.atomic():
        audit_log.record(by=by, act=act, subject=user.get_username()[:60], **detail)
        mail_change(user.email)


def mail_change(*addresses: str) -> None:
    """Have it mailed to a colleague, at each of their addresses, and to the team leads, that an account has changed.

    `maintenance.notices` mails it within a minute, so that no mail server holds a page up.
    """
    Notice.objects.create(
        kind=Notice.Kind.ACCOUNT, due_at=timezone.now(), to=sorted({*addresses} - {""})
    )


def _differences(row: User, to: AccountChanges) -> Iterator[tuple[AuditAct, dict[str, Any]]]:
    """Yield what is to be recorded: roles and state before and after; of a name or an address only that it changed."""
    before = sorted(row.groups.values_list("name", flat=True))
    after = sorted(to["roles"])
    if before != after:
        yield AuditAct.CHANGED_ROLES, {"before": before, "after": after}
    if row.is_active != to["active"]:
        yield (AuditAct.SWITCHED_ON if to["active"] else AuditAct.SWITCHED_OFF), {}
    if row.email != to["email"]:
        yield AuditAct.CHANGED_EMAIL, {}
    if (row.first_name, row.last_name) != (to["first_name"], to["last_name"]):
        yield AuditAct.CHANGED_NAME, {}
