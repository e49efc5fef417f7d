"""The desk's people: accounts and roles, which leads manage, who holds a key, and a member's own sessions."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.admin.base import ListAdmin
from newsroom.admin.rights import STAFF, needs
from reports.admin import lock
from reports.admin.accounts import AccountView
from reports.admin.lock import page
from reports.admin.paging import ReadOnly
from reports.domain.people import sessions
from reports.models import Member
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


class StaffAdmin(ListAdmin):
    """Accounts and roles. Nobody is made a superuser here, and superusers' accounts are not to be seen."""

    list_display = ("username", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("username",)
    sortable_by = ()
    actions = None
    view_on_site = False
    change_list_template = "admin/reports/change_list.html"
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the staff whom the asker may see."""
        people = super().get_queryset(request).prefetch_related("groups")
        return people if cast("User", request.user).is_superuser else people.filter(is_superuser=False)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: people are invited, so that they set up their own password and second factor."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: an account is switched off, and its name stays in the record."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an account on a page of our own, which changes it by the domain's verb."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        colleague = get_object_or_404(self.get_queryset(request), pk=_number(object_id))
        return cast("HttpResponse", AccountView.as_view()(request, colleague=colleague))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to what the record says of an account."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        colleague = get_object_or_404(self.get_queryset(request), pk=_number(object_id))
        address = reverse("admin:reports_auditevent_changelist")
        return redirect(f"{address}?{urlencode({'q': colleague.get_username()[:60]})}")

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: User) -> str:
        """Return the roles, or a dash."""
        return ", ".join(group.name for group in user.groups.all()) or "–"


def _number(object_id: str) -> int:
    """Return the number that an address names; raises Http404 for what is none."""
    if not (object_id.isascii() and object_id.isdigit()):
        raise Http404
    return int(object_id)


@needs(STAFF)
def own_sessions(request: HttpRequest) -> HttpResponse:
    """List where the member is signed in."""
    found = sessions.listed(user=cast("User", request.user), here=_here(request))
    context = page(request, title=_("Where you are signed in")) | {"sessions": found}
    return TemplateResponse(request, "admin/reports/people/sessions.html", context)


@needs(post=STAFF)
def lock_everywhere(request: HttpRequest) -> HttpResponse:
    """End the member's sessions everywhere else, and lock the desk in this one."""
    sessions.end_elsewhere(by=cast("User", request.user), here=_here(request))
    lock.lock(request)
    messages.success(request, _("You are signed out everywhere else, and the desk is locked here."))
    return redirect("admin:sessions")


def _here(request: HttpRequest) -> str:
    return row_key(request.session.session_key or "")
