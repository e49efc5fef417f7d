"""Leaving the team, as one act: account, sessions, drafts and tips, then the key, then the duty contact.

Each step is whole or not at all, and finds what is done already: whoever was interrupted does it again. From the first
step on the leaver opens nothing. It joins people, keys, drafts and triage.
"""

from dataclasses import replace

from django.contrib.auth.models import User
from django.db import transaction

from newsroom.models import UnsavedText
from reports.domain import drafts, state_files
from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts
from reports.domain.people.accounts import Reauthentication
from reports.domain.triage import triaging
from reports.models import AuditAct, AuditEvent, Member


def leave(
    *,
    user: User,
    by: User,
    reauthentication: Reauthentication,
    passphrase: str = "",
    duty: User | None = None,
) -> Keys | None:
    """Take a colleague out of the team; return the team lead's new keys, None where the leaver had no key.

    `duty` becomes the duty contact: needed where that is the leaver. `passphrase`: the team lead's, for the key file.
    Raises Refused, WrongWords or DeskBroken; what was done until then stays done.
    """
    require_may_leave(user=user, by=by)
    if is_duty(user) and not (duty and duty.email):
        raise Refused("They are the duty contact. Choose another one.")
    with transaction.atomic():
        tips = triaging.locked_tips_of(user)  # before the log, as every act on a tip locks them
        row = User.objects.select_for_update().get(pk=user.pk)
        to = accounts.AccountChanges(
            first_name=row.first_name,
            last_name=row.last_name,
            email=row.email,
            roles=list(row.groups.values_list("name", flat=True)),
            active=False,
        )
        accounts.change(user=row, to=to, by=by, reauthentication=reauthentication)
        drafts.forget(user=row)
        UnsavedText.objects.filter(changed_by=row.get_username()).delete()
        triaging.unassign(tips=tips, member=row, by=by)
    member = Member.objects.select_related("user").filter(user=user).first()
    keys = None
    if member:
        keys = keyholders.revoke(member=member, by=by, passphrase=passphrase)
    with transaction.atomic():
        audit_log.record(by=by, act=AuditAct.LEFT_TEAM, subject=user.get_username()[:60])
        if duty:
            name = duty.get_full_name() or duty.get_username()
            state_files.save_profile(
                replace(state_files.profile(), duty=name, duty_email=duty.email)
            )
    return keys


def require_may_leave(*, user: User, by: User) -> None:
    """Raise Refused where this team lead cannot do it: for themself, or without access where the leaver has a key."""
    if user.pk == by.pk:
        raise Refused("You cannot do this for yourself. Another team lead has to do it.")
    has_access = accounts.way_of(user=by) == accounts.Way.WORDS
    if not has_access and Member.objects.filter(user=user).exists():
        raise Refused("They have a key, so a team lead who has access to tips has to do this.")


def is_duty(user: User) -> bool:
    """Return whether the emails for the duty contact go to this address."""
    return bool(user.email) and user.email.casefold() == state_files.profile().duty_email.casefold()


def names() -> set[str]:
    """Return who has left, by their name in the audit log."""
    acts = (AuditAct.LEFT_TEAM, AuditAct.SWITCHED_ON)
    newest = dict(
        AuditEvent.objects.filter(act__in=acts).order_by("seq").values_list("subject", "act")
    )
    return {name for name, act in newest.items() if act == AuditAct.LEFT_TEAM}
