"""Related tips: the page on which a machine shows what tips share and a member says what they are to each other."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from core.action_form import ActionForm
from core.rights import needs
from core.text import plural
from reports.admin.pages import actions, lock, page_drafts
from reports.admin.pages.actions import Attempt, RecordNumber, TextArea, choose
from reports.admin.tips.acts import TipActionView, tip_for
from reports.admin.tips.tip_forms import ids
from reports.domain import decision, enquiries
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.rights import READ_TIP
from reports.domain.search import matching
from reports.domain.tips import opening
from reports.domain.triage import relations
from reports.models import JUDGED, Enquiry, Tip, Verdict

SAYS = [(verdict.value, verdict.label) for verdict in JUDGED]
CHOOSE = choose("Say whether these two tips are related.")


class RelateForm(ActionForm):
    """What two tips are to each other, and why; on the page its names begin with the other tip's reference."""

    other = forms.CharField(required=False, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        choices=SAYS, error_messages=CHOOSE, widget=forms.HiddenInput
    )  # a button
    reason = forms.CharField(
        label="Why? (encrypted)",
        required=False,
        strip=False,
        widget=TextArea(2),
    )


class LinkForm(ActionForm):
    """An enquiry to link the other tip to; its names begin like those of the answer, and `other` is the same box."""

    other = forms.CharField(required=False, widget=forms.HiddenInput)
    enquiry = forms.ModelChoiceField(
        queryset=Enquiry.objects.all(),
        error_messages=choose("Choose an enquiry."),
    )


class AfterForm(forms.Form):
    """How many matches come before the page that an address asks for."""

    after = RecordNumber()


@needs(READ_TIP)
def related(request: HttpRequest, pk: str) -> HttpResponse:
    """Show what other tips share with this one, strongest first, once that is recorded."""
    tip = tip_for(request, pk)
    keys = lock.keys_of(request)
    if keys is None:
        return redirect(lock.unlock_first(request.path))
    return show(request, tip, keys)


@needs(READ_TIP)
def same(request: HttpRequest, pk: str) -> HttpResponse:
    """Show how many other tips name the same house, plate or number; the tip's page takes it from here."""
    tip = tip_for(request, pk)
    keys = lock.keys_of(request)
    by = cast("User", request.user)
    if keys is None:
        return redirect(lock.unlock_first(request.path))
    if not opening.read_up_to(tip=tip, by=by):
        return redirect("admin:reports_tip_change", tip.pk)  # where the reading is recorded
    counted = matching.same(tip=tip, by=by, keys=keys, today=timezone.localdate())
    context = lock.page(request, title=f"Same house, plate or number as {tip.reference}") | {
        "tip": tip,
        "lines": [_in_words(each) for each in counted],
    }
    return TemplateResponse(request, "admin/reports/tips/same.html", context)


def _in_words(same: matching.Same) -> str:
    """Return how many tips name the same, as a sentence."""
    if not same.count:
        return f"No other tip names the same {same.what}."
    tips = plural(same.count, f"{same.count} other tip names", f"{same.count} other tips name")
    return f"{tips} the same {same.what}: {same.this_week} this week, {same.before} in the two weeks before."


