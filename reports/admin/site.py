"""The desk's admin site: the stock admin behind a second factor, with a first screen that says what waits."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from reports.admin import (
    dashboard,
    home,
    joining,
    keys,
    lock,
    people,
    search,
    sign_in,
)
from reports.admin.audit import AuditEventAdmin
from reports.admin.enquiries import EnquiryAdmin
from reports.admin.labels import LabelAdmin, ReplyTemplateAdmin
from reports.admin.outcomes import OutcomeAdmin
from reports.admin.packs import PackAdmin
from reports.admin.partners import PartnerAdmin
from reports.admin.people import MemberAdmin, StaffAdmin
from reports.admin.queue import TipAdmin
from reports.admin.sign_in import SignInForm
from reports.domain import key_rotation
from reports.domain.keys import keyholders
from reports.models import AuditEvent, Enquiry, Label, Member, Outcome, Pack, Partner, ReplyTemplate, Tip

ROOMS: dict[type[Model], type[admin.ModelAdmin]] = {
    Tip: TipAdmin,
    Enquiry: EnquiryAdmin,
    Pack: PackAdmin,
    Partner: PartnerAdmin,
    Label: LabelAdmin,
    ReplyTemplate: ReplyTemplateAdmin,
    Outcome: OutcomeAdmin,
    Member: MemberAdmin,
    User: StaffAdmin,
    AuditEvent: AuditEventAdmin,
}


class DeskSite(admin.AdminSite):
    """The staff's side of Streetlight."""

    site_title = _("Streetlight")
    site_header = _("Streetlight desk")
    index_title = _("Desk")
    index_template = "admin/reports/home/home.html"
    login_form = SignInForm
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        """Open the desk's own rooms; the newsroom registers its own."""
        super().__init__(name)
        for model, room in ROOMS.items():
            self.register(model, room)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active staff in who have shown a second factor; a demonstration asks for none."""
        return super().has_permission(request) and (settings.DEMO or request.user.is_verified())  # type: ignore[union-attr]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in; who has a passkey and typed no code shows it on the next page."""
        response = super().login(request, extra_context)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if not isinstance(form, SignInForm) or not form.wants_passkey:
            return response
        sign_in.wait_for_passkey(request, form.get_user())
        query = urlencode({"next": lock.safe_next(request, default=reverse("admin:index"))})
        return redirect(f"{reverse('admin:login-passkey')}?{query}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Sign out, and lock the desk on the way."""
        if request.method == "POST" and request.user.is_authenticated:
            lock.lock(request)
        return super().logout(request, extra_context)

    def admin_view[View: Callable[..., HttpResponseBase]](self, view: View, cacheable: bool = False) -> View:
        """Wrap a view as Django does, and let no browser keep any page of the desk."""
        return super().admin_view(view, cacheable=False)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the desk's lock to Django's addresses."""
        own: list[URLResolver | URLPattern] = [
            path("unlock/", self.admin_view(lock.unlock), name="unlock"),
            path("lock/", self.admin_view(lock.lock_now), name="lock"),
            path("search/", self.admin_view(search.search), name="search"),
            path("searches/", self.admin_view(search.searches), name="searches"),
            path("next/", self.admin_view(lock.read_next), name="next"),
            path("appeals/", self.admin_view(home.appeal_counts), name="appeals"),
            path("dashboard/", self.admin_view(dashboard.show), name="dashboard"),
            path("sessions/", self.admin_view(people.own_sessions), name="sessions"),
            path("sessions/lock/", self.admin_view(people.lock_everywhere), name="lock-everywhere"),
            path("login/passkey/", sign_in.passkey_step, name="login-passkey"),
            path("factors/", self.admin_view(sign_in.factors), name="factors"),
            path("factors/passkey/", self.admin_view(sign_in.add_passkey), name="passkey-add"),
            path("factors/passkey/<int:pk>/remove/", self.admin_view(sign_in.remove_passkey), name="passkey-remove"),
            *self._joining_urls(),
            *self._people_urls(),
        ]
        return own + super().get_urls()

    def _joining_urls(self) -> list[URLResolver | URLPattern]:
        """Return the newcomer's pages: the first three before they can sign in, each guarded by the one before."""
        return [
            path("join/", joining.start, name="join"),
            path("join/password/", joining.password, name="join-password"),
            path("join/app/", joining.app, name="join-app"),
            path("join/passkey/", joining.passkey, name="join-passkey"),
            path("join/codes/", self.admin_view(joining.codes), name="join-codes"),
            path("join/words/", self.admin_view(joining.words), name="join-words"),
            path("join/wait/", self.admin_view(joining.wait), name="join-wait"),
        ]

    def _people_urls(self) -> list[URLResolver | URLPattern]:
        """Return the leads' pages: people, invitations, and each act on the keys."""
        wrap = self.admin_view
        acts: list[URLResolver | URLPattern] = [
            path(
                f"people/<int:pk>/{view.action}/" if view.takes_member else f"people/{view.action}/",
                wrap(view.as_view()),
                name=f"people-{view.action}",
            )
            for view in keys.VIEWS
        ]
        return [
            path("people/", wrap(keys.people), name="people"),
            path("people/reseal/", wrap(keys.reseal), name="people-reseal"),
            path("people/invite/", wrap(joining.InviteView.as_view()), name="people-invite"),
            path("people/<int:pk>/again/", wrap(joining.StartAgainView.as_view()), name="people-again"),
            path("people/invitations/<int:pk>/withdraw/", wrap(joining.withdraw), name="people-withdraw"),
            *acts,
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Tell every page whether this session's desk is unlocked, beside what Django tells it."""
        return super().each_context(request) | {
            "uses_tips": request.user.has_perm("reports.read_tip"),
            "unlocked": lock.keys_of(request) is not None,
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the first screen."""
        if request.user.has_perm("reports.view_tip"):
            lock.let_in(request)
        own = {
            "phrase_form": lock.PhraseForm(),
            "key_state": keyholders.state_of(cast("User", request.user)),
            "rotation_due": request.user.has_perm("reports.run_desk") and key_rotation.due(now=timezone.now()),
        }
        waits = home.what_waits(request.user) | dashboard.facts(cast("User", request.user))
        response = super().index(request, waits | own | (extra_context or {}))
        context = cast("dict[str, Any]", response.context_data)
        context["rooms"] = home.rooms(context["app_list"])
        return response
