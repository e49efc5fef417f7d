"""Police referrals on the desk: the list, drafting one, and what can be done from each one's page."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from core.lists import ColumnTabs
from core.rights import needs
from reports.admin.enquiries import enquiry_for
from reports.admin.pages import lock, page_drafts
from reports.admin.pages.actions import ActionView, Attempt, addresses, choose
from reports.admin.pages.paging import PlainList
from reports.admin.pages.what_was_done import danger_in
from reports.admin.referrals import results
from reports.admin.referrals.answers import AnswersForm, ApproveForm, ids, typed
from reports.admin.referrals.boxes import boxes
from reports.admin.referrals.left import ChangedForm
from reports.admin.referrals.page import (
    ConfirmationForm,
    ExportForm,
    GroundForm,
    deleted_from,
    referral_for,
    show,
)
from reports.admin.tips.acts import tip_for
from reports.domain import enquiries
from reports.domain.errors import AlreadyReferred, Refused
from reports.domain.referrals import corrections, departure, police_referrals, second_reader
from reports.domain.rights import REFER, RUN_DESK
from reports.domain.triage import stuck
from reports.models import Entry, Referral, ReferralPicture, ReferralState, Tip

EXPORTED = "exported"
UNFINISHED = [
    state
    for state in ReferralState
    if state not in (ReferralState.CONFIRMED, ReferralState.WITHDRAWN)
]
NO_PICTURE = "We cannot find this picture. Someone may have removed it. Reload the page."


class ReferralAdmin(PlainList):
    """Referrals: drafted, approved and exported by the domain's verbs."""

    list_display = ["reference", "status", "waiting", "reports", "drafted", "author"]
    list_filter = [("status", ColumnTabs)]
    change_list_template = "admin/reports/referrals/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add drafting, and what can be done with a referral."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "draft/tip/<uuid:pk>/", wrap(draft), {"kind": "tip"}, name="reports_referral_draft"
            ),
            path(
                "draft/enquiry/<uuid:pk>/",
                wrap(draft),
                {"kind": "enquiry"},
                name="reports_referral_draft_enquiry",
            ),
            path("results/", wrap(results.listed), name="reports_referral_results"),
            path("<uuid:pk>/boxes/", wrap(boxes), name="reports_referral_boxes"),
            *addresses(ACTS, prefix="reports_referral", wrap=wrap),
            *addresses(
                (AnswerView,), prefix="reports_referral", wrap=wrap, key="<uuid:pk>/<uuid:row>"
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:
        """Return the referrals without those with a tip that is hidden from the member."""
        rows = stuck.timed(Referral.objects.visible_to(request.user)).defer("sealed")
        unfinished_since = Case(When(status__in=UNFINISHED, then=F("since")), default=None)
        return rows.annotate(report_count=Count("parts"), unfinished_since=unfinished_since)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Return the oldest first of those that somebody has to finish, then the newest of the others."""
        return [F("unfinished_since").asc(nulls_last=True), "-since", "reference"]

    def show(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return a referral's page."""
        return show(request, referral_for(request, pk))

    @admin.display(description="drafted on")
    def drafted(self, referral: Referral) -> date:
        """Return the day on which it was drafted, whatever its status says happened since then."""
        return referral.since

    @admin.display(description="waiting")
    def waiting(self, referral: Referral) -> str:
        """Return what an approved or exported one waits for and since when."""
        waits = stuck.waiting_of(referral, today=timezone.localdate())
        if waits is None:
            return ""
        return f"{waits.words}, danger" if waits.has_ground else waits.words

    @admin.display(description="tips")
    def reports(self, referral: Referral) -> int:
        """Return how many tips are in it."""
        return int(vars(referral)["report_count"])


class AgainForm(forms.Form):
    """The places of the tips that the member was told of, by the domain's keys."""

    again = forms.Field(required=False, widget=forms.MultipleHiddenInput)


@needs(post=REFER)
def draft(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Draft a referral of one tip, or of all tips of an enquiry that the member may see, and go to it."""
    by = cast("User", request.user)
    enquiry = enquiry_for(pk) if kind == "enquiry" else None
    links = enquiries.links(enquiry=enquiry, by=by) if enquiry else ()
    tips = [link.tip for link in links] if enquiry else [tip_for(request, pk)]
    back = reverse(f"admin:reports_{kind}_change", args=[pk])
    page_drafts.save(request)
    if (keys := lock.keys_of(request)) is None:  # what is in a referral is verified
        return redirect(lock.unlock_first(back))
    form = AgainForm(request.POST)
    try:
        again = form.cleaned_data["again"] if form.is_valid() else ()
        referral = police_referrals.draft(
            tips=tips, by=by, keys=keys, enquiry=enquiry, again=again or ()
        )
    except AlreadyReferred as refusal:
        title = "Draft another police referral?"
        places = {"places": refusal.places, "back": back}
        return TemplateResponse(
            request, "admin/reports/referrals/again.html", lock.page(request, title=title) | places
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    messages.success(
        request,
        f"Police referral {referral.reference} is drafted. Two people must approve it.",
    )
    return redirect("admin:reports_referral_change", referral.pk)


class NewPictureForm(forms.Form):
    """A picture of one of the referral's tips: its entry and its number there, with a colon between."""

    picture = forms.CharField(error_messages={"required": NO_PICTURE})

    def clean_picture(self) -> dict[str, Any]:
        """Return the entry and the number."""
        entry, _colon, number = self.cleaned_data["picture"].partition(":")
        try:
            return {
                "entry": Entry.objects.select_related("tip").get(pk=entry),
                "number": int(number),
            }
        except (Entry.DoesNotExist, ValidationError, ValueError) as error:
            raise ValidationError(NO_PICTURE) from error


class PictureForm(forms.Form):
    """A picture that is in the referral."""

    picture = forms.ModelChoiceField(
        ReferralPicture.objects.none(), error_messages=choose(NO_PICTURE)
    )


class ReferralActionView(ActionView):
    """An act on a referral. A verb that refuses may have taken approvals off before, and they stay off."""

    atomic = False
    right = REFER

    def get_target(self) -> Referral:
        """Return the referral."""
        return referral_for(self.request, self.kwargs["pk"])

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Look for a picture only among the referral's own."""
        form: forms.Form = super().get_form(form_class)
        if isinstance(form, PictureForm):
            cast(
                "forms.ModelChoiceField", form.fields["picture"]
            ).queryset = self.target.pictures.all()
        return form

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the referral's newest page."""
        self.target.refresh_from_db()
        return show(self.request, self.target, attempt)


class ApproveView(ReferralActionView):
    """Approves a referral, with words typed for it."""

    action = "approve"
    title = "Approve a police referral"
    keys = "words"
    form_class = ApproveForm
    refused_field = None

    def perform(self, data: dict[str, Any]) -> str:
        keys = self.desk_keys
        reauthentication = self.reauthentication
        police_referrals.approve(
            referral=self.target,
            by=self.member,
            keys=keys,
            reauthentication=reauthentication,
            why=data["why"],
        )
        return f"You have approved {self.target.reference}."


class AloneView(ReferralActionView):
    """Approves a referral for the only member who can, with words typed for it."""

    action = "alone"
    title = "Confirm as the only approver"
    keys = "words"

    def perform(self, data: dict[str, Any]) -> str:
        keys = self.desk_keys
        reauthentication = self.reauthentication
        police_referrals.approve_alone(
            referral=self.target,
            by=self.member,
            keys=keys,
            reauthentication=reauthentication,
            now=timezone.now(),
        )
        return f"You are the only approver of {self.target.reference}. The referral says so."


class AnswerView(ReferralActionView):
    """Saves what is answered about one of its tips before the first approval."""

    action = "answer"
    form_class = AnswersForm
    keys = "unlocked"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the questions about the tip that the address names."""
        return super().get_form_kwargs() | ids(self.tip())

    def tip(self) -> Tip:
        """Return that tip."""
        return tip_for(self.request, self.kwargs["row"])

    def perform(self, data: dict[str, Any]) -> str:
        tip = self.tip()
        answers = typed(data)
        by = self.member
        police_referrals.answer(
            referral=self.target,
            tip=tip,
            answers=answers,
            seen=data["seen"],
            by=by,
            keys=self.desk_keys,
        )
        return f"The answers about {tip.reference} are saved."


class GroundView(ReferralActionView):
    """Saves why a sender's “no” is overridden."""

    action = "ground"
    form_class = GroundForm
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        police_referrals.name_danger(
            referral=self.target,
            ground=data["ground"],
            reason=data["danger"],
            by=self.member,
            keys=self.desk_keys,
        )
        return "Saved, and added to the audit log."


class WithdrawView(ReferralActionView):
    """Withdraws a referral."""

    action = "withdraw"

    def perform(self, data: dict[str, Any]) -> str:
        police_referrals.withdraw(referral=self.target, by=self.member)
        return f"You have withdrawn {self.target.reference}."


class ConfirmView(ReferralActionView):
    """Records that the police have it, with words typed for it."""

    action = "confirm"
    title = "Confirm receipt"
    form_class = ConfirmationForm
    keys = "words"

    def perform(self, data: dict[str, Any]) -> str:
        told = {"reference": data["reference"], "who": data["who"], "danger": danger_in(data)}
        by = self.member
        keys = self.desk_keys
        shown = self.reauthentication
        departure.confirm(referral=self.target, **told, by=by, keys=keys, reauthentication=shown)
        return (
            f"Receipt confirmed. We will delete its tips from {deleted_from()}, unless an enquiry needs them or "
            "their senders write again."
        )


class TakeBackView(ReferralActionView):
    """Takes back, for a team lead and with words typed for it, that the police received it."""

    action = "take-back"
    title = "Take back this receipt"
    keys = "words"
    right = RUN_DESK

    def perform(self, data: dict[str, Any]) -> str:
        departure.take_back(
            referral=self.target,
            by=self.member,
            keys=self.desk_keys,
            reauthentication=self.reauthentication,
        )
        return f"You have taken back the receipt of {self.target.reference}."


class CorrectView(ReferralActionView):
    """Drafts a referral that corrects this one, and goes to it."""

    action = "correct"
    form_class = ChangedForm
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        first = self.target
        self.target = corrections.begin(
            referral=first, changed=data["changed"], by=self.member, keys=self.desk_keys
        )
        return (
            f"Police referral {self.target.reference} is drafted. It corrects {first.reference}. Two people "
            "must approve it."
        )


class RewordView(ReferralActionView):
    """Saves what a correction says has changed."""

    action = "reword"
    form_class = ChangedForm
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        corrections.reword(
            referral=self.target, changed=data["changed"], by=self.member, keys=self.desk_keys
        )
        return "Saved. The referral must be approved again."


class ChooseView(ReferralActionView):
    """Includes a picture."""

    action = "choose"
    form_class = NewPictureForm
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        second_reader.choose(
            referral=self.target, **data["picture"], by=self.member, keys=self.desk_keys
        )
        return "The picture is included. Now someone else must look at it and approve it."


class ApprovePictureView(ReferralActionView):
    """Approves a picture."""

    action = "approve-picture"
    form_class = PictureForm
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        second_reader.approve(picture=data["picture"], by=self.member, keys=self.desk_keys)
        return "You have approved the picture."


class LeaveOutView(ReferralActionView):
    """Removes a picture."""

    action = "leave-out"
    form_class = PictureForm
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        second_reader.leave_out(picture=data["picture"], by=self.member, keys=self.desk_keys)
        return "You have removed the picture from the referral."


class ExportView(ReferralActionView):
    """Sends an approved referral as a file, with words typed for it, after its leaving is recorded."""

    action = "export"
    title = "Export a police referral"
    form_class = ExportForm
    keys = "words"

    def asked_for(self, form: forms.Form) -> str:
        """Add who can read it."""
        recipient = form.cleaned_data["recipient"] if form.is_valid() else None
        to = f"encrypted for {recipient.name}" if recipient else "not encrypted"
        return f"{super().asked_for(form)}, {to}"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Send the file."""
        kind = form.cleaned_data["kind"]
        recipient = form.cleaned_data["recipient"]
        try:
            to = {"kind": kind, "recipient": recipient}
            file = departure.export(
                referral=self.target,
                **to,
                by=self.member,
                keys=self.desk_keys,
                reauthentication=self.reauthentication,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        page_drafts.save(self.request, used=page_drafts.names(form))
        messages.success(self.request, f"You have exported {self.target.reference}.")
        headers = {
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
        }
        response = HttpResponse(file.data, content_type=file.type, headers=headers)
        here = self.request.path
        secure = self.request.is_secure()  # the page's script waits for it, and goes back
        response.set_cookie(
            EXPORTED, "yes", max_age=60, path=here, secure=secure, samesite="Strict"
        )
        return response


PICTURES = (ChooseView, ApprovePictureView, LeaveOutView)
CORRECTIONS = (CorrectView, RewordView)
ACTS = (
    ApproveView,
    AloneView,
    GroundView,
    WithdrawView,
    ConfirmView,
    TakeBackView,
    *CORRECTIONS,
    *PICTURES,
    ExportView,
    results.ResultView,
)