class RelatedActionView(TipActionView):
    """An act on the tip and another one of its page; a refusal keeps what was typed."""

    keys = "unlocked"
    button = ""  # of the page's buttons: how their names end, after the other tip's reference

    def get_target_url(self) -> str:
        """Return the address of the page of related tips, which asks for the words first on a locked desk."""
        return reverse("admin:reports_tip_related", args=[self.target.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the tip whose button was pressed: the page has one for each."""
        end = f"-{self.button}"
        prefix = next(
            (name.removesuffix(end) for name in self.request.POST if name.endswith(end)), None
        )
        return super().get_form_kwargs() | {"prefix": prefix}

    def other(self, data: dict[str, Any]) -> Tip:
        """Return the other tip; raises Refused if there is none that the member may see."""
        other_tip = Tip.objects.visible_to(self.member).filter(reference=data["other"]).first()
        if other_tip is None:
            raise Refused("We cannot find a tip with this reference.")
        return other_tip

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the page of related tips; the tip's own where the desk is locked."""
        keys = lock.keys_of(self.request)
        if keys is None or not self.member.has_perm(READ_TIP):
            return super().show_target(attempt)
        return show(self.request, self.target, keys, attempt)


class RelateView(RelatedActionView):
    """Takes a member's answer about two tips."""

    action = "relate"
    form_class = RelateForm
    button = "verdict"
    refused_field = "reason"

    def perform(self, data: dict[str, Any]) -> str:
        """Judge the two."""
        other = self.other(data)
        said = {"verdict": data["verdict"], "reason": data["reason"]}
        row = relations.judge(
            tip=self.target, other=other, **said, by=self.member, keys=self.desk_keys
        )
        return f"{self.target.reference} and {other.reference}: {Verdict(row.verdict).label}."


class LinkView(RelatedActionView):
    """Links the other tip to an enquiry of this one."""

    action = "link"
    form_class = LinkForm
    button = "enquiry"

    def perform(self, data: dict[str, Any]) -> str:
        """Link it."""
        enquiry = data["enquiry"]
        decision.add_to_enquiry(enquiry=enquiry, references=data["other"], by=self.member, press="")
        return f"{data['other']}: now part of “{enquiry.codename}”."


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the pages' addresses, below the tips'."""
    acts = actions.addresses((RelateView, LinkView), prefix="reports_tip", wrap=wrap)
    return [
        path("<uuid:pk>/related/", wrap(related), name="reports_tip_related"),
        path("<uuid:pk>/same/", wrap(same), name="reports_tip_same"),
        *acts,
    ]


def show(
    request: HttpRequest, tip: Tip, keys: Keys, attempt: Attempt | None = None
) -> TemplateResponse:
    """Return the page."""
    by = cast("User", request.user)
    asked = AfterForm(request.GET)
    after = asked.cleaned_data["after"] if asked.is_valid() else 0
    look = matching.related(tip=tip, by=by, keys=keys, after=after)
    draft = page_drafts.for_page(request, target=f"related:{tip.pk}", tip=tip, keys=keys)
    rows = _rows(tip, look.matches, by, keys)
    new = []
    confirmed = []
    dismissed = []
    for row in rows:
        row["form"] = draft.draw(_form(row["match"], attempt))
        judged = row["judged"]
        if judged is None:
            new.append(row)
        elif judged.is_confirmed:
            confirmed.append(row)
        elif judged.verdict == Verdict.DISMISSED:
            dismissed.append(row)
    query = f"?after={after}" if after else ""
    context = lock.page(request, title=f"Related to {tip.reference}") | {
        "tip": tip,
        "draft": draft,
        "look": look,
        "attempt": attempt,
        "new": new,
        "confirmed": confirmed,
        "dismissed": dismissed,
        "first": after + 1,
        "last": after + len(rows),
        "query": query,
        "next": reverse("admin:reports_tip_related", args=[tip.pk]) + query,
    }
    return TemplateResponse(request, "admin/reports/tips/related.html", context)


def _rows(
    tip: Tip, matches: Sequence[matching.Match], by: User, keys: Keys
) -> list[dict[str, Any]]:
    """Return the tips that share something with this one: what was said of each and can be said, and its enquiries."""
    all_judged = relations.judged(tip=tip, by=by)
    reasons = relations.reasons(relations=all_judged.values(), keys=keys)
    own = [enquiry for enquiry in enquiries.of_tip(tip=tip) if enquiry.status != "closed"]
    rows = []
    for match in matches:
        judged = all_judged.get(match.tip.pk)
        is_hiding = judged is not None and judged.verdict == Verdict.POSSIBLE
        if is_hiding:
            judged = None
        row = {
            "match": match,
            "judged": judged,
            "is_hiding": is_hiding,
            "reason": reasons.get(judged.pk, "") if judged else "",
            "verdicts": [
                verdict for verdict in JUDGED if judged is None or judged.verdict != verdict
            ],
            "enquiries": [enquiry for enquiry in own if enquiry not in match.enquiries],
        }
        rows.append(row)
    return rows


def _form(match: matching.Match, attempt: Attempt | None) -> RelateForm:
    """Return the form about this match: the one that was refused, or a new one."""
    reference = match.tip.reference
    if (
        attempt
        and isinstance(attempt.form, RelateForm)
        and attempt.form["other"].value() == reference
    ):
        return attempt.form
    return RelateForm(**ids(reference), initial={"other": reference})
