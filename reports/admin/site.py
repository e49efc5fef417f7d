"""The desk's admin site: the stock admin behind a second factor, with a first screen that says what waits."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from reports.admin import firstscreen, lock, unlocking
from reports.admin.people import MemberAdmin, StaffAdmin
from reports.admin.record import RecordAdmin
from reports.admin.signin import SignInForm
from reports.admin.tips import TipAdmin
from reports.models import AuditEvent, Member, Tip

ROOMS: dict[type[Model], type[admin.ModelAdmin]] = {
    Tip: TipAdmin,
    Member: MemberAdmin,
    User: StaffAdmin,
    AuditEvent: RecordAdmin,
}


class DeskSite(admin.AdminSite):
    """The staff's side of Streetlight."""

    site_title = _("Streetlight")
    site_header = _("Streetlight desk")
    index_title = _("Desk")
    index_template = "admin/desk.html"
    login_form = SignInForm
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        """Open the desk's own rooms; the newsroom registers its own."""
        super().__init__(name)
        for model, room in ROOMS.items():
            super().register(model, room)

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Take the newsroom's models and leave out every other app's: they would show secrets and staff's addresses."""
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        ours = [model for model in models if model._meta.app_label == "newsroom"]  # noqa: SLF001 - Django's public name
        super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active staff in who have shown a second factor; a demonstration asks for none."""
        return super().has_permission(request) and (settings.DEMO or request.user.is_verified())  # type: ignore[union-attr]

    def admin_view[View: Callable[..., HttpResponseBase]](self, view: View, cacheable: bool = False) -> View:
        """Wrap a view as Django does, and let no browser keep any page of the desk."""
        return super().admin_view(view, cacheable=False)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the desk's lock to Django's addresses."""
        own: list[URLResolver | URLPattern] = [
            path("unlock/", self.admin_view(unlocking.unlock), name="unlock"),
            path("lock/", self.admin_view(unlocking.lock_now), name="lock"),
            path("next/", self.admin_view(unlocking.read_next), name="next"),
        ]
        return own + super().get_urls()

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Tell every page whether this session's desk is unlocked."""
        return super().each_context(request) | {
            "uses_tips": request.user.has_perm("reports.read_tip"),
            "unlocked": lock.keys_of(request) is not None,
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the first screen."""
        if request.user.has_perm("reports.view_tip"):
            unlocking.let_in(request)
        own = {"rooms": firstscreen.rooms(self.get_app_list(request)), "phrase_form": unlocking.PhraseForm()}
        waits = firstscreen.what_waits(request.user)
        return super().index(request, waits | own | (extra_context or {}))
