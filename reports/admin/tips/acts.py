"""What can be done from a tip's page: each act binds a form and calls a verb."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from core.rights import needs
from core.text import plural
from reports import questions, replies
from reports.admin.pages import actions, lock, page_drafts, undo
from reports.admin.pages.actions import ActionView, Attempt
from reports.admin.pages.history import refusal_text
from reports.admin.pages.what_was_done import FIELDS, field_of
from reports.admin.tips import tip_forms, tip_page
from reports.admin.tips.reading import language
from reports.admin.tips.tip_forms import DecisionForm
from reports.domain import decision
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.mailbox import sender_messages
from reports.domain.referrals import (
    approvals,
    changed_answer,
    consent,
    denials,
    grading,
    own_words,
    translation,
    urgent_calls,
)
from reports.domain.retention import schedule
from reports.domain.rights import READ_TIP, REFER, REVEAL_CONTACT, RUN_DESK, TRIAGE_TIP
from reports.domain.tips import asking, opening
from reports.domain.triage import safety, stuck, triaging, undoing
from reports.models import (
    ChangedAnswer,
    Entry,
    Message,
    Note,
    Referral,
    SafetyDecision,
    Status,
    Tip,
    UrgentCall,
)
from reports.models.tips import UNDECIDED

NO_CALL = "We cannot find this call."


def tip_for(request: HttpRequest, pk: str) -> Tip:
    """Return a tip, for a view that asks for its right; one that is hidden from the member is not there."""
    return get_object_or_404(Tip.objects.visible_to(request.user).select_related("assignee"), pk=pk)


class TipActionView(ActionView):
    """An act on a tip, from its page."""

    form_class: type[forms.Form] = forms.Form
    keys: ClassVar[actions.KeysNeeded] = "unlocked"
    right: ClassVar[str] = TRIAGE_TIP

    target: Tip

    def get_target(self) -> Tip:
        """Return the tip."""
        return tip_for(self.request, self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form's fields the ids that the page gives them."""
        return super().get_form_kwargs() | tip_forms.ids(self.action)

    def row[Row: models.Model](self, model: type[Row], *, missing: str) -> Row:
        """Return the tip’s row that the address names; raises Refused, with `missing`, where there is none."""
        rows = model._default_manager.filter(tip=self.target)  # noqa: SLF001 - Django's public name
        found = rows.filter(pk=self.kwargs["row"]).first()
        if found is None:
            raise Refused(f"{missing} Open the tip again.")
        return found

    def said(self, done: str) -> str:
        """Return a sentence about what was done with the tip's reference before it, as several tips may lie open."""
        return f"{self.target.reference}: {done}"

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the tip's newest page."""
        return tip_page.show(self.request, self.target, attempt)

    def get_success_url(self) -> str:
        """Return where to go after the act: back to where it was asked for; the tip's page says there what was done."""
        return lock.safe_next(self.request, default=f"{self.get_target_url()}#said")


