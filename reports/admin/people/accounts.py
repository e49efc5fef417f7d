"""A colleague's account, for team leads: name, address, roles, and whether they may sign in; never their password."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from reports.admin.pages import lock
from reports.admin.pages.actions import RecordNumber
from reports.admin.people.reauthentication import ColleagueView, ReauthenticationForm
from reports.domain import drafts, leaving, state_files
from reports.domain.audit import staleness
from reports.domain.keys import keyholders
from reports.domain.people import accounts
from reports.domain.people.accounts import AccountChanges, Way
from reports.domain.rights import DUTIES, READ_TIP
from reports.domain.triage import triaging
from reports.models import Member
from reports.security.sessions import row_of


class AccountForm(ReauthenticationForm):
    """What can be changed of a colleague's account."""

    first_name = forms.CharField(
        label="First name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        required=False,
        help_text="Police referrals that they approve show both names.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        required=False,
        help_text="We send emails about the desk here. They say nothing about any tip.",
        error_messages={"invalid": "Type an email address such as name@example.org, or nothing."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=DUTIES.items(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    active = forms.BooleanField(
        label="Can sign in",
        required=False,
        help_text="If you remove the tick, they are signed out everywhere at once and cannot sign in again.",
    )

    seen = RecordNumber()


class AccountView(ColleagueView):
    """Shows a colleague's account and changes it."""

    form_class = AccountForm
    template_name = "admin/reports/people/account.html"
    title = "Role and account of %(name)s"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the colleague, as they are after the event that the page names as seen."""
        self.seen = staleness.now()
        super().setup(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Begin with the account as it is."""
        as_it_is = {
            name: getattr(self.colleague, name) for name in ("first_name", "last_name", "email")
        }
        roles = [group.name for group in self.colleague.groups.all()]
        return as_it_is | {"roles": roles, "active": self.colleague.is_active, "seen": self.seen}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Change it and say so; who is switched off loses their drafts, and who loses rights is told of."""
        colleague = self.colleague
        data = form.cleaned_data
        by = form.user
        reauthentication = form.reauthenticate()
        to = cast("AccountChanges", {name: data[name] for name in AccountChanges.__annotations__})
        here = row_of(self.request)
        with transaction.atomic():
            changed = accounts.change(
                user=colleague,
                to=to,
                by=by,
                reauthentication=reauthentication,
                here=here,
                seen=data["seen"],
            )
            if not data["active"]:
                drafts.forget(user=colleague)
        if not data["active"] and colleague.pk == by.pk:
            lock.lock(self.request)
        done = "The account of %(name)s is already like that. Nothing was changed."
        if changed:
            done = "You have changed the account of %(name)s."
        messages.success(self.request, self.named(done))
        left = User.objects.get(pk=colleague.pk)
        reads = left.is_active and left.has_perm(READ_TIP)
        if not reads and keyholders.state_of(left) == "granted":
            messages.warning(
                self.request, "They still have access to tips. Remove it under “People”."
            )
        return redirect("admin:people")


class LeaveForm(ReauthenticationForm):
    """Asks who is the duty contact from now on; a new desk key takes the team lead's words."""

    duty = forms.ModelChoiceField(
        User.objects.none(),
        label="Duty contact",
        help_text="Everyone who decides tips and has an email address is in this list.",
        error_messages={"required": "Choose who gets the emails about urgent tips from now on."},
    )

    def __init__(self, *args: Any, leaver: User, **kwargs: Any) -> None:
        """Offer the others as duty contact; one has to be chosen where that is the leaver."""
        self.leaver = leaver
        super().__init__(*args, **kwargs)
        duty = cast("forms.ModelChoiceField[User]", self.fields["duty"])
        duty.required = leaving.is_duty(leaver)
        duty.queryset = triaging.members().exclude(pk=leaver.pk).exclude(email="")
        contact = state_files.profile().duty_email or "nobody"
        duty.empty_label = "Choose a person" if duty.required else f"No change: {contact}"

    def way_of(self) -> Way:
        """Ask for words where a key has to go: they open the key file."""
        if Member.objects.filter(user=self.leaver).exists():
            return Way.WORDS
        return super().way_of()


class LeaveView(ColleagueView):
    """Takes a colleague out of the team."""

    form_class = LeaveForm
    template_name = "admin/reports/people/leave.html"
    title = "%(name)s leaves the team"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say who leaves."""
        return super().get_form_kwargs() | {"leaver": self.colleague}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Do it; an interrupted one is done again."""
        leaving.require_may_leave(user=self.colleague, by=form.user)
        leaver = {"user": self.colleague, "passphrase": form.cleaned_data.get("passphrase", "")}
        duty = form.cleaned_data["duty"]
        reauthentication = form.reauthenticate()
        keys = leaving.leave(**leaver, duty=duty, by=form.user, reauthentication=reauthentication)
        if keys:
            lock.renew(self.request, keys)
        messages.success(self.request, self.named("You have taken %(name)s out of the team."))
        return redirect("admin:people")
