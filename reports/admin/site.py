"""The desk's admin site: the stock admin behind a second factor, with a first screen that says what waits."""

import re
from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, resolve, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from core.errors import Refused
from core.rights import EVERYBODY, STAFF, needs
from newsroom.admin import changes
from newsroom.models import Article
from reports.admin.audit.log import AuditEventAdmin
from reports.admin.enquiries import EnquiryAdmin
from reports.admin.home import dashboard, first_screen, health
from reports.admin.outcomes import OutcomeAdmin
from reports.admin.pages import carried, lock, page_drafts
from reports.admin.people import (
    ceremony,
    factors,
    joining,
    keys,
    own_password,
    own_sessions,
    sign_in,
)
from reports.admin.queue import search
from reports.admin.queue.tip_admin import TipAdmin
from reports.admin.referrals.recipients import RecipientAdmin
from reports.admin.referrals.referral_admin import ReferralAdmin
from reports.admin.tips.labels import LabelAdmin, ReplyTemplateAdmin
from reports.domain import key_rotation
from reports.domain.keys import keyholders
from reports.domain.people import sign_ins
from reports.domain.rights import (
    READ_TIP,
    RUN_DESK,
    VIEW_ARTICLE,
    VIEW_AUDIT_LOG,
    VIEW_ENQUIRY,
    VIEW_OUTCOME,
    VIEW_REFERRAL,
    VIEW_TIP,
)
from reports.models import (
    AuditEvent,
    Enquiry,
    Label,
    Outcome,
    Recipient,
    Referral,
    ReplyTemplate,
    Tip,
    shown_to,
)
from reports.security import known_browsers

METHODS = ("GET", "HEAD", "POST")  # of Django's own views
RECORD = re.compile(
    r"[0-9a-f-]{36}|[0-9]+"
)  # a record's key in an address, which leads on to its page

MODEL_ADMINS: dict[type[Model], type[admin.ModelAdmin]] = {
    Tip: TipAdmin,
    Enquiry: EnquiryAdmin,
    Referral: ReferralAdmin,
    Recipient: RecipientAdmin,
    Label: LabelAdmin,
    ReplyTemplate: ReplyTemplateAdmin,
    Outcome: OutcomeAdmin,
    AuditEvent: AuditEventAdmin,
}

MENU = (  # name, right, the page that it leads to, and below which address its pages are
    ("Tips", VIEW_TIP, "reports_tip_changelist", "reports/tip/"),
    ("Enquiries", VIEW_ENQUIRY, "reports_enquiry_changelist", "reports/enquiry/"),
    ("Public results", VIEW_OUTCOME, "reports_outcome_changelist", "reports/outcome/"),
    ("Police referrals", VIEW_REFERRAL, "reports_referral_changelist", "reports/referral/"),
    ("News", VIEW_ARTICLE, "newsroom_article_changelist", "newsroom/"),
    ("People", RUN_DESK, "people", "people/"),
    ("Audit log", VIEW_AUDIT_LOG, "reports_auditevent_changelist", "reports/auditevent/"),
)


def page_above(address: str) -> str:
    """Return the address of the page that an act belongs to: the nearest above it in the tree of addresses."""
    while (address := f"{address.rstrip('/').rpartition('/')[0]}/") != reverse("admin:index"):
        match = resolve(address)
        if match.url_name or RECORD.fullmatch(str(match.kwargs.get("object_id", ""))):
            break
    return address


def with_page_above[View: Callable[..., HttpResponseBase]](view: View) -> View:
    """Redirect a GET that a view does not take to the page above it: browsers reload, and sign-in comes back there."""

    @wraps(view)
    def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method in (
            "GET",
            "HEAD",
        ):
            response = redirect(page_above(request.path))
            response.status_code = HTTPStatus.SEE_OTHER
        return response

    return cast("View", led)


