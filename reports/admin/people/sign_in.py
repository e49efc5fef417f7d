"""Signing in: password and code, or a passkey after the password; and what a member signs in with."""

import hashlib
import hmac
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from core.rights import EVERYBODY, STAFF, needs
from core.sent import sent_text
from reports.admin.desk import carried, lock
from reports.admin.desk.lock import page
from reports.domain.errors import Refused
from reports.domain.people import accounts, passkeys, second_factors, sign_ins
from reports.models import AuditAct
from reports.security import known_browsers
from reports.security.turns import Busy, Turns

DIGITS = 6
# Hashing takes 19 MiB. Members wait for no stranger; strangers leave threads that say it is busy (`database_threads`).
AT_WORK, WAITING = 2, 8  # in each process
strangers, members = (Turns(at_work=AT_WORK, waiting=WAITING, seconds=5) for _whose in range(2))


class SignInForm(AdminAuthenticationForm):
    """Django's sign-in with the second factor on the same page; a demonstration leaves the code out."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "Type the six digits that your authenticator app shows now. If you have lost your phone, type a recovery "
            "code. If you use a passkey, type nothing here."
        ),
        widget=forms.TextInput(attrs=lock.PLAIN | {"autocomplete": "one-time-code"}),
    )
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": gettext_lazy("The username or the password is wrong. Check both and try again."),
        "busy": gettext_lazy("Too many people are signing in at the moment. Wait a few seconds, then try again."),
    }

    wants_passkey = False  # whether name and password are right, and a passkey has to follow

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the code out of a demonstration."""
        super().__init__(*args, **kwargs)
        self.fields["username"].label = gettext_lazy("Username")
        if settings.DEMO:
            del self.fields["code"]

    def clean_username(self) -> str:
        """Take a name that a phone began with a capital letter."""
        return str(self.cleaned_data["username"]).lower()

    def clean(self) -> dict[str, Any]:
        """Check name and password, then the code; a wrong code says so beside its field."""
        name = self.cleaned_data.get("username", "")
        try:
            with (members if known_browser(cast("HttpRequest", self.request), name) else strangers).take():
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
        return f"{typed} in {browser}" if browser else typed
    key = hashlib.sha256(f"streetlight failed sign-in {settings.SECRET_KEY}".encode()).digest()
    return f"{sign_ins.UNKNOWN}{hmac.new(key, typed.encode(), hashlib.sha256).hexdigest()[:32]}"


def known_browser(request: HttpRequest, username: str) -> str:
    """Return the name of the request's browser if whoever has this user name signed in there before, else "".

    In a browser in which nobody has, no name is looked up: the time would tell which names there are.
    """
    if not known_browsers.is_known(request):
        return ""
    user = User.objects.filter(username=username, is_active=True).first()
    return known_browsers.known_as(request, user) if user else ""


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


def way_of(device: Device | None) -> str:
    """Return how the record calls what a member signed in with."""
    kinds = {"app": TOTPDevice, "recovery-code": StaticDevice, "passkey": WebAuthnCredential}
    return next((way for way, kind in kinds.items() if isinstance(device, kind)), "password")


def sign_in(request: HttpRequest, user: User, device: Device) -> None:
    """Sign a member in, on the record, with the second factor that they have just proved."""
    user.otp_device = device  # type: ignore[attr-defined]  # django-otp keeps it in the session at login
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    sign_ins.signed_in(user=user, way=way_of(device))


def _devices(user: User, kind: type[Device]) -> list[Device]:
    return list(kind.objects.devices_for_user(user, confirmed=True).select_for_update().order_by("-pk"))


def _try(devices: list[Device], code: str, *, is_digits: bool) -> tuple[str, Device | None]:
    """Return the device that takes the code, or what to tell the person."""
    if not devices and is_digits:
        return str(
            _("Your account has no authenticator app yet. Use a recovery code, or ask a team lead for help.")
        ), None
    wrong = (
        _("That is not the code that the app shows now. Wait for the next code, and check the clock on your phone.")
        if is_digits
        else _("This code is not right. Type six digits, or a recovery code that you have not used yet.")
    )
    for device in devices:
        if not device.verify_is_allowed()[0]:
            wrong = _("There were too many wrong codes. Wait a minute, then try again.")
        elif second_factors.verify(device=device, code=code):
            return "", device
    return str(wrong), None


CEREMONY = "passkey-ceremony"


def offer_passkey(request: HttpRequest, ask: Callable[..., str], *, user: User | None = None) -> dict[str, object]:
    """Begin a ceremony and return what its form needs; where no browser takes passkeys, only where one would."""
    if not takes_passkeys(request):
        return {"passkey_home": settings.OTP_WEBAUTHN_ALLOWED_ORIGINS[0]}
    state = passkeys.new_state(user=user)
    request.session[CEREMONY] = state
    return {"passkey_options": ask(state=state)}


def takes_passkeys(request: HttpRequest) -> bool:
    """Return whether a browser takes the site's passkeys under the address at which it opened the desk."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    domain = settings.OTP_WEBAUTHN_RP_ID
    return host == domain or host.endswith(f".{domain}")


def take_ceremony(request: HttpRequest) -> dict[str, str] | None:
    """Take the ceremony's state out of the session, for one answer; None when there is none."""
    state: dict[str, str] | None = request.session.pop(CEREMONY, None)
    return state


WAITS = "password-shown"  # the session's slot for who has shown their password, and when
WAITS_FOR = 5 * 60  # seconds


WRONG_PASSWORD = gettext_lazy("That is not your password.")


