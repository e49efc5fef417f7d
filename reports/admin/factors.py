"""How a member signs in: their app and passkeys, one more passkey, and the passkey as the second step of signing in."""

import time
from functools import partial
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.admin import ceremony, lock
from reports.admin.lock import page
from reports.domain.errors import Refused
from reports.domain.people import passkeys

BACKEND = "django.contrib.auth.backends.ModelBackend"
WAITS = "password-shown"  # the session's slot for who has shown their password, and when
WAITS_FOR = 5 * 60  # seconds


class PasskeyForm(forms.Form):
    """What a further passkey takes besides the browser's answer: a session alone, left open, adds none."""

    name = forms.CharField(
        label=gettext_lazy("A name for it"),
        max_length=passkeys.NAME_LENGTH,
        required=False,
        help_text=gettext_lazy("So that you know which one to remove when you lose it. For example: phone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        error_messages={"required": gettext_lazy("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def mine(request: HttpRequest) -> HttpResponse:
    """Show what the member signs in with, and offer one more passkey."""
    return _mine(request, PasskeyForm())


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser has made, if the password is right."""
    form, state, user = PasskeyForm(request.POST), ceremony.taken(request), cast("User", request.user)
    if form.is_valid() and state is not None:
        given = form.cleaned_data
        if authenticate(request, username=user.get_username(), password=given["password"]) != user:
            form.add_error("password", _("That is not your password."))
        elif problem := _refusal(user, state, request.POST.get("answer", ""), given["name"]):
            return _mine(request, form, problem=problem)
        else:
            messages.success(request, _("You can sign in with this passkey now."))
            return redirect("admin:factors")
    return _mine(request, form, problem="" if state else _("That took too long. Press the button again."))


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of the member's passkeys."""
    try:
        passkeys.remove(user=cast("User", request.user), pk=pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The passkey is gone. Sessions that began with it have ended."))
    return redirect("admin:factors")


def wait_for_passkey(request: HttpRequest, user: User) -> None:
    """Note that this browser has shown a member's password, and has to show their passkey next."""
    request.session[WAITS] = {"user": user.pk, "since": time.time()}


def second_step(request: HttpRequest) -> HttpResponse:
    """Ask who has shown their password for a passkey of theirs, and sign them in with it."""
    user, problem = _who_waits(request), ""
    if request.method == "POST" and user and not (problem := _show(request, user)):
        return redirect(_onward(request))
    context = page(request, title=_("Show your passkey")) | {"problem": problem, "next": _onward(request)}
    if user:
        context |= ceremony.offer(request, partial(passkeys.to_show, user=user), user=user)
    return TemplateResponse(request, "admin/passkey.html", context | {"waits": user is not None})


def _show(request: HttpRequest, user: User) -> str:
    """Sign the member in with the passkey that their browser shows; return why not, if not."""
    state = ceremony.taken(request)
    if state is None:
        return _("That took too long. Press the button again.")
    try:
        device = passkeys.prove(user=user, state=state, answer=request.POST.get("answer", ""))
    except Refused as refusal:
        return str(refusal)
    user.otp_device = device  # type: ignore[attr-defined]  # django-otp keeps it in the session at login
    request.session.pop(WAITS, None)
    login(request, user, backend=BACKEND)
    return ""


def _who_waits(request: HttpRequest) -> User | None:
    held = request.session.get(WAITS)
    if held is None or time.time() - held["since"] > WAITS_FOR:
        return None
    return User.objects.filter(pk=held["user"], is_active=True, is_staff=True).first()


def _onward(request: HttpRequest) -> str:
    return lock.safe_next(request, default=reverse("admin:index"))


def _refusal(user: User, state: dict[str, str], answer: str, name: str) -> str:
    """Store the passkey; return why not, if not."""
    try:
        passkeys.make(user=user, state=state, answer=answer, name=name)
    except Refused as refusal:
        return str(refusal)
    return ""


def _mine(request: HttpRequest, form: PasskeyForm, *, problem: str = "") -> HttpResponse:
    user = cast("User", request.user)
    ask = partial(passkeys.to_make, username=user.get_username(), user=user)
    context = page(request, title=_("How you sign in")) | ceremony.offer(request, ask, user=user)
    context |= {
        "passkeys": passkeys.of(user=user),
        "apps": TOTPDevice.objects.filter(user=user, confirmed=True).count(),
        "codes_left": StaticToken.objects.filter(device__user=user, device__confirmed=True).count(),
        "passkey_form": form,
        "problem": problem,
    }
    return TemplateResponse(request, "admin/factors.html", context)