class TeamSite(admin.AdminSite):
    """The staff's side of Streetlight."""

    site_title = "Streetlight"
    site_header = "Streetlight Team area"
    index_title = "Team area"
    index_template = "admin/reports/home/home.html"
    login_form = sign_in.SignInForm
    logout_template = "admin/logged_out.html"
    password_change_done_template = "admin/password_change_done.html"  # noqa: S105 - a template, no password
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        """Register the desk's own models; the newsroom registers its own."""
        super().__init__(name)
        for model, model_admin in MODEL_ADMINS.items():
            self.register(model, model_admin)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active staff in who have shown a second factor; a demonstration asks for none."""
        return super().has_permission(request) and (settings.DEMO or request.user.is_verified())  # type: ignore[union-attr]

    @method_decorator(needs(EVERYBODY))
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in; who has a passkey and typed no code shows it on the next page. Carry on what was typed before."""
        carried_text = carried.again(request)
        response = super().login(request, {"carried": carried_text} | (extra_context or {}))
        form = (getattr(response, "context_data", None) or {}).get("form")
        if not isinstance(form, sign_in.SignInForm):
            taken = None
            if carried_text and request.user.is_authenticated:
                taken = carried.adopt(request, carried_text)
            response = taken or response
            if request.method == "POST" and request.user.is_authenticated:
                way = sign_in.way_of(getattr(request.user, "otp_device", None))
                sign_ins.signed_in(user=request.user, way=way)
                known_browsers.remember(request, response, request.user)
            return response
        if not form.wants_passkey:
            return response
        ceremony.wait_for_passkey(request, form.get_user())
        if carried_text:
            return ceremony.passkey_page(request)
        query = urlencode({"next": lock.safe_next(request, default=reverse("admin:index"))})
        return redirect(f"{reverse('admin:login-passkey')}?{query}")

    @method_decorator(needs(STAFF))
    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Change the member's own password."""
        view = PasswordChangeView.as_view(
            form_class=cast("Any", partial(own_password.OwnPasswordForm, request=request)),
            template_name="admin/password_change.html",
            success_url=reverse("admin:password_change_done"),
            extra_context=self.each_context(request) | (extra_context or {}),
        )
        return view(request)

    @method_decorator(needs(post=STAFF))
    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign out, and lock the desk on the way. What was typed on the page before is kept, or carried on.

        Django's own view would go on to the `next` that a page's form holds, so to the sign-in page.
        """
        saved = page_drafts.save(request)
        story = False
        carried_text = None
        try:
            story = changes.keep_at_sign_out(request, model_admin=self.get_model_admin(Article))
        except (Refused, ValidationError):
            carried_text = carried.posted(request)
        if request.user.is_authenticated:
            sign_ins.signed_out(user=request.user)
        lock.lock(request)
        logout(request)
        context = self.each_context(request) | {
            "title": "You are signed out",
            "saved": saved,
            "story": story,
        }
        response: HttpResponse = TemplateResponse(
            request, self.logout_template, context | (extra_context or {})
        )
        if carried_text:
            response = carried.sign_in_first(request, carried_text)
            response.status_code = HTTPStatus.OK
        response.headers["Clear-Site-Data"] = '"cache"'  # the pages that Back would show, too
        return response

    def admin_view[View: Callable[..., HttpResponseBase]](
        self, view: View, cacheable: bool = False
    ) -> View:
        """Wrap a view as Django does, and let no browser keep any page of the desk.

        Django's own views would answer any method: none but METHODS gets that far.
        What a member posts who is signed out is carried on; a GET at an address of an act leads to the page above it.
        """
        guarded = super().admin_view(view, cacheable=False)

        @wraps(guarded)
        def desk_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in METHODS and not hasattr(
                view, "rights"
            ):  # a view that names rights refuses it
                return HttpResponseNotAllowed(METHODS)
            carried_text = (
                None
                if self.has_permission(request)
                else carried.posted(request) or carried.again(request)
            )
            if carried_text:
                return carried.sign_in_first(request, carried_text)
            return guarded(request, *args, **kwargs)

        return cast("View", with_page_above(desk_view))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the desk's lock to Django's addresses."""
        own: list[URLResolver | URLPattern] = [
            path("unlock/", self.admin_view(lock.unlock), name="unlock"),
            path("lock/", self.admin_view(lock.lock_now), name="lock"),
            path("search/", self.admin_view(search.search), name="search"),
            path("searches/", self.admin_view(search.searches), name="searches"),
            path("next/", self.admin_view(lock.read_next), name="next"),
            path("dashboard/", self.admin_view(dashboard.show), name="dashboard"),
            path("dashboard/year/", self.admin_view(dashboard.year), name="year"),
            path("team-leads/", self.admin_view(first_screen.for_team_leads), name="team-leads"),
            path("clock/", self.admin_view(health.confirm_clock), name="clock-confirm"),
            path("sessions/", self.admin_view(own_sessions.show), name="sessions"),
            path(
                "sessions/lock/",
                self.admin_view(own_sessions.lock_everywhere),
                name="lock-everywhere",
            ),
            path("login/passkey/", ceremony.passkey_step, name="login-passkey"),
            path("factors/", self.admin_view(factors.factors), name="factors"),
            path("factors/passkey/", self.admin_view(factors.add_passkey), name="passkey-add"),
            path(
                "factors/passkey/<int:pk>/remove/",
                self.admin_view(factors.remove_passkey),
                name="passkey-remove",
            ),
            *page_drafts.addresses(self.admin_view),
            path("draft/carried/", self.admin_view(carried.go_on), name="reports_draft_carried"),
            *joining.addresses(self.admin_view, outside=with_page_above),
            *keys.addresses(self.admin_view),
        ]
        return own + super().get_urls()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Tell every page whether this session's desk is unlocked, and its menu, beside what Django tells it."""
        here = request.path.removeprefix(reverse("admin:index"))
        keys = lock.keys_of(request)
        menu = []
        for name, right, leads_to, below in MENU:
            if request.user.has_perm(right):
                address = reverse(f"admin:{leads_to}")
                menu.append({"name": name, "address": address, "current": here.startswith(below)})
        locks_in = lock.locks_in(keys) if keys else 0
        return super().each_context(request) | {
            "menu": menu,
            "uses_tips": request.user.has_perm(READ_TIP),
            "unlocked": keys is not None,
            "locks_in": locks_in,
        }

    @method_decorator(needs(STAFF))
    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the first screen."""
        user = cast("User", request.user)
        if may_see := user.has_perm(VIEW_TIP):
            lock.let_in(request)
        keys = lock.keys_of(request)
        own = {
            "passphrase_form": lock.PassphraseForm(),
            "key_state": keyholders.state_of(user),
            "rotation_due": user.has_perm(RUN_DESK) and key_rotation.due(now=timezone.now()),
            "unfinished": page_drafts.unfinished(request, keys) if may_see else [],
        }
        tips = shown_to(user)
        waits = first_screen.what_waits(user, tips, keys) | first_screen.work(user)
        response = super().index(
            request, waits | own | health.facts(now=timezone.now()) | (extra_context or {})
        )
        context = cast("dict[str, Any]", response.context_data)
        context["rooms"] = first_screen.rooms(context["app_list"])
        return response