def is_password(request: HttpRequest, password: str) -> bool:
    """Return whether the password is the member's own; wrong ones are counted as failed sign-ins are."""
    user = cast("User", request.user)
    return authenticate(request, username=user.get_username(), password=password) == user


class PasswordForm(forms.Form):
    """The member's own password: a session alone, left open, removes no passkey, and adds none."""

    use_required_attribute = False
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        error_messages={"required": gettext_lazy("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Keep the request, in which the tries are counted."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        """Check the password, five times in a quarter of an hour."""
        password = str(self.cleaned_data["password"])
        if not is_password(self.request, password):
            raise ValidationError(WRONG_PASSWORD)
        return password


class NewPasskeyForm(PasswordForm):
    """What a further passkey takes: a name, the password, and the browser's answer."""

    field_order = ["name", "password"]
    name = forms.CharField(
        label=gettext_lazy("A name for the passkey"),
        max_length=passkeys.NAME_LENGTH,
        required=False,
        help_text=gettext_lazy("If you lose a device, the name shows you which passkey to remove. For example: phone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    answer = forms.CharField(required=False, widget=forms.HiddenInput)


class OwnPasswordForm(AdminPasswordChangeForm):
    """Django's form for the member's own password, on the record; wrong old ones count as failed sign-ins do."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Keep the request, in which the tries are counted."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Check the old password, five times in a quarter of an hour."""
        old = str(self.cleaned_data["old_password"])
        if not is_password(self.request, old):
            raise ValidationError(WRONG_PASSWORD, code="password_incorrect")
        return old

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        """Change it and record that, or neither."""
        user = super().save(commit=commit)
        accounts.record(user=user, by=user, act=AuditAct.CHANGED_PASSWORD)
        return user


@needs(STAFF)
def factors(request: HttpRequest) -> HttpResponse:
    """Show what the member signs in with, and offer one more passkey."""
    return _factors(request, NewPasskeyForm(request=request))


@needs(post=STAFF)
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser has made, if the password is right."""
    user, state = cast("User", request.user), take_ceremony(request)
    form = NewPasskeyForm(request.POST, request=request)
    problem = "" if state else _("That took too long. Press the button again.")
    if form.is_valid() and state:
        given = form.cleaned_data
        try:
            passkeys.make(user=user, state=state, answer=given["answer"], name=given["name"])
        except Refused as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("You can sign in with this passkey now."))
            return redirect("admin:factors")
    return _factors(request, form, problem=problem)


@needs(post=STAFF)
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of the member's passkeys, if the password is right."""
    form = PasswordForm(request.POST, request=request)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["password"])))
        return redirect("admin:factors")
    try:
        passkeys.remove(user=cast("User", request.user), pk=pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The passkey is removed. Everyone who signed in with it is signed out."))
    return redirect("admin:factors")


def wait_for_passkey(request: HttpRequest, user: User) -> None:
    """Note that this browser has shown a member's password, and has to show their passkey next."""
    request.session[WAITS] = {"user": user.pk, "since": time.time()}


@needs(EVERYBODY)
def passkey_step(request: HttpRequest) -> HttpResponse:
    """Ask who has shown their password for a passkey of theirs, and sign them in with it."""
    user, problem = _who_waits(request), ""
    if request.method == "POST" and user and not (problem := _show(request, user)):
        carried_text = carried.again(request)
        response = (carried_text and carried.adopt(request, carried_text)) or redirect(_onward(request))
        known_browsers.remember(request, response, user)
        return response
    return passkey_page(request, problem)


def passkey_page(request: HttpRequest, problem: str = "") -> HttpResponse:
    """Return the page that asks for a passkey, with what the page before carried."""
    user, onward = _who_waits(request), _onward(request)
    context = page(request, title=_("Show your passkey")) | {"problem": problem, "next": onward}
    context |= {"carried": carried.again(request)}
    if user:
        context |= offer_passkey(request, partial(passkeys.to_show, user=user), user=user)
    return TemplateResponse(request, "admin/reports/people/sign_in/passkey.html", context | {"waits": user is not None})


def _show(request: HttpRequest, user: User) -> str:
    """Sign the member in with the passkey that their browser shows; return why not, if not."""
    state = take_ceremony(request)
    if state is None:
        return _("That took too long. Press the button again.")
    try:
        device = passkeys.prove(user=user, state=state, answer=sent_text(request.POST, "answer"))
    except Refused as refusal:
        return str(refusal)
    request.session.pop(WAITS, None)
    sign_in(request, user, device)
    return ""


def _who_waits(request: HttpRequest) -> User | None:
    waiting = request.session.get(WAITS)
    if waiting is None or time.time() - waiting["since"] > WAITS_FOR:
        return None
    return User.objects.filter(pk=waiting["user"], is_active=True, is_staff=True).first()


def _onward(request: HttpRequest) -> str:
    return lock.safe_next(request, default=reverse("admin:index"))


def _factors(request: HttpRequest, form: NewPasskeyForm, *, problem: str = "") -> HttpResponse:
    user = cast("User", request.user)
    ask = partial(passkeys.to_make, username=user.get_username(), user=user)
    context = page(request, title=_("How you sign in")) | offer_passkey(request, ask, user=user)
    context |= {
        "passkeys": [(key, PasswordForm(request=request, auto_id=f"id_{key.pk}_%s")) for key in passkeys.of(user=user)],
        "apps": TOTPDevice.objects.filter(user=user, confirmed=True).count(),
        "codes_left": StaticToken.objects.filter(device__user=user, device__confirmed=True).count(),
        "passkey_form": form,
        "problem": problem,
    }
    return TemplateResponse(request, "admin/reports/people/sign_in/factors.html", context)