class SaveView(TipActionView):
    """Saves what the working surface holds: the note always, all the rest together or not at all."""

    action = "save"
    form_class = DecisionForm
    section = "decision"
    why: Note | None = None  # the note that is saved with it

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take only what the member has the right to."""
        return super().get_form_kwargs() | {"tip": self.target, "by": self.member}

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Save the note although something else cannot be saved."""
        return self.form_valid(form)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Save the note, then the rest; say what was saved, and stay with everything that was not."""
        form = cast("DecisionForm", form)
        self.report = list[str]()
        self.tags = self.section
        self.press = undoing.new_press()
        used = self._tried(form, "note", self._note)
        if not form.errors:
            used |= self._tried(form, None, self._decide)
        not_kept = set(used)
        if form.errors:
            not_kept.add(form.add_prefix("assignee"))  # a choice stands in the form, and is no text
        page_drafts.save(self.request, used=not_kept)
        if form.cleaned_data.get("then") and not form.errors and self.tags == self.section:
            self.tags = ""  # said above the next tip, and not where that is decided
        if self.report:
            messages.success(self.request, " ".join(self.report), extra_tags=self.tags)
        if form.errors:
            form.let_go(used)
            return self.show_target(Attempt(self.action, form, self.section))
        return redirect(self._onward(form, used))

    def _tried(
        self, form: DecisionForm, field: str | None, verb: Callable[[DecisionForm], set[str]]
    ) -> set[str]:
        """Call a verb and return the names of the fields that it used up; a refusal stands beside them."""
        try:
            with transaction.atomic():
                return verb(form)
        except Refused as refusal:
            form.add_error(field_of(refusal, form, otherwise=field), refusal_text(refusal))
        return set()

    def _note(self, form: DecisionForm) -> set[str]:
        if text := form.cleaned_data.get("note", "").strip():
            self.why = triaging.note(tip=self.target, text=text, by=self.member, press=self.press)
            self.report.append(f"Your note on {self.target.reference} is saved.")
        return {form.add_prefix("note")}

    def _decide(self, form: DecisionForm) -> set[str]:
        changes = form.changes()
        was_open = self.target.status in UNDECIDED
        copies = form.cleaned_data["copies"].split()
        closes = changes.get("status") in triaging.CLOSING or not {"link", "begin"}.isdisjoint(
            changes
        )
        press = self.press if copies or closes else ""
        self._require_child_told(
            changes, closes=closes or changes.get("status") == Status.PASSED_ON
        )
        seen = form.cleaned_data["seen"]
        keys = self.desk_keys
        if self.why:
            changes["why"] = self.why
        if done := decision.in_words(changes):
            decision.save(
                tip=self.target, changes=changes, seen=seen, by=self.member, keys=keys, press=press
            )
            self.report.insert(0, f"{self.target.reference}: {', '.join(done)}.")
            self._warn_of_unsent()
        elif not copies and not self.report and "danger" not in changes:
            self.report.append(self._nothing(form))
        if copies:
            facts = {"put_on": changes["put_on"], "seen": seen, "keys": keys, "press": press}
            number, refused = decision.save_copies(
                tip=self.target, references=copies, by=self.member, **facts
            )
            self.report.append(
                plural(number, f"{number} copy decided too.", f"{number} copies decided too.")
            )
            self.report += [
                f"{reference}: {refusal_text(refusal)}" for reference, refusal in refused
            ]
        own_page = not form.cleaned_data["then"] and undoing.of_tip(
            tip=self.target
        )  # which offers it by itself
        if press and undoing.offers(press=press) and not own_page:
            self.tags = f"{undo.MARK}{press}"
        if "danger" in changes and self.target.status in UNDECIDED:
            message = (
                "We save this together with a status that closes the tip. Choose that status too."
            )
            form.add_error("danger_choice", message)
        if was_open and self.target.status not in UNDECIDED:
            return page_drafts.names(form)
        closing = {form.add_prefix(name) for name in FIELDS}  # said of the danger, and not closed
        return page_drafts.names(form) - closing

    def _warn_of_unsent(self) -> None:
        if unsent := stuck.warning(tip=self.target):
            messages.warning(self.request, unsent)

    def _require_child_told(self, changes: decision.TipChanges, *, closes: bool) -> None:
        if closes and self.target.status in UNDECIDED and "danger" not in changes:
            urgent_calls.require_child_told(tip=self.target, keys=self.desk_keys)

    def _nothing(self, form: DecisionForm) -> str:
        """Return that nothing was changed, or, as after Enter in a box of another group, that this waits there."""
        page = page_drafts.page_of(self.request.POST)
        own = page_drafts.names(form)
        waits = (
            page and not form.cleaned_data["then"] and page.changed(self.request.POST).keys() - own
        )
        if waits:
            return self.said(
                "nothing is saved yet. What you typed waits in its box: press the button below it."
            )
        return self.said("nothing was changed.")

    def _onward(self, form: DecisionForm, used: set[str]) -> str:
        """Return the next tip's address when it is asked for; say what stays behind here."""
        if not form.cleaned_data["then"]:
            return f"{self.get_target_url()}#said"
        page = page_drafts.page_of(self.request.POST)
        if page and page.changed(self.request.POST).keys() - used:
            stays = (
                f"{self.target.reference}: we kept what you typed and did not send as your draft."
            )
            messages.warning(self.request, stays)
        is_left = self.target.decided is None and self.target.assignee is None
        if is_left:
            return reverse("admin:reports_tip_leave", args=[self.target.pk])
        return _next_after(self.target)


