"""The code of an authenticator app, or a recovery code."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain.people import second_factors

DIGITS = 6


def verified_device(*, user: User, code: str) -> Device:
    """Return the device that this code proves; raises ValidationError with what to do.

    Six digits are tried on authenticator apps and anything else on recovery codes, never both: a failed try counts
    against the device it was made on, and each failure makes the wait before the next try twice as long.
    """
    code = "".join(code.split()).replace("-", "").lower()
    if not code:
        raise ValidationError(
            "Type the six digits that your authenticator app shows, or a recovery code."
        )
    is_digits = len(code) == DIGITS and code.isascii() and code.isdigit()
    devices = (TOTPDevice if is_digits else StaticDevice).objects.devices_for_user(
        user, confirmed=True
    )
    with transaction.atomic():  # Not left by an error: the count of failures must stay.
        problem, device = _try(
            list(devices.select_for_update().order_by("-pk")), code, is_digits=is_digits
        )
    if device is None:
        raise ValidationError(problem)
    return device


def _try(devices: list[Device], code: str, *, is_digits: bool) -> tuple[str, Device | None]:
    """Return the device that takes the code, or what to tell the person."""
    if not devices and is_digits:
        return (
            "Your account has no authenticator app yet. Use a recovery code, or ask a team lead for help.",
            None,
        )
    wrong = (
        "This code is not right. Type six digits, or a recovery code that you have not used yet."
    )
    if is_digits:
        wrong = (
            "That is not the code that the app shows now. Wait for the next code, and check "
            "the clock on your phone."
        )
    for device in devices:
        if not device.verify_is_allowed()[0]:
            wrong = "There were too many wrong codes. Wait a minute, then try again."
        elif second_factors.verify(device=device, code=code):
            return "", device
    return wrong, None
