"""Signing in: name and password, and the code."""

import hashlib
import hmac
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from core.sent import sent_text
from reports.admin.pages import lock
from reports.admin.people.codes import verified_device
from reports.domain.people import passkeys, sign_ins
from reports.security import known_browsers
from reports.security.turns import Busy, Turns

# Hashing takes 19 MiB. Members wait for no stranger; strangers leave threads that say it is busy (`database_threads`).
# In each process.
AT_WORK = 2
WAITING = 8
strangers, members = (Turns(at_work=AT_WORK, waiting=WAITING, seconds=5) for _whose in range(2))


class SignInForm(AdminAuthenticationForm):
    """Django's sign-in with the second factor on the same page; a demonstration leaves the code out."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        required=False,
        help_text=(
            "Type the six digits that your authenticator app shows now. If you have lost your phone, type a recovery "
            "code. If you use a passkey, type nothing here."
        ),
        widget=forms.TextInput(attrs=lock.PLAIN | {"autocomplete": "one-time-code"}),
    )
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "The username or the password is wrong. Check both and try again.",
        "busy": "Too many people are signing in at the moment. Wait a few seconds, then try again.",
    }

    wants_passkey = False  # whether name and password are right, and a passkey has to follow

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the code out of a demonstration."""
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Username"
        if settings.DEMO:
            del self.fields["code"]

    def clean_username(self) -> str:
        """Take a name that a phone began with a capital letter."""
        return str(self.cleaned_data["username"]).lower()

    def clean(self) -> dict[str, Any]:
        """Check name and password, then the code; a wrong code says so beside its field."""
        name = self.cleaned_data.get("username", "")
        try:
            with (
                members if known_browser(cast("HttpRequest", self.request), name) else strangers
            ).take():
                cleaned = super().clean()
        except Busy:
            raise ValidationError(self.error_messages["busy"], code="busy") from None
        user = self.get_user()
        if user is not None and not settings.DEMO:
            code = cleaned.get("code", "")
            self.wants_passkey = not code and bool(passkeys.of(user=user))
            try:
                # django-otp keeps the device in the session when the user signs in.
                user.otp_device = verified_device(user=user, code=code)  # type: ignore[attr-defined]
            except ValidationError as problem:
                self.add_error("code", problem)
                if code:
                    sign_ins.wrong_code(user=user)
        return cleaned


def name_to_keep(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return under which name axes keeps a failed sign-in: one that we know, else a keyed hash of what was typed.

    People type passphrases there by mistake. The hash still lets five tries be counted. In a browser that the member
    has used, their tries are counted apart: strangers' failures pause strangers.
    """
    typed = sent_text(credentials or request.POST, "username").lower()
    if User.objects.filter(username=typed).exists():
        browser = known_browser(request, typed)
        if browser:
            return f"{typed} in {browser}"
        return typed
    key = hashlib.sha256(f"streetlight failed sign-in {settings.SECRET_KEY}".encode()).digest()
    return f"{sign_ins.UNKNOWN}{hmac.new(key, typed.encode(), hashlib.sha256).hexdigest()[:32]}"


def known_browser(request: HttpRequest, username: str) -> str:
    """Return the name of the request's browser if whoever has this user name signed in there before, else "".

    In a browser in which nobody has, no name is looked up: the time would tell which names there are.
    """
    if not known_browsers.is_known(request):
        return ""
    user = User.objects.filter(username=username, is_active=True).first()
    if user:
        return known_browsers.known_as(request, user)
    return ""


def way_of(device: Device | None) -> str:
    """Return how the record calls what a member signed in with."""
    kinds = {"app": TOTPDevice, "recovery-code": StaticDevice, "passkey": WebAuthnCredential}
    return next((way for way, kind in kinds.items() if isinstance(device, kind)), "password")


def sign_in(request: HttpRequest, user: User, device: Device) -> None:
    """Sign a member in, on the record, with the second factor that they have just proved."""
    user.otp_device = device  # type: ignore[attr-defined]  # django-otp keeps it in the session at login
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    sign_ins.signed_in(user=user, way=way_of(device))