def _next_after(tip: Tip) -> str:
    """Return the address of the tip to read next."""
    return f"{reverse('admin:next')}?{urlencode({'after': tip.reference})}"


class LeaveView(TipActionView):
    """Asks to whom a tip is left that nobody has decided or has: only the buttons of its own page answer."""

    http_method_names = ["get", "post"]
    action = "leave"
    form_class = tip_forms.LeaveForm
    refused_field = "whom"
    keys: ClassVar[actions.KeysNeeded] = "none"

    def get_initial(self) -> dict[str, Any]:
        """Remember up to which event the member has seen the tip."""
        return {"seen": staleness.now()}

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the page that asks."""
        title = "Leave it to whom?"
        context = lock.page(self.request, title=title) | {"tip": self.target, "form": attempt.form}
        return TemplateResponse(self.request, "admin/reports/tips/leave.html", context)

    def perform(self, data: dict[str, Any]) -> str:
        """Assign it to the member, unless a colleague has changed that meanwhile, or leave it as it is."""
        if data["whom"] == "nobody":
            return self.said("you left this to nobody.")
        triaging.require_reader(by=self.member)
        if self.target.assignee != self.member:  # as after a second click
            changes = decision.TipChanges(assignee=self.member)
            decision.save(
                tip=self.target,
                changes=changes,
                seen=data["seen"],
                by=self.member,
                among_others=True,
            )
        return self.said("you have it.")

    def get_success_url(self) -> str:
        """Return where the page before asked to go on, or the address of the tip to read next."""
        return lock.safe_next(self.request, default=_next_after(self.target))


class WordingView(TipActionView):
    """Saves the tip in our words."""

    action = "wording"
    form_class = tip_forms.WordingForm
    section = "own_words"
    right = REFER
    refused_field = "text"

    def perform(self, data: dict[str, Any]) -> str:
        """Seal it as the next version."""
        typed = {name: data[name] for name in ("text", "removed", "contact", "seen", "position")}
        stays = tip_forms.stays(data)
        approved = Referral.objects.visible_to(self.member).filter(
            parts__tip=self.target, approvals__isnull=False
        )
        lost = list(
            approved.filter(status__in=approvals.UNSENT)
            .values_list("reference", flat=True)
            .distinct()
        )
        own_words.save(tip=self.target, **typed, stays=stays, by=self.member, keys=self.desk_keys)
        wording = own_words.latest(tip=self.target, keys=self.desk_keys)
        entries = opening.open_all(tip=self.target, keys=self.desk_keys)
        self.warns = bool(wording.quotes) and consent.strict(entries)
        if self.warns:
            return self.said("this copies the sender. Write what we quote below in your own words.")
        lines = [self.said("we have saved our wording.")]
        if any(question.leak.kind == "contact" for question in wording.reviewed):
            lines.append(
                "It includes some of the sender’s contact details. We added that to the audit log."
            )
        if wording.quotes:
            lines.append("It quotes the sender, as we say below.")
        if wording.open:
            lines.append("Now answer the questions below.")
        lines += [
            f"{reference} lost its approvals: read and approve it again." for reference in lost
        ]
        return " ".join(lines)


class GradeView(TipActionView):
    """Saves the suggested grading."""

    action = "grade"
    form_class = tip_forms.GradeForm
    section = "grading"
    right = REFER

    def perform(self, data: dict[str, Any]) -> str:
        """Seal it as the next version."""
        grading.grade(tip=self.target, **data, by=self.member, keys=self.desk_keys)
        return self.said("suggested grading saved.")


class HoldsView(TipActionView):
    """Says for a member who has read what the sender wrote later that our wording holds."""

    action = "holds"
    form_class = tip_forms.LaterForm
    section = "own_words"
    right = REFER

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the boxes that both buttons have."""
        return super().get_form_kwargs() | tip_forms.ids("later")

    def perform(self, data: dict[str, Any]) -> str:
        """Seal it again as the next version."""
        facts = {name: data[name] for name in ("position", "seen")}
        own_words.still_holds(tip=self.target, **facts, by=self.member, keys=self.desk_keys)
        return self.said(
            "our wording holds. Before a police referral with it can leave, it must be approved again."
        )


