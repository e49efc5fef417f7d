"""Signing in: user name, password and one code, from the app or the sheet of recovery codes; or a passkey after it."""

import hashlib
import hmac
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.domain.people import passkeys

DIGITS = 6


class SignInForm(AdminAuthenticationForm):
    """Django's sign-in with the second factor on the same page; a demonstration leaves the code out."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_(
            "The six digits that your authenticator app shows now. With a passkey leave it empty. Lost your phone? "
            "Type a recovery code."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _("That user name and password do not belong together. Check both and try again."),
    }

    wants_passkey = False  # whether name and password are right, and a passkey has to follow

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the code out of a demonstration."""
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        if settings.DEMO:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        """Check name and password, then the code; a wrong code says so beside its field."""
        cleaned = super().clean()
        user = self.get_user()
        if user is not None and not settings.DEMO:
            code = cleaned.get("code", "")
            self.wants_passkey = not code and bool(passkeys.of(user=user))
            try:
                # django-otp keeps the device in the session when the user signs in.
                user.otp_device = verified_device(user=user, code=code)  # type: ignore[attr-defined]
            except ValidationError as problem:
                self.add_error("code", problem)
        return cleaned


def name_to_keep(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return under which name axes keeps a failed sign-in: one that we know, else a keyed hash of what was typed.

    People type passphrases there by mistake. The hash still lets five tries be counted.
    """
    typed = str((credentials or request.POST).get("username") or "")
    if User.objects.filter(username=typed).exists():
        return typed
    key = hashlib.sha256(f"streetlight failed sign-in {settings.SECRET_KEY}".encode()).digest()
    return f"unknown {hmac.new(key, typed.encode(), hashlib.sha256).hexdigest()[:32]}"


def verified_device(*, user: User, code: str) -> Device:
    """Return the device that this code proves; raises ValidationError with what to do.

    Six digits are tried on authenticator apps and anything else on recovery codes, never both: a failed try counts
    against the device it was made on, and each failure makes the wait before the next try twice as long.
    """
    code = "".join(code.split()).replace("-", "").lower()
    if not code:
        raise ValidationError(_("Type the six digits that your authenticator app shows, or a recovery code."))
    is_digits = len(code) == DIGITS and code.isascii() and code.isdigit()
    with transaction.atomic():  # Not left by an error: the count of failures must stay.
        problem, device = _try(_devices(user, TOTPDevice if is_digits else StaticDevice), code, is_digits=is_digits)
    if device is None:
        raise ValidationError(problem)
    return device


def _devices(user: User, kind: type[Device]) -> list[Device]:
    return list(kind.objects.devices_for_user(user, confirmed=True).select_for_update().order_by("-pk"))


def _try(devices: list[Device], code: str, *, is_digits: bool) -> tuple[str, Device | None]:
    """Return the device that takes the code, or what to tell the person."""
    if not devices and is_digits:
        return str(_("Your account has no authenticator app yet. Use a recovery code, or ask a lead.")), None
    wrong = (
        _("That is not the code that the app shows now. Wait for the next one, and check the clock on your phone.")
        if is_digits
        else _("That is neither six digits nor one of your unused recovery codes.")
    )
    for device in devices:
        if not device.verify_is_allowed()[0]:
            wrong = _("Too many wrong codes. Wait a little, then try again.")
        elif device.verify_token(code):
            return "", device
    return str(wrong), None
