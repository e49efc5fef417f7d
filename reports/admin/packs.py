"""Hand-over packs on the desk: the list, and each one's page: what leaves, what keeps it here, who has signed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from newsroom.admin.rights import needs
from reports.admin import danger_fields, drafts, lock, tip_actions
from reports.admin.actions import Attempt, addresses
from reports.admin.audit import history_lines
from reports.admin.danger_fields import DangerFields
from reports.admin.enquiries import enquiry_for
from reports.admin.filters import Tabs
from reports.admin.lock import PhraseForm, page, unlock_first
from reports.admin.paging import PlainList
from reports.domain import enquiries, handover
from reports.domain.errors import Refused
from reports.domain.handover import consent, departure, grading
from reports.domain.handover.packs import Content, Report
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts
from reports.models import AuditEvent, Entry, Pack, PackPicture, PackState, Partner

RIGHT = "reports.hand_over"
HISTORY = 200  # events that the page looks at
NO_PICTURE = gettext_lazy("There is no such picture.")


class Waiting(Tabs):
    """Packs that wait for the member's own signature, and those of each state."""

    title, parameter_name = gettext_lazy("waiting"), "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what can be asked."""
        return [("me", _("For my signature")), *PackState.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pack]) -> QuerySet[Pack]:
        """Return the packs that a colleague has signed, or those of one state."""
        if self.value() == "me":
            return queryset.filter(pk__in=Pack.objects.to_sign(request.user).values("pk"))
        return queryset.filter(state=self.value()) if self.value() in PackState.values else queryset


class PackAdmin(PlainList):
    """Packs: drafted, signed and exported by the domain's verbs."""

    list_display = ["reference", "state", "reports", "signed", "since", "author"]
    list_display_links = ["reference"]
    list_filter = [Waiting]

    def get_urls(self) -> list[URLPattern]:
        """Add drafting, and what can be done with a pack."""
        wrap = self.admin_site.admin_view
        from reports.admin.pack_actions import VIEWS  # noqa: PLC0415 - they show the page of this module

        return [
            path("draft/tip/<uuid:pk>/", wrap(draft_tip), name="reports_pack_draft"),
            path("draft/enquiry/<uuid:pk>/", wrap(draft_enquiry), name="reports_pack_draft_enquiry"),
            *addresses(VIEWS, prefix="reports_pack", wrap=wrap),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pack]:
        """Return the packs without those that hold a tip which is hidden from the member."""
        counts = {"report_count": Count("parts", distinct=True), "signature_count": Count("signatures", distinct=True)}
        return Pack.objects.visible_to(request.user).annotate(**counts).defer("sealed")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a pack; what can be done with it has addresses of its own."""
        if request.method == "POST":
            raise PermissionDenied
        return show(request, pack_for(request, self.key_or_404(object_id)))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the pack: its history stands on its page."""
        return redirect("admin:reports_pack_change", pack_for(request, self.key_or_404(object_id)).pk)

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
@needs(post=RIGHT)
def draft_tip(request: HttpRequest, pk: str) -> HttpResponse:
    """Draft a pack of one tip and go to it."""
    tip = tip_actions.tip_for(request, pk, right=RIGHT)
    drafts.save(request)
    if lock.keys_of(request) is None:  # what is in a pack is vouched for
        return redirect(unlock_first(reverse("admin:reports_tip_change", args=[pk])))
    return _drafted(request, lambda by: handover.draft(tips=[tip], by=by), "admin:reports_tip_change", pk)


@require_POST
@needs(post=RIGHT)
def draft_enquiry(request: HttpRequest, pk: str) -> HttpResponse:
    """Draft a pack of all tips of an enquiry that the member may see, and go to it."""
    enquiry = enquiry_for(pk)
    if lock.keys_of(request) is None:
        return redirect(unlock_first(reverse("admin:reports_enquiry_change", args=[pk])))

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