class AsideView(HoldsView):
    """Sets aside, for a team lead, what the sender wrote later."""

    action = "aside"
    right = RUN_DESK
    refused_field = "reason"

    def perform(self, data: dict[str, Any]) -> str:
        """Seal it again as the next version, with the reason."""
        own_words.set_aside(tip=self.target, **data, by=self.member, keys=self.desk_keys)
        done = (
            "we have saved why it changes nothing. Before a police referral with it can leave, it must be approved "
            "again."
        )
        return self.said(done)


class TranslateView(TipActionView):
    """Saves the tip's language and its translation."""

    action = "translate"
    form_class = tip_forms.TranslateForm
    section = "translation"
    refused_field = "text"

    def perform(self, data: dict[str, Any]) -> str:
        """Seal both as the next version."""
        translation.translate(tip=self.target, **data, by=self.member)
        return self.said("we have saved the language and the translation.")


class FromTranslationView(TipActionView):
    """Shows the tip with its translation below what was typed of our wording; nothing is saved."""

    action = "wording/start"
    form_class = tip_forms.WordingForm
    right = REFER

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the boxes of our wording."""
        return super().get_form_kwargs() | tip_forms.ids("wording")

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Put the translation below; what else was typed stays, right or not."""
        page_drafts.save(self.request)
        typed = form["text"].data or ""
        data = self.request.POST.copy()
        parts = typed.strip(), translation.text(tip=self.target, keys=self.desk_keys)
        data[form.add_prefix("text")] = "\n\n".join(filter(None, parts))
        return self.show_target(
            Attempt("wording", tip_forms.WordingForm(data, **tip_forms.ids("wording")))
        )

    form_invalid = form_valid


class WriteView(TipActionView):
    """Writes to the tip's sender: it takes an unlocked desk, since the sender's key lies inside the tip."""

    action = "write"
    form_class = tip_forms.WriteForm
    section = "talk"
    refused_field = "text"

    def perform(self, data: dict[str, Any]) -> str:
        """Send what was typed: a question, or a message that wants no answer."""
        asks = data["asks"] == "yes"
        said = {name: data[name] for name in ("text", "english", "checked", "to")}
        sender_messages.write(
            tip=self.target, question=asks, **said, by=self.member, keys=self.desk_keys
        )
        if asks:
            return "The sender can now see your question. The tip is waiting for an answer."
        return "The sender can now see your message."


class OwnSafetyView(TipActionView):
    """Writes to a sender who asked not to be asked, about their own safety; a team lead looks at it."""

    action = "own-safety"
    form_class = tip_forms.OwnSafetyForm
    section = "talk"

    def perform(self, data: dict[str, Any]) -> str:
        """Send it with its reason."""
        sender_messages.write_about_safety(
            tip=self.target, **data, by=self.member, keys=self.desk_keys
        )
        return "The sender can now see your message. A team lead will look at it tomorrow."


class ChangeAnswerView(TipActionView):
    """Records that the sender has made their answer about the police stricter."""

    action = "change-answer"
    form_class = tip_forms.ChangeAnswerForm
    section = "changed_answer"
    refused_field = "position"

    def perform(self, data: dict[str, Any]) -> str:
        """Seal the answer with the message in which it stands."""
        changed_answer.add(tip=self.target, **data, by=self.member, keys=self.desk_keys)
        return self.said("the sender’s stricter answer counts from now on.")


class StartView(TipActionView):
    """Shows the tip with a ready reply below what was typed; nothing is sent."""

    action = "write/start"
    form_class = tip_forms.ReadyReplyForm
    section = "talk"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the message's box."""
        return super().get_form_kwargs() | tip_forms.ids("write")

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Put the reply below: in the tip's language if it is translated, and then the English in its own box."""
        page_drafts.save(self.request)
        data = self.request.POST.copy()
        english = form.cleaned_data["reply"].text
        own = replies.translated(english, self._language())
        begins = {"text": english, "english": ""}
        if own:
            begins = {"text": own, "english": english}
        for name, words in begins.items():
            typed = form.cleaned_data[name].strip()
            data[f"write-{name}"] = "\n\n".join(filter(None, (typed, words)))
        begun = tip_forms.WriteForm(data, **tip_forms.ids("write"))
        return self.show_target(Attempt("write", begun))

    def _language(self) -> str:
        entries = opening.open_all(tip=self.target, keys=self.desk_keys)
        with suppress(Refused):
            return language(
                entries, latest=translation.latest(tip=self.target, keys=self.desk_keys)
            )
        return ""

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """There is no such reply."""
        raise Http404


