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
from reports.domain.keys import keyholders
from reports.domain.people import accounts
from reports.domain.people.accounts import AccountChanges
from reports.domain.people.roles import DUTIES
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


class AccountView(ReauthenticationView):
    """Shows a colleague's account and changes it."""

    form_class, template_name = AccountForm, "admin/reports/people/account.html"
    title = gettext_lazy("Role and account of %(name)s")
    colleague: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the colleague, as they are after the event that the page names as seen."""
        super().setup(request, *args, **kwargs)
        self.seen = staleness.now()
        self.colleague = get_object_or_404(User, pk=kwargs["pk"], is_superuser=False)

    def get_initial(self) -> dict[str, Any]:
        """Begin with the account as it is."""
        as_it_is = {name: getattr(self.colleague, name) for name in ("first_name", "last_name", "email")}
        roles = [group.name for group in self.colleague.groups.all()]
        return as_it_is | {"roles": roles, "active": self.colleague.is_active, "seen": self.seen}

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
        _warn(self.request, User.objects.get(pk=colleague.pk))
        return redirect("admin:people")


def _warn(request: HttpRequest, colleague: User) -> None:
    """Say what somebody leaves behind whose rights are gone: their key."""
    reads = colleague.is_active and colleague.has_perm("reports.read_tip")
    if not reads and keyholders.state_of(colleague) == "granted":
        messages.warning(request, _("They still have access to tips. Remove it under “People”."))
