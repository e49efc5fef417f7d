"""How a person becomes staff: an account, a role, a second factor, recovery codes."""

import base64
import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain import audit, keyholders
from reports.domain.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

RECOVERY_CODES = 8


def join(*, username: str, password: str, roles: "Sequence[str]", by: User | None, email: str = "") -> User:
    """Make a staff account in these roles; raises Refused with every reason why the name or password will not do."""
    user = User(username=username, email=email, is_staff=True)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    user.set_password(password)
    with transaction.atomic():
        keyholders.ensure_roles()
        user.save()
        user.groups.set(Group.objects.filter(name__in=roles))
        audit.record(by=by, act="joined", subject=username, roles=list(roles))
    return user


def begin_totp(*, user: User) -> TOTPDevice:
    """Make a time-based one-time password device that counts only once a first code has confirmed it."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    device: TOTPDevice = TOTPDevice.objects.create(user=user, name="Authenticator app", confirmed=False)
    return device


def confirm_totp(*, device: TOTPDevice, code: str) -> None:
    """Confirm a device with the six digits that it shows now; raises Refused when they are not right."""
    if not device.verify_token(code.replace(" ", "")):
        raise Refused("That is not the code that the app shows now. Check the clock on your phone and try again.")
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    audit.record(by=device.user, act="second-factor", subject=device.user.get_username())


def recovery_codes(*, user: User) -> list[str]:
    """Return new one-time codes for a lost phone, 50 random bits each; the old ones stop working."""
    codes = [base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10] for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="Recovery codes", confirmed=True)
        device.token_set.bulk_create([device.token_set.model(device=device, token=code) for code in codes])
    return codes