class RevealView(TipActionView):
    """Shows the contact details once, after their showing is recorded with its reason."""

    action = "reveal"
    title = "Show contact details"
    form_class = tip_forms.RevealForm
    keys = "fresh"
    section = "contact"
    right = REVEAL_CONTACT
    refused_field = "reason"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Record the reason, then show them."""
        tip = self.target
        reason = form.cleaned_data["reason"]
        try:
            contact = opening.reveal(tip=tip, by=self.member, keys=self.desk_keys, reason=reason)
        except Refused as refusal:
            form.add_error(self.refused_field, str(refusal))
            return self.form_invalid(form)
        page_drafts.save(self.request, used=page_drafts.names(form))
        revealed = []
        for week, its in contact:
            labelled = [(questions.question(name).label, text) for name, text in its.items()]
            revealed.append((week, labelled))
        title = f"Contact details of {tip.reference}"
        entries = opening.open_all(tip=tip, keys=self.desk_keys)
        chosen = asking.may_phone(entries)
        differ = any(its != contact[0][1] for _week, its in contact) or not asking.has_one_holder(
            entries
        )
        context = lock.page(self.request, title=title)
        context |= {"tip": tip, "contact": revealed, "chosen": chosen, "differ": differ}
        return TemplateResponse(self.request, "admin/reports/tips/contact.html", context)


class AcknowledgeView(TipActionView):
    """Gives an urgent tip to the member, who needs no unlocked desk for it."""

    action = "acknowledge"
    section = "alarm"
    keys: ClassVar[actions.KeysNeeded] = "none"

    def perform(self, data: dict[str, Any]) -> str:
        triaging.acknowledge(tip=self.target, by=self.member)
        return self.said(
            "you have it. Reminders start again if there is no decision within 2 hours."
        )


class HandBackView(AcknowledgeView):
    """Gives it back to nobody."""

    action = "hand-back"

    def perform(self, data: dict[str, Any]) -> str:
        triaging.hand_back(tip=self.target, by=self.member)
        return self.said("you have handed this back. We email reminders until someone has it.")


class TakeBackView(TipActionView):
    """Takes a message to the sender back."""

    action = "take-back"
    section = "talk"

    def perform(self, data: dict[str, Any]) -> str:
        message = self.row(Message, missing="We cannot find this message.")
        sender_messages.take_back(message=message, by=self.member)
        return "Withdrawal requested. On Monday this page will show whether the sender had already seen the message."


class UndoAnswerView(TipActionView):
    """Lets what the sender answered before count again."""

    action = "undo-answer"
    form_class = tip_forms.UndoAnswerForm
    section = "changed_answer"
    right = RUN_DESK
    refused_field = "reason"

    def perform(self, data: dict[str, Any]) -> str:
        change = self.row(ChangedAnswer, missing="We cannot find this change.")
        changed_answer.undo(
            change=change, reason=data["reason"], by=self.member, keys=self.desk_keys
        )
        return self.said("what the sender answered before counts again.")


class DenialView(TipActionView):
    """Says whether the tip denies what others say."""

    action = "denies"
    form_class = tip_forms.DenialForm
    section = "related"

    def perform(self, data: dict[str, Any]) -> str:
        denies = data["denies"] == "yes"
        denials.mark(
            tip=self.target, denies=denies, seen=data["seen"], by=self.member, keys=self.desk_keys
        )
        if denies:
            return self.said("marked as “Denies it”. It counts as no source.")
        return self.said("no longer marked as “Denies it”.")


class LookView(TipActionView):
    """Marks a decision about danger as looked at."""

    action = "look"
    section = "safety"
    right = RUN_DESK

    def perform(self, data: dict[str, Any]) -> str:
        made = self.row(SafetyDecision, missing="We cannot find this decision.")
        safety.mark_reviewed(decision=made, by=self.member, keys=self.desk_keys)
        return self.said("you have looked at the decision about danger.")


class CallView(TipActionView):
    """Seals to whom a tip was passed on by phone."""

    action = "call"
    form_class = tip_forms.CallForm
    section = "calls"

    def perform(self, data: dict[str, Any]) -> str:
        """Record it, and say what became of the tip."""
        before = self.target.status
        new = urgent_calls.add(tip=self.target, **data, by=self.member, keys=self.desk_keys)
        said = self.said("your call is recorded.")
        if self.target.status != before:
            said += f" The tip is now “{self.target.get_status_display()}”."
        elif new.police and self.target.decided is None and safety.is_asked(tip=self.target):
            said += " The tip stays open: something came after this call. Decide it on this page."
        elif new.police and self.target.decided is None:
            said += " The tip stays open until you also record a call for the child."
        return said


class ReviewView(TipActionView):
    """Takes what a second person found of a call."""

    action = "review"
    form_class = tip_forms.ReviewForm
    section = "calls"
    refused_field = "found"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the fields of the call that the address names."""
        return super().get_form_kwargs() | tip_forms.ids(f"review-{self.kwargs['row']}")

    def perform(self, data: dict[str, Any]) -> str:
        """Write down that it was looked at."""
        call = self.row(UrgentCall, missing=NO_CALL)
        urgent_calls.review(call=call, result=data["found"], by=self.member, keys=self.desk_keys)
        return self.said("you have looked at the call. We saved what you found as a note.")