class TipPicture(NamedTuple):
    """A picture of a tip: where it is seen whole, and how it stands in the pack, if it is in it."""

    entry: Entry
    number: int
    address: str
    chosen: PackPicture | None


class PackReport(NamedTuple):
    """One report of the pack as the page shows it."""

    report: Report
    document: dict[str, Any]
    grade: list[tuple[str, Any]]
    pictures: list[TipPicture]


class SeenForm(forms.Form):
    """The digest of what the member has read."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class DangerForm(forms.Form):
    """On which ground a sender's no is overridden, and why."""

    ground = forms.ChoiceField(
        label=gettext_lazy("Is someone in danger?"),
        choices=[("", gettext_lazy("No, or not that we know")), *consent.Ground.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    danger = forms.CharField(
        label=gettext_lazy("Who is in danger, and of what?"),
        required=False,
        strip=False,
        help_text=gettext_lazy(
            "Only this overrides a sender who does not want the police told. That it was written is recorded, and the "
            "police read it. If someone is in danger now, phone 999 first."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )


class ConfirmationForm(DangerFields):
    """What the police said, and what was done about the danger in tips that this closes; the verb asks for all."""

    field_order = ["reference", "who"]

    reference = forms.CharField(
        label=gettext_lazy("Their reference"),
        max_length=departure.LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    who = forms.CharField(
        label=gettext_lazy("Who said so, and how"),
        max_length=departure.LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ExportForm(forms.Form):
    """What leaves, and to whom it is sealed; partners whose key was compared are offered."""

    use_required_attribute = False  # the page says what is missing, in its own words

    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[
            ("pdf", gettext_lazy("PDF, to print")),
            ("json", gettext_lazy("JSON, for a program; it has the hash")),
        ],
        initial="pdf",
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose a PDF or JSON.")),
        widget=forms.RadioSelect,
    )
    partner = forms.ModelChoiceField(
        Partner.objects.all(),
        label=gettext_lazy("Sealed to"),
        required=False,
    )

    def offer(self, partners: Iterable[Partner]) -> None:
        """Offer these partners, and nobody."""
        nobody = ("", _("Nobody: it is readable by whoever gets it"))
        field = cast("forms.ModelChoiceField", self.fields["partner"])
        field.choices = [nobody, *((partner.pk, partner.name) for partner in partners)]


def pack_for(request: HttpRequest, pk: str) -> Pack:
    """Return a pack that the member may see; one with a tip that is hidden from them is not there."""
    if not request.user.has_perms(["reports.view_pack", RIGHT]):
        raise PermissionDenied
    return get_object_or_404(Pack.objects.visible_to(request.user).select_related("enquiry"), pk=pk)


def show(request: HttpRequest, pack: Pack, attempt: Attempt | None = None) -> TemplateResponse:
    """Return the page. With keys in the session its reading is recorded first; without them nothing is opened."""
    keys, user = lock.keys_of(request), cast("User", request.user)
    content, told, problem, status = _read(pack, user, keys)
    partners, can = Partner.objects.exclude(compared=None), _can(pack, user)
    draft = drafts.begin(request, record=f"pack:{pack.pk}", keys=keys if content else None)
    asked = departure.asked_about(pack=pack) if can["can_confirm"] else []
    page_forms = _forms(content, partners, attempt)
    danger_fields.ask(page_forms["confirm"], draft, asked=bool(asked))
    stands = {"danger": content and can["unsent"], "confirm": can["can_confirm"], "export": can["can_export"]}
    for act in (act for act, form_stands in stands.items() if form_stands):
        draft.draw(page_forms[act])
    context = page(request, title=_("Hand-over pack %(reference)s") % {"reference": pack.reference}) | {
        "pack": pack,
        "attempt": attempt,
        "refusal": attempt.form if attempt and not problem else None,
        "forms": page_forms,
        "draft": draft,
        "problem": problem,
        "content": content,
        "reports": [
            _report(report, one) for report, one in zip(content.reports, content.document["reports"], strict=True)
        ]
        if content
        else [],
        "told": told,
        "report_count": pack.parts.count(),
        "signatures": list(pack.signatures.all()),
        "partners": partners,
        "asked": asked,
        "lines": history_lines(AuditEvent.objects.filter(subject=pack.reference)[:HISTORY]),
        "next": reverse("admin:reports_pack_change", args=[pack.pk]),
        "phrase_form": PhraseForm(),
        "opts": Pack._meta,  # noqa: SLF001 - Django's public name
        **can,
    }
    return TemplateResponse(request, "admin/reports/packs/pack.html", context, status=status)


def _forms(content: Content | None, partners: Iterable[Partner], attempt: Attempt | None) -> dict[str, forms.Form]:
    """Return the forms that stand on the page, by the act that each is for."""
    danger = {"ground": content.ground, "danger": content.danger} if content else {}
    found: dict[str, forms.Form] = {
        "danger": DangerForm(initial=danger, auto_id="danger_%s"),
        "confirm": ConfirmationForm(auto_id="confirm_%s"),
        "export": ExportForm(auto_id="export_%s"),
    }
    if attempt:
        found[attempt.action] = attempt.form
    cast("ExportForm", found["export"]).offer(partners)
    return found


def _read(pack: Pack, user: User, keys: Keys | None) -> tuple[Content | None, dict[str, Any] | None, str, int]:
    """Return the content, the police's confirmation, a problem and the page's status."""
    if keys is None:
        return None, None, "", 200
    try:
        return handover.read(pack=pack, by=user, keys=keys), departure.confirmation(pack=pack, keys=keys), "", 200
    except Refused as refusal:
        return None, None, str(refusal), 200
    except DatabaseError:
        problem = _("That you read this pack could not be recorded, so it is not shown. Try again, or tell a lead.")
        return None, None, problem, 503


def _report(report: Report, document: dict[str, Any]) -> PackReport:
    chosen = {(picture.entry_id, picture.number): picture for picture in report.pictures}
    pictures = [
        TipPicture(
            entry,
            number,
            reverse("admin:reports_tip_picture", args=[report.tip.pk, entry.pk, number]),
            chosen.get((entry.pk, number)),
        )
        for entry, count in report.shown
        for number in range(count)
    ]
    return PackReport(report, document, _meaning(report), pictures)


def _meaning(report: Report) -> list[tuple[str, Any]]:
    """Return source, letter and handling code with what each means; an open one is a dash."""
    grade = report.grade
    codes = (grade.source, grade.information, grade.handling)
    lists = (grading.SOURCE, grading.INFORMATION, grading.HANDLING)
    return [(code or "–", known.get(code, _("not decided"))) for code, known in zip(codes, lists, strict=True)]


def _can(pack: Pack, user: User) -> dict[str, Any]:
    """Return what the member can do with the pack now."""
    mine = pack.signatures.filter(user=user).first()
    waits = mine is not None and pack.state == PackState.SIGNED_ONCE and handover.lone(by=user)
    return {
        "new_until": accounts.settles_at(user=user) if pack.signatures.exists() or not handover.lone(by=user) else None,
        "unsent": pack.state in handover.UNSENT,
        "can_sign": pack.state in (PackState.DRAFTED, PackState.SIGNED_ONCE) and mine is None,
        "alone_from": _later(mine.signed_at) if mine and waits else None,
        "can_sign_alone": bool(mine and waits and timezone.now() >= _later(mine.signed_at)),
        "can_export": pack.state in (PackState.SIGNED, PackState.EXPORTED),
        "can_confirm": pack.state == PackState.EXPORTED,
        "can_withdraw": PackState.WITHDRAWN in handover.TRANSITIONS[PackState(pack.state)],
    }


def _later(signed_at: datetime) -> datetime:
    return signed_at + handover.WAIT
