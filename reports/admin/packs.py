"""Hand-over packs on the desk: the list, a page for each, and drafting one from a tip or an enquiry."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import packacts, packpage, tip_actions
from reports.admin.enquiries import enquiry_for
from reports.admin.lists import PlainList
from reports.domain import enquiries, handover
from reports.domain.errors import Refused
from reports.models import Pack


class ToSign(admin.SimpleListFilter):
    """Packs that wait for the member's own signature."""

    title = gettext_lazy("waiting")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the one question."""
        return [("me", gettext_lazy("For my signature"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pack]) -> QuerySet[Pack]:
        """Return the packs that a colleague has signed, when asked for them."""
        waiting = Pack.objects.to_sign(request.user).values("pk")
        return queryset.filter(pk__in=waiting) if self.value() == "me" else queryset


class PackAdmin(PlainList):
    """Packs: drafted, signed and exported by the domain's verbs."""

    list_display = ["reference", "state", "reports", "signed", "since", "author"]
    list_display_links = ["reference"]
    list_filter = [ToSign, "state"]

    def get_urls(self) -> list[URLPattern]:
        """Add drafting, and what can be done with a pack."""
        wrap = self.admin_site.admin_view
        return [
            path("draft/tip/<uuid:pk>/", wrap(draft_tip), name="reports_pack_draft"),
            path("draft/enquiry/<uuid:pk>/", wrap(draft_enquiry), name="reports_pack_draft_enquiry"),
            *packacts.addresses(wrap),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pack]:
        """Return the packs without those that hold a tip which is hidden from the member."""
        counts = {"report_count": Count("parts", distinct=True), "signature_count": Count("signatures", distinct=True)}
        return Pack.objects.visible_to(request.user).annotate(**counts).defer("sealed")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under its name."""
        return super().changelist_view(request, {"title": _("Hand-over packs"), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a pack; what can be done with it has addresses of its own."""
        if request.method == "POST":
            raise PermissionDenied
        return packpage.show(request, packpage.pack_for(request, object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the pack: its history stands on its page."""
        return redirect("admin:reports_pack_change", packpage.pack_for(request, object_id).pk)

    @admin.display(description=gettext_lazy("reports"))
    def reports(self, pack: Pack) -> int:
        """Return how many tips are in it."""
        return int(vars(pack)["report_count"])

    @admin.display(description=gettext_lazy("signatures"))
    def signed(self, pack: Pack) -> str:
        """Return how many have signed."""
        count = int(vars(pack)["signature_count"])
        return _("one, after a day") if pack.alone else str(count)


@require_POST
def draft_tip(request: HttpRequest, pk: str) -> HttpResponse:
    """Draft a pack of one tip and go to it."""
    tip = tip_actions.tip_for(request, pk, right=packpage.RIGHT)
    return _drafted(request, lambda by: handover.draft(tips=[tip], by=by), "admin:reports_tip_change", pk)


@require_POST
def draft_enquiry(request: HttpRequest, pk: str) -> HttpResponse:
    """Draft a pack of all tips of an enquiry that the member may see, and go to it."""
    enquiry = enquiry_for(request, pk, right=packpage.RIGHT)

    def draft(by: User) -> Pack:
        tips = [link.tip for link in enquiries.links(enquiry=enquiry, by=by)[: handover.MOST + 1]]
        return handover.draft(tips=tips, by=by, enquiry=enquiry)

    return _drafted(request, draft, "admin:reports_enquiry_change", pk)


def _drafted(request: HttpRequest, draft: Any, back: str, pk: str) -> HttpResponse:
    try:
        pack = draft(cast("User", request.user))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back, pk)
    messages.success(request, _("%(pack)s is drafted. Two people have to sign it.") % {"pack": pack.reference})
    return redirect("admin:reports_pack_change", pack.pk)
