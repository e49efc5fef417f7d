"""How a person becomes staff.

Invited by a team lead, then a password, a second factor, recovery codes, a key of their own.

Nothing of a newcomer is stored before the last of the first three steps: what they have done so far lies in their
sealed session, and `complete` makes the account, uses the code up and confirms the second factor in one transaction.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.people import accounts, roles, second_factors
from reports.domain.rights import ROLES
from reports.models import AuditAct, Invitation

RECOVERY_CODES = 8
INVITED_FOR = timedelta(days=3)
CODE_LETTERS = 20  # of base32: 100 random bits
WRONG_CODE = (
    "The username or the code is wrong, or the code was used or is older than three days. Check both, or get "
    "a new code from the team lead who invited you."
)


@dataclass(frozen=True)
class Joined:
    """A new colleague, the app or passkey that they proved, and their recovery codes: shown once, for single use."""

    user: User
    device: Device = field(repr=False)
    codes: list[str] = field(repr=False)


def invite(
    *, username: str, role: str, by: User, reauthentication: accounts.Reauthentication
) -> str:
    """Return a one-time code, shown once, with which somebody can join under this name; stored is its hash.

    An earlier invitation for the name stops working. Raises Refused with the reason.
    """
    accounts.require_team_lead(by=by, reauthentication=reauthentication)
    if role not in ROLES:
        raise Refused("Choose a role.")
    accounts.require_name(username)
    with transaction.atomic():
        code = _invite(username, role, again=False)
        audit_log.record(by=by, act=AuditAct.INVITED, subject=username[:60], roles=[role])
        accounts.mail_change()
    return code


def start_again(
    *, user: User, by: User | None, reauthentication: accounts.Reauthentication | None = None
) -> str:
    """Return a one-time code with which a colleague sets a new password and app; roles and key stay as they are.

    `by` None: whoever holds the recovery sheet, at the machine's own console.
    """
    if by is not None:
        accounts.require_team_lead(by=by, reauthentication=reauthentication)
    if not user.is_active or user.is_superuser:
        raise Refused(
            "You cannot reset sign-in while this account is switched off. Switch it on first."
        )
    with transaction.atomic():
        code = _invite(user.get_username(), "", again=True)
        accounts.log_event(user=user, by=by, act=AuditAct.LET_START_AGAIN)
    return code


def withdraw(
    *, invitation: Invitation, by: User, reauthentication: accounts.Reauthentication
) -> None:
    """Make an invitation void: it may be that of a colleague who cannot sign in without it."""
    accounts.require_team_lead(by=by, reauthentication=reauthentication)
    with transaction.atomic():
        audit_log.record(by=by, act=AuditAct.WITHDREW, subject=invitation.username[:60])
        invitation.delete()
        accounts.mail_change()


def open_invitation(*, username: str, code: str) -> Invitation:
    """Return the invitation that name and code belong to; one and the same refusal for all that is wrong."""
    return _valid(username=username, digest=_digest(username, code))


def still_open(*, pk: int) -> Invitation:
    """Return an invitation that was opened before; raises Refused when it is used up or too old by now."""
    return _valid(pk=pk)


def _valid(**facts: Any) -> Invitation:
    invitation = Invitation.objects.filter(expires_at__gt=timezone.now(), **facts).first()
    if invitation is None:
        raise Refused(WRONG_CODE)
    return invitation


def new_app_key() -> str:
    """Return the secret of a new authenticator app: 160 random bits in hex."""
    return secrets.token_hex(20)


def app_address(*, username: str, key: str) -> str:
    """Return the otpauth address that an authenticator app scans."""
    return str(
        TOTPDevice(user=User(username=username), name="Authenticator app", key=key).config_url
    )


def complete(*, invitation: Invitation, password: str, prove: Callable[..., Device]) -> Joined:
    """Make the account with its second factor and use the invitation up; nothing of it when the factor is not proved.

    `password` is a hash. `prove` makes and returns the device of a `user`, or raises
    Refused: `with_app`, or `passkeys.make`. Who starts again loses the devices that they had.
    """
    with transaction.atomic():
        if not Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest).delete()[0]:
            raise Refused(WRONG_CODE)
        user = _account(invitation, password)
        for kind, act in (
            (TOTPDevice, AuditAct.REMOVED_APP),
            (WebAuthnCredential, AuditAct.REMOVED_PASSKEY),
        ):
            for device in kind.objects.filter(user=user):
                device.delete()
                audit_log.record(by=user, act=act, subject=invitation.username[:60])
        return Joined(user, prove(user=user), recovery_codes(user=user))


def with_app(*, user: User, key: str, code: str) -> TOTPDevice:
    """Make an authenticator app count that holds `key`, if it shows `code` now; raises Refused when it does not."""
    with transaction.atomic():
        device = second_factors.new_app(user=user, key=key)
        if not second_factors.verify(device=device, code=code.replace(" ", "")):
            message = "That is not the code that the app shows now. Check the clock on your phone and try again."
            raise Refused(message)
        accounts.log_event(user=user, by=user, act=AuditAct.SECOND_FACTOR, kind="app")
    return device


def join(*, username: str, password: str, roles: Sequence[str]) -> User:
    """Make a staff account in these roles at the machine's own console.

    Raises Refused with every reason why the name or password will not do.
    """
    accounts.require_name(username)
    user = User(username=username, is_staff=True)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    user.set_password(password)
    _store_account(user, roles, console=True)
    return user


def recovery_codes(*, user: User) -> list[str]:
    """Return new one-time codes for a lost phone, 50 random bits each; the old ones stop working."""
    with transaction.atomic():
        return second_factors.new_codes(user=user, count=RECOVERY_CODES)


def _invite(username: str, role: str, *, again: bool) -> str:
    code = base64.b32encode(secrets.token_bytes(13)).decode().lower()[:CODE_LETTERS]
    Invitation.objects.filter(username=username).delete()
    Invitation.objects.create(
        username=username,
        role=role,
        digest=_digest(username, code),
        again=again,
        expires_at=timezone.now() + INVITED_FOR,
    )
    return "-".join(code[start : start + 5] for start in range(0, CODE_LETTERS, 5))


def _digest(username: str, code: str) -> str:
    """Return the hash of a code, however it was typed; 100 random bits need no stretching."""
    typed = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"streetlight/1 invitation {username} {typed}".encode()).hexdigest()


def _account(invitation: Invitation, password: str) -> User:
    """Return the account of an invitation, made or given its new password."""
    if not invitation.again:
        accounts.require_name(invitation.username)
        user = User(username=invitation.username, password=password, is_staff=True)
        _store_account(user, [invitation.role])
        return user
    same = User.objects.filter(username=invitation.username, is_active=True, is_superuser=False)
    account = same.select_for_update().first()
    if account is None:  # switched off since the code was given
        raise Refused(WRONG_CODE)
    account.password = password
    account.save(update_fields=["password"])  # its sessions end by this: Django compares the hash
    accounts.log_event(user=account, by=account, act=AuditAct.STARTED_AGAIN)
    return account


def _store_account(user: User, groups: Sequence[str], **detail: bool) -> None:
    with transaction.atomic():
        roles.ensure_roles()
        user.save()
        user.groups.set(Group.objects.filter(name__in=groups))
        accounts.log_event(user=user, by=user, act=AuditAct.JOINED, roles=list(groups), **detail)
