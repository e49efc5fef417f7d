"""Inviting a colleague: a code that is shown once and works once, for three days."""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin.lock import page
from reports.admin.ring import for_leads
from reports.domain.errors import Refused
from reports.domain.people import joining
from reports.domain.people.roles import DUTIES
from reports.models import Invitation


class InviteForm(forms.Form):
    """A name and a role."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        help_text=gettext_lazy("They type it to sign in, and it stands in the record. It cannot be changed by them."),
        error_messages={"required": gettext_lazy("Type the name under which they will sign in.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=DUTIES.items(),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a role.")},
    )


@for_leads
def invite(request: HttpRequest) -> HttpResponse:
    """Ask for name and role; show the code, once."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, role = form.cleaned_data["username"], form.cleaned_data["role"]
        try:
            code = joining.invite(username=name, role=role, by=cast("User", request.user))
        except Refused as refusal:
            form.add_error("username", str(refusal))
        else:
            return _show_code(request, name, code)
    context = page(request, title=_("Invite a colleague")) | {"form": form}
    return TemplateResponse(request, "admin/people/invite.html", context)


@for_leads
def start_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a colleague who lost password or phone set up both anew: show a code, once."""
    user = get_object_or_404(User, pk=pk, is_superuser=False)
    problem = ""
    if request.method == "POST":
        try:
            code = joining.start_again(user=user, by=cast("User", request.user))
        except Refused as refusal:
            problem = str(refusal)
        else:
            return _show_code(request, user.get_username(), code)
    title = _("A new password and app for %(name)s") % {"name": user.get_username()}
    context = page(request, title=title) | {"problem": problem}
    return TemplateResponse(request, "admin/people/again.html", context)


@require_POST
@for_leads
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation void."""
    invitation = get_object_or_404(Invitation, pk=pk)
    joining.withdraw(invitation=invitation, by=cast("User", request.user))
    messages.success(request, _("The invitation for %(name)s is void.") % {"name": invitation.username})
    return redirect("admin:people")


def _show_code(request: HttpRequest, name: str, code: str) -> HttpResponse:
    context = page(request, title=_("Invitation for %(name)s") % {"name": name}) | {"name": name, "code": code}
    return TemplateResponse(request, "admin/people/code.html", context)
