"""A colleague's account, for team leads: name, address, roles, and whether they may sign in; never their password."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin import lock
from reports.admin.actions import RecordNumber
from reports.admin.reauthentication import ReauthenticationForm, ReauthenticationView
from reports.domain import drafts
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.people import accounts
from reports.domain.people.accounts import AccountChanges
from reports.domain.people.roles import DUTIES, require_team_lead_left
from reports.security.sessions import row_of


class AccountForm(ReauthenticationForm):
    """What can be changed of a colleague's account."""

    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Police referrals that they approve show both names."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("We send emails about the desk here. They say nothing about any tip."),
        error_messages={"invalid": gettext_lazy("Type an email address such as name@example.org, or nothing.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=DUTIES.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    active = forms.BooleanField(
        label=gettext_lazy("Can sign in"),
        required=False,
        help_text=gettext_lazy(
            "If you remove the tick, they are signed out everywhere at once and cannot sign in again."
        ),
    )

    seen = RecordNumber()

    def __init__(self, *args: Any, colleague: User, seen: int, **kwargs: Any) -> None:
        """Begin with the account as it is after event `seen`."""
        roles = [group.name for group in colleague.groups.all()]
        as_it_is = {name: getattr(colleague, name) for name in ("first_name", "last_name", "email")}
        as_it_is |= {"roles": roles, "active": colleague.is_active, "seen": seen}
        super().__init__(*args, **kwargs | {"initial": as_it_is})
        self.colleague = colleague

    def clean(self) -> dict[str, Any]:
        """Refuse a change that leaves the desk without a team lead, before anybody types their words for it."""
        data = self.cleaned_data
        if "roles" in data:
            try:
                with transaction.atomic():
                    require_team_lead_left(user=self.colleague, active=data["active"], roles=data["roles"])
            except Refused as refusal:
                self.add_error(None, str(refusal))
        return data


class AccountView(ReauthenticationView):
    """Shows a colleague's account and changes it."""

    form_class, template_name = AccountForm, "admin/reports/people/account.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the colleague, as they are after the event that the page names as seen."""
        super().setup(request, *args, **kwargs)
        self.seen = staleness.now()
        self.colleague = get_object_or_404(User, pk=kwargs["pk"], is_superuser=False)

    def page_title(self) -> str:
        """Return the page's title."""
        return _("Role and account of %(name)s") % {"name": self.colleague.get_username()}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the account."""
        return super().get_form_kwargs() | {"colleague": self.colleague, "seen": self.seen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the account."""
        return super().get_context_data(**kwargs) | {"colleague": self.colleague}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Change it and say so; who is switched off loses their drafts, and who loses rights is told of."""
        colleague, data, by, proof = self.colleague, form.cleaned_data, form.user, form.reauthenticate()
        to = cast("AccountChanges", {name: data[name] for name in AccountChanges.__annotations__})
        here = row_of(self.request)
        with transaction.atomic():
            changed = accounts.change(user=colleague, to=to, by=by, proof=proof, here=here, seen=data["seen"])
            if not data["active"]:
                drafts.forget(user=colleague)
        if not data["active"] and colleague.pk == by.pk:
            lock.lock(self.request)
        done = (
            _("You have changed the account of %(name)s.")
            if changed
            else _("The account of %(name)s is already like that. Nothing was changed.")
        )
        messages.success(self.request, done % {"name": colleague.get_username()})
        _warn(self.request, User.objects.get(pk=colleague.pk), by=by)
        return redirect("admin:people")


def _warn(request: HttpRequest, colleague: User, *, by: User) -> None:
    """Say what somebody leaves behind whose rights are gone: their key."""
    reads = colleague.is_active and colleague.has_perm("reports.read_tip")
    if not reads and keyholders.state_of(colleague) == "granted":
        messages.warning(request, _("They still have access to tips. Remove it under “People”."))
