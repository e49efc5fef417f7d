"""The page of a police referral: what leaves, what must be done before, who has approved, and its forms."""

from collections.abc import Collection
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.text import format_lazy

from core.action_form import ActionForm
from reports.admin.pages import lock, page_drafts, what_was_done
from reports.admin.pages.actions import Attempt, choose
from reports.admin.pages.history import history_lines
from reports.admin.pages.what_was_done import WhatWasDoneFields
from reports.admin.referrals import answers, left, originals
from reports.admin.tips.tip_forms import ground_choices
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.people import second_person
from reports.domain.referrals import (
    approvals,
    consent,
    departure,
    exported,
    grading,
    police_referrals,
)
from reports.domain.referrals.contents import Content, Report
from reports.domain.retention import closed_pictures, schedule
from reports.domain.rights import REFER, RUN_DESK
from reports.graphics import pdf
from reports.models import AuditEvent, Recipient, Referral

ANYONE = "anyone"  # in place of a recipient
HISTORY = 200  # events that the page looks at


class GroundForm(forms.Form):
    """On which ground a sender's no is overridden, and why."""

    ground = forms.ChoiceField(
        label="Is someone in danger?",
        choices=ground_choices(consent.Ground),
        required=False,
        widget=forms.RadioSelect,
    )
    danger = forms.CharField(
        label="Who is in danger, and of what?",
        required=False,
        strip=False,
        help_text=format_lazy(
            (
                "Fill this in only to override a sender who does not want us to tell the police. The police will read "
                "it. We add to the audit log that you wrote it. If someone is in danger now, phone {emergency} first."
            ),
            **settings.PLACE.numbers,
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def offer(self, grounds: Collection[consent.Ground]) -> None:
        """Offer these grounds alone."""
        self.fields["ground"].choices = ground_choices(grounds)  # type: ignore[attr-defined]


class ConfirmationForm(WhatWasDoneFields):
    """What the police said, and what was done about the danger in tips that this closes; the verb asks for all."""

    field_order = ["reference", "who"]
    sure = forms.BooleanField(
        error_messages={
            "required": "Read from when we will delete these tips, tick the box, then confirm."
        }
    )

    reference = forms.CharField(
        label="Their reference",
        max_length=departure.LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    who = forms.CharField(
        label="Who confirmed it, and how",
        max_length=departure.LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say from when the tips will be deleted."""
        super().__init__(*args, **kwargs)
        self.fields["sure"].label = (
            f"We will delete these tips from {deleted_from()}, unless an enquiry needs them or their senders "
            "write again."
        )

    def clean(self) -> dict[str, Any]:
        """Say what is missing before the words are asked for, which a second look would ask for again."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not (cleaned.get("reference", "").strip() and cleaned.get("who", "").strip()):
            self.add_error(None, departure.MISSING)
        return cleaned


def deleted_from() -> str:
    """Return the first day on which tips will be deleted whose receipt is confirmed today."""
    return formats.date_format(schedule.passed_on_until(today=timezone.localdate()), "j F Y")


class ExportForm(ActionForm):
    """What leaves, and to whom it is sealed; recipients whose key was compared are offered."""

    kind = forms.ChoiceField(
        label="Format",
        choices=[
            ("pdf", "PDF, to print"),
            ("json", "JSON, for a computer program (its hash is below)"),
        ],
        initial="pdf",
        error_messages=choose("Choose a PDF or JSON."),
        widget=forms.RadioSelect,
    )
    recipient = forms.ChoiceField(
        label="Who can read the file?",
        error_messages=choose("Choose who can read the file."),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the recipients, and nobody: none of them beforehand."""
        super().__init__(*args, **kwargs)
        self.recipients = {str(row.pk): row for row in Recipient.objects.exclude(compared=None)}
        names = [(key, f"{row.name} alone") for key, row in self.recipients.items()]
        anyone = (ANYONE, "Anyone who gets it: the file is not encrypted")
        self.fields["recipient"].choices = [*names, anyone]  # type: ignore[attr-defined]

    def clean_recipient(self) -> Recipient | None:
        """Return the recipient; None for anyone."""
        return self.recipients.get(self.cleaned_data["recipient"])


def referral_for(request: HttpRequest, pk: str) -> Referral:
    """Return a referral that the member may see; one with a tip that is hidden from them is not there."""
    return get_object_or_404(
        Referral.objects.visible_to(request.user).select_related("enquiry"), pk=pk
    )


def show(
    request: HttpRequest, referral: Referral, attempt: Attempt | None = None
) -> TemplateResponse:
    """Return the page. With keys in the session its reading is recorded first; without them nothing is opened."""
    keys = lock.keys_of(request)
    user = cast("User", request.user)
    content, receipt, problem, status = _read(referral, user, keys)
    departed = left.section(referral, content, user=user, keys=keys)
    draft = page_drafts.for_page(
        request, target=f"referral:{referral.pk}", keys=keys if content else None
    )
    rows = _reports(content, user) if content and departed is None else []
    for row in rows:
        row["answers"] = answers.section(
            row["content"], row["report"], draft=draft, attempt=attempt
        )
    context = lock.page(request, title=f"Police referral {referral.reference}") | {
        "referral": referral,
        "attempt": attempt,
        "refusal": attempt.form if attempt and not problem else None,
        "draft": draft,
        "problem": problem,
        "content": content,
        "reports": rows,
        "unanswered": any(row["answers"]["missing"] for row in rows),
        "sources": _sources(content),
        "earlier": _earlier(content, user, keys) if departed is None else {},
        "to_read": [
            row["report"].tip for row in rows if row["originals"] and row["originals"].must_read
        ],
        "left": departed,
        "receipt": receipt,
        "report_count": referral.parts.count(),
        "lines": history_lines(AuditEvent.objects.filter(subject=referral.reference)[:HISTORY]),
        "next": reverse("admin:reports_referral_change", args=[referral.pk]),
        "passphrase_form": lock.PassphraseForm(),
        "opts": Referral._meta,  # noqa: SLF001 - Django's public name
        **_acts(referral, content, draft, attempt),
        **_approving(referral, user, content),
    }
    return TemplateResponse(
        request, "admin/reports/referrals/referral.html", context, status=status
    )


def _acts(
    referral: Referral,
    content: Content | None,
    draft: page_drafts.PageDrafts,
    attempt: Attempt | None,
) -> dict[str, Any]:
    """Return what can be done with the referral, the forms for it, and the tips that a confirmation must answer for."""
    acts = approvals.TRANSITIONS[referral.status]
    page_forms = _forms(content, attempt)
    tips_to_answer = departure.asked_about(referral=referral) if "confirm" in acts else []
    what_was_done.ask(page_forms["confirm"], draft, required=bool(tips_to_answer))
    is_shown = bool(content)
    can_change = "change" in acts
    corrects = bool(content and content.corrects)
    stands = {
        "ground": is_shown and can_change,
        "confirm": "confirm" in acts,
        "export": "export" in acts,
    }
    stands |= {"correct": is_shown and not can_change, "reword": corrects and can_change}
    stands["approve"] = is_shown and "approve" in acts and bool(content and content.why_team_lead)
    for name in (name for name, form_stands in stands.items() if form_stands):
        draft.draw(page_forms[name])
    return {"acts": acts, "forms": page_forms, "tips_to_answer": tips_to_answer}


def _forms(content: Content | None, attempt: Attempt | None) -> dict[str, forms.Form]:
    """Return the forms that stand on the page, by the act that each is for."""
    ground = {"ground": content.ground, "danger": content.danger} if content else {}
    changed = {"changed": content.changed if content else ""}
    page_forms: dict[str, forms.Form] = {
        "ground": GroundForm(initial=ground, auto_id="ground_%s"),
        "confirm": ConfirmationForm(auto_id="confirm_%s"),
        "export": ExportForm(auto_id="export_%s"),
        "correct": left.ChangedForm(auto_id="correct_%s"),
        "reword": left.ChangedForm(auto_id="reword_%s", initial=changed),
        "approve": answers.ApproveForm(auto_id="approve_%s"),
    }
    if attempt:
        page_forms[attempt.action] = attempt.form
    if content:
        cast("GroundForm", page_forms["ground"]).offer(content.grounds)
    return page_forms


def _read(
    referral: Referral, user: User, keys: Keys | None
) -> tuple[Content | None, dict[str, Any] | None, str, int]:
    """Return the content, the police's confirmation, a problem and the page's status."""
    if keys is None:
        return None, None, "", 200
    try:
        content = police_referrals.read(referral=referral, by=user, keys=keys)
        return content, departure.confirmation(referral=referral, keys=keys), "", 200
    except Refused as refusal:
        return None, None, str(refusal), 200
    except DatabaseError:
        problem = (
            "We cannot show you this referral, because we could not log your reading. Try "
            "again, or tell a team lead."
        )
        return None, None, problem, 503


def _reports(content: Content, user: User) -> list[dict[str, Any]]:
    """Return each report as the page shows it, with what its grading means and the pictures of its tip.

    Until it has left, what its sender wrote stands beside it, as far as the member has read that.
    """
    is_unsent = content.referral.status in approvals.UNSENT
    beside = originals.of_content(content, by=user) if is_unsent else [None] * len(content.reports)
    rows = zip(content.reports, content.document["reports"], beside, strict=True)
    return [
        {
            "report": report,
            "document": document,
            "grade": _meaning(report),
            "pictures": _pictures(report),
            "originals": original,
            "content": content,
            "printed": pdf.printed_facts(document).items(),
        }
        for report, document, original in rows
    ]


def _earlier(content: Content | None, user: User, keys: Keys | None) -> dict[str, list[Referral]]:
    """Return which earlier referrals name the same number plates and phone numbers; none where one does not open."""
    if content is None or keys is None:
        return {}
    try:
        return exported.earlier(content=content, by=user, keys=keys)
    except Refused:  # its own page says what is wrong with it
        return {}


def _sources(content: Content | None) -> str:
    """Return how many tips are in it, and from how many sources, as its document says; "" of a single tip."""
    sources = content.document.get("sources") if content else None
    return pdf.sources_in_words(len(content.reports), sources) if content and sources else ""


def _pictures(report: Report) -> list[dict[str, Any]]:
    """Return the pictures of a tip, and how each stands in the referral, if it is in it."""
    if closed_pictures.of_tip(report.tip):
        return []
    chosen = {(picture.entry_id, picture.number): picture for picture in report.pictures}
    return [
        {"entry": entry, "number": number, "chosen": chosen.get((entry.pk, number))}
        for entry, count in report.with_pictures
        for number in range(count)
    ]


def _meaning(report: Report) -> list[tuple[str, Any]]:
    """Return source, letter and handling code with what each means; an open one is a dash."""
    grade = report.grade
    codes = (grade.source, grade.information, grade.handling)
    lists = (grading.SOURCE, grading.INFORMATION, grading.HANDLING)
    return [
        (code or "–", known.get(code, "not decided"))
        for code, known in zip(codes, lists, strict=True)
    ]


def _approving(referral: Referral, user: User, content: Content | None) -> dict[str, Any]:
    """Return who has approved, whether the member can, and from when the only keyholder's approval counts.

    Without its content nobody knows who typed one of its tips for a sender.
    """
    typists = content.typists if content else {}
    acts = approvals.TRANSITIONS[referral.status]
    approved = list(referral.approvals.select_related("user"))
    lone = second_person.is_only_one(approvals.keyholders(), user=user)
    approvers = (
        approvals.can_approve(referral=referral, typists=typists) if "approve" in acts else []
    )
    may_wait = "approve" in acts and not lone
    waits_until = (
        approvals.waits_until(approvers=approvers, given=len(approved), user=user)
        if may_wait
        else None
    )
    kept_from = approvals.kept_from(by=user, typists=typists) if "approve" in acts else ""
    mine = next((approval for approval in approved if approval.user_id == user.pk), None)
    can_sign = "approve" in acts and mine is None and not kept_from
    lacking = _lacking(referral, content) if content and "approve" in acts else ""
    may_stand_alone = lone and "approve_alone" in acts and not lacking
    alone_from = mine.approved_at + approvals.WAIT if mine and may_stand_alone else None
    asks_why = (
        can_sign and content is not None and bool(content.why_team_lead) and user.has_perm(RUN_DESK)
    )
    return {
        "asks_why": asks_why,
        "left_open": content is not None
        and any(report.needs_team_lead for report in content.reports),
        "approvals": approved,
        "approvers": approvers,
        "waits_until": waits_until,
        "lacking": lacking,
        "new_until": second_person.settles_at(REFER, user=user) if approved or not lone else None,
        "can_sign": can_sign,
        "kept_from": kept_from,
        "typists": {name for names in typists.values() for name in names},
        "alone_from": alone_from,
        "can_sign_alone": alone_from is not None and timezone.now() >= alone_from,
    }


def _lacking(referral: Referral, content: Content) -> str:
    """Return which person is missing to approve a referral, however long one waits; "" if enough can."""
    return approvals.lacking(
        referral=referral, typists=content.typists, needs_team_lead=content.needs_team_lead
    )