class MistakeView(TipActionView):
    """Marks an own call as recorded by mistake."""

    action = "mistake"
    section = "calls"

    def perform(self, data: dict[str, Any]) -> str:
        call = self.row(UrgentCall, missing=NO_CALL)
        urgent_calls.mark_mistaken(call=call, by=self.member, keys=self.desk_keys)
        return self.said("the call stays on record as a mistake, and counts for nothing.")


class ReleaseView(TipActionView):
    """Ends a legal hold."""

    action = "release"
    section = "retention"
    right = RUN_DESK

    def perform(self, data: dict[str, Any]) -> str:
        schedule.release(tip=self.target, by=self.member, keys=self.desk_keys)
        return self.said("the legal hold has ended.")


class NeededView(TipActionView):
    """Says that a tip is still needed, which takes no unlocked desk."""

    action = "needed"
    right = RUN_DESK
    keys: ClassVar[actions.KeysNeeded] = "none"

    def perform(self, data: dict[str, Any]) -> str:
        schedule.still_needed(tip=self.target, by=self.member)
        return self.said("marked as still needed. We will ask you again in 6 months.")


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' addresses, below the tips': `<tip>/<action>/`, called `reports_tip_<action>`."""
    texts = (
        GradeView,
        WordingView,
        HoldsView,
        AsideView,
        TranslateView,
        WriteView,
        OwnSafetyView,
        ChangeAnswerView,
    )
    buttons = (AcknowledgeView, HandBackView, ReleaseView, NeededView)
    acts = (SaveView, LeaveView, DenialView, *texts, RevealView, CallView, *buttons)
    of_a_row = (TakeBackView, UndoAnswerView, LookView, ReviewView, MistakeView)
    return [
        *actions.addresses(acts, prefix="reports_tip", wrap=wrap),
        *actions.addresses(of_a_row, prefix="reports_tip", wrap=wrap, key="<uuid:pk>/<uuid:row>"),
        path("<uuid:pk>/write/start/", wrap(StartView.as_view()), name="reports_tip_start"),
        path(
            "<uuid:pk>/wording/start/",
            wrap(FromTranslationView.as_view()),
            name="reports_tip_from_translation",
        ),
        path("<uuid:pk>/<uuid:entry>/<int:number>/", wrap(picture), name="reports_tip_picture"),
    ]


@needs(READ_TIP)
def picture(request: HttpRequest, pk: str, entry: str, number: int) -> HttpResponse:
    """Send one picture, after its reading is recorded; the site's wrapper says that no browser may keep it."""
    tip = tip_for(request, pk)
    keys = lock.keys_of(request)
    if keys is None:
        return redirect(lock.unlock_first(reverse("admin:reports_tip_change", args=[tip.pk])))
    entry_row = get_object_or_404(Entry.objects.select_related("tip"), pk=entry, tip=tip)
    try:
        jpeg = opening.picture(
            entry=entry_row, number=number, by=cast("User", request.user), keys=keys
        )
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal
    headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(jpeg, content_type="image/jpeg", headers=headers)
