"""What a member signs in with: the page, and the passkeys that they add and remove."""

from functools import partial
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.rights import STAFF, needs
from reports.admin.pages.lock import page
from reports.admin.people import ceremony
from reports.admin.people.own_password import PasswordForm
from reports.domain.errors import Refused
from reports.domain.people import passkeys


class NewPasskeyForm(PasswordForm):
    """What a further passkey takes: a name, the password, and the browser's answer."""

    field_order = ["name", "password"]
    name = forms.CharField(
        label="A name for the passkey",
        max_length=passkeys.NAME_LENGTH,
        required=False,
        help_text="If you lose a device, the name shows you which passkey to remove. For example: phone.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    answer = forms.CharField(required=False, widget=forms.HiddenInput)


@needs(STAFF)
def factors(request: HttpRequest) -> HttpResponse:
    """Show what the member signs in with, and offer one more passkey."""
    return _factors(request, NewPasskeyForm(request=request))


@needs(post=STAFF)
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Keep the passkey that the browser has made, if the password is right."""
    user = cast("User", request.user)
    state = ceremony.take_ceremony(request)
    form = NewPasskeyForm(request.POST, request=request)
    problem = "" if state else "That took too long. Press the button again."
    if form.is_valid() and state:
        given = form.cleaned_data
        try:
            passkeys.make(user=user, state=state, answer=given["answer"], name=given["name"])
        except Refused as refusal:
            problem = str(refusal)
        else:
            messages.success(request, "You can sign in with this passkey now.")
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
        messages.success(
            request, "The passkey is removed. Everyone who signed in with it is signed out."
        )
    return redirect("admin:factors")


def _factors(request: HttpRequest, form: NewPasskeyForm, *, problem: str = "") -> HttpResponse:
    user = cast("User", request.user)
    ask = partial(passkeys.to_make, username=user.get_username(), user=user)
    context = page(request, title="How you sign in") | ceremony.offer_passkey(
        request, ask, user=user
    )
    context |= {
        "passkeys": [
            (key, PasswordForm(request=request, auto_id=f"id_{key.pk}_%s"))
            for key in passkeys.of(user=user)
        ],
        "apps": TOTPDevice.objects.filter(user=user, confirmed=True).count(),
        "codes_left": StaticToken.objects.filter(device__user=user, device__confirmed=True).count(),
        "passkey_form": form,
        "problem": problem,
    }
    return TemplateResponse(request, "admin/reports/people/sign_in/factors.html", context)
