"""The desk's people: accounts and roles, which leads manage, who holds a key, and a member's own sessions."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.db.models import ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import lock
from reports.admin.lock import page
from reports.admin.paging import ReadOnly
from reports.domain import audit
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.people import sessions
from reports.domain.people.roles import DUTIES, require_lead_left
from reports.models import AuditAct, Member
from reports.sealing import keyring
from reports.security.sessions import row_key


class MemberAdmin(ReadOnly):
    """Who holds a key, since when, and the key's fingerprint to compare by phone."""

    list_display = ["user", "since", "fingerprint"]
    list_select_related = ["user"]
    fields = ["user", "since", "fingerprint"]
    ordering = ["user__username"]
    sortable_by = ()

    @admin.display(description=gettext_lazy("fingerprint of the key"))
    def fingerprint(self, member: Member) -> str:
        """Return what two people read to each other to know that it is the same key."""
        return keyring.fingerprint(member.recipient)


class RolesField(forms.ModelMultipleChoiceField):
    """The roles, each with what it is for."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the role and its duty."""
        return str(DUTIES.get(obj.name, obj.name))


class StaffForm(forms.ModelForm):
    """A colleague's account; of the password only a new one, and never a trace of the old."""

    new_password = forms.CharField(
        label=gettext_lazy("New password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Only if they have lost theirs. Empty: it stays as it is."),
    )

    class Meta:
        """What can be changed."""

        model = User
        fields = ("first_name", "last_name", "email", "groups", "is_active")
        labels = {
            "username": gettext_lazy("User name"),
            "groups": gettext_lazy("Roles"),
            "is_active": gettext_lazy("May sign in"),
        }
        field_classes = {"groups": RolesField}
        help_texts = {
            "username": gettext_lazy(
                "They sign in with it, and their acts stand under it in the record, so it never changes."
            ),
            "groups": gettext_lazy("Somebody may have several."),
            "email": gettext_lazy("Where the desk’s notices go. They hold nothing of a tip."),
            "is_active": gettext_lazy("Without the tick they are signed out everywhere at once and cannot come back."),
        }

    def clean_new_password(self) -> str:
        """Check a new password as every password is checked."""
        new = str(self.cleaned_data["new_password"])
        if new:
            validate_password(new, self.instance)
        return new

    def clean(self) -> dict[str, Any]:
        """Refuse a change that leaves the desk without a lead."""
        cleaned: dict[str, Any] = super().clean() or {}
        names = [group.name for group in cleaned.get("groups", ())]
        try:
            require_lead_left(user=self.instance, active=cleaned.get("is_active", True), roles=names)
        except Refused as refusal:
            self.add_error(None, str(refusal))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Save the account, with its new password if there is one."""
        if new := self.cleaned_data["new_password"]:
            self.instance.set_password(new)
        return super().save(commit)


class StaffAdmin(admin.ModelAdmin):
    """Accounts and roles. Nobody is made a superuser here, and superusers' accounts are not to be seen."""

    list_display = ("username", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("username",)
    sortable_by = ()
    readonly_fields = ("username", "last_login")
    actions = None
    view_on_site = False
    form = StaffForm
    show_facets = admin.ShowFacets.NEVER
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show the person, then what they are at the desk."""
        person = ("username", "first_name", "last_name", "email", "new_password")
        return (
            (None, {"fields": person}),
            (gettext_lazy("At the desk"), {"fields": ("groups", "is_active", "last_login")}),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the staff whom the asker may see."""
        people = super().get_queryset(request).prefetch_related("groups")
        return people if cast("User", request.user).is_superuser else people.filter(is_superuser=False)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse to look anybody up by anything but the filters' own facts."""
        return lookup.startswith(("is_active", "groups")) and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: people are invited, so that they set up their own password and second factor."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: an account is switched off, and its name stays in the record."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save; who is switched off is signed out everywhere at once."""
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            if obj.pk == request.user.pk:
                lock.lock(request)
            sessions.end(user=obj, but=row_key(request.session.session_key or ""))  # this one needs its answer

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Put a changed account on the record, in the transaction that changes it; say when a key should go with it."""
        self._record(request, cast("User", obj), act=AuditAct.CHANGED_ACCOUNT)
        now = User.objects.get(pk=obj.pk)  # with the rights of the roles that were just given
        if keyholders.state_of(now) == "granted" and not (now.is_active and now.has_perm("reports.read_tip")):
            messages.warning(request, gettext_lazy("They still have a key. Take it away under People and keys."))
        return super().log_change(request, obj, message)

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: User) -> str:
        """Return the roles, or a dash."""
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def _record(self, request: HttpRequest, user: User, *, act: AuditAct) -> None:
        roles = list(user.groups.values_list("name", flat=True))
        audit.record(
            by=cast("User", request.user), act=act, subject=user.username[:60], roles=roles, active=user.is_active
        )


def own_sessions(request: HttpRequest) -> HttpResponse:
    """List where the member is signed in."""
    found = sessions.listed(user=cast("User", request.user), here=_here(request))
    context = page(request, title=_("Where you are signed in")) | {"sessions": found}
    return TemplateResponse(request, "admin/reports/people/sessions.html", context)


@require_POST
def lock_everywhere(request: HttpRequest) -> HttpResponse:
    """End the member's sessions everywhere else, and lock the desk in this one."""
    sessions.end_elsewhere(by=cast("User", request.user), here=_here(request))
    lock.lock(request)
    messages.success(request, _("You are signed out everywhere else, and the desk is locked here."))
    return redirect("admin:sessions")


def _here(request: HttpRequest) -> str:
    return row_key(request.session.session_key or "")
