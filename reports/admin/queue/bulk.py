"""Acts on several tips of the queue: each through the verb of the tip's page, with its own record, and one message."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core.action_form import ActionForm
from core.text import plural
from reports.admin.pages import undo
from reports.admin.pages.actions import RecordNumber, choose
from reports.admin.pages.history import refusal_text
from reports.admin.pages.lock import PassphraseForm, keys_of, keys_or_unlocked, page
from reports.admin.tips.tip_forms import CHOOSE_ENQUIRY, CHOOSE_LABEL, NOT_A_COLLEAGUE, EnquiryField
from reports.domain import decision
from reports.domain.decision import TipChanges
from reports.domain.errors import Refused
from reports.domain.retention import schedule
from reports.domain.triage import at_end, malicious, spam, stuck, triaging, undoing
from reports.domain.triage.queue import PAGE
from reports.models import Enquiry, Label, Status, Tip

KEY = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # of a row, as text
NOT_CHOSEN = (
    Status.NEW,
    Status.NEEDS_MORE,
    Status.PASSED_ON,
    Status.SPAM,
    Status.LINKED,
)  # the last takes an enquiry
# What is said of one tip and of several.
MOVED_TO_END = (
    "1 tip moved to the end of the queue. We keep it until someone reads it.",
    "{} tips moved to the end of the queue. We keep them until someone reads them.",
)
MOVED_BACK_UP = ("1 tip moved back up.", "{} tips moved back up.")


class BulkForm(ActionForm):
    """The number of what the list showed; each act adds its choice, called `choice`."""

    seen = RecordNumber()


class TickedForm(forms.Form):
    """The ticked rows, by the name that Django's lists give them; what is not the key of a tip is ignored."""

    _selected_action = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    @property
    def keys(self) -> set[str]:
        """Return the ticked tips' keys."""
        ticked = None
        if self.is_valid():
            ticked = self.cleaned_data["_selected_action"]
        return set(filter(KEY.fullmatch, ticked or ()))


def _of(field: type[forms.Field], problem: Any, **more: Any) -> forms.Field:
    """Return a field for a choice that has to be made."""
    return field(error_messages=choose(problem), **more)


def _member() -> forms.Field:
    more = {"queryset": triaging.members(), "required": False, "empty_label": "Nobody"}
    return _of(forms.ModelChoiceField, NOT_A_COLLEAGUE, label="Assign to", **more)


def _status() -> forms.Field:
    choices = [choice for choice in Status.choices if choice[0] not in NOT_CHOSEN]
    return _of(
        forms.ChoiceField, "Choose a status for the tips.", label="New status", choices=choices
    )


def _enquiry() -> forms.Field:
    rows = Enquiry.objects.under_way().in_working_order()
    return _of(
        EnquiryField,
        CHOOSE_ENQUIRY,
        label="Enquiry",
        queryset=rows,
        empty_label="Choose an enquiry",
    )


def _label() -> forms.Field:
    rows = Label.objects.filter(retired=False)
    return _of(forms.ModelChoiceField, CHOOSE_LABEL, label="Label", queryset=rows, empty_label=None)


def _unread() -> forms.Field:
    label = f"Include unread tips: they are deleted after {schedule.days_kept()[Status.SPAM]} days"
    return forms.BooleanField(label=label, required=False)


def _why_malicious() -> forms.Field:
    return _of(
        forms.ChoiceField,
        malicious.CHOOSE,
        label="Why?",
        choices=[("", "Choose"), *malicious.REASONS.items()],
    )


def _malicious(why: str) -> TipChanges:
    return TipChanges(malicious=True, why_malicious=why)


class BulkAct(NamedTuple):
    """An act: its button, what it changes, and the field for what is chosen; None where nothing is."""

    button: Any
    changes: Callable[[Any], TipChanges]
    field: Callable[[], forms.Field] | None = None
    permission: str = "triage"


ACTS = {
    "assign": BulkAct("Assign tips", lambda member: TipChanges(assignee=member), _member),
    "move": BulkAct("Change status", lambda status: TipChanges(status=status), _status),
    "enquiry": BulkAct(
        "Add to enquiry", lambda enquiry: TipChanges(link=[enquiry]), _enquiry, permission="enquiry"
    ),
    "label": BulkAct("Add label", lambda label: TipChanges(put_on=[label]), _label),
    "malicious": BulkAct("Mark as possibly malicious", _malicious, _why_malicious),
    "spam": BulkAct("Mark as spam", lambda _include: TipChanges(status=Status.SPAM), _unread),
}


def _action(do: str) -> Any:
    """Return Django's action for an act: it asks for what is chosen."""

    @admin.action(permissions=[ACTS[do].permission], description=ACTS[do].button)
    def act(_room: Any, request: HttpRequest, _tips: Any) -> HttpResponse | None:
        return _ask(request, do)

    act.__name__ = do
    return act


@admin.action(permissions=["triage"], description="Move to the end of the queue")
def move_to_end(_room: Any, request: HttpRequest, _tips: Any) -> None:
    """Move each tip to the end of the queue with all that say the same; works on a locked desk too."""
    _each_with_the_same(request, at_end.move_to_end, MOVED_TO_END)


@admin.action(permissions=["triage"], description="Move back up")
def move_back_up(_room: Any, request: HttpRequest, _tips: Any) -> None:
    """Move each tip back up with all that say the same."""
    _each_with_the_same(request, at_end.move_back_up, MOVED_BACK_UP)


ACTIONS = [*map(_action, ACTS), move_to_end, move_back_up]


def _ticked(request: HttpRequest) -> tuple[list[Tip], str]:
    """Return the ticked tips that are there, and how many are not; none, and a message, for more than a page.

    They are looked up by themselves: a tip that the list's filters leave out by now is still the one that was ticked.
    """
    ticked = TickedForm(request.POST).keys
    if len(ticked) > PAGE:
        messages.warning(
            request, f"You ticked more than {PAGE} tips, so nothing was changed. Tick fewer."
        )
        return [], ""
    tips = list(Tip.objects.visible_to(request.user).filter(pk__in=ticked).in_reading_order())
    missing = len(ticked) - len(tips)
    gone = ""
    if missing:
        gone = plural(missing, "1 no longer exists.", f"{missing} no longer exist.")
    if not tips:
        messages.warning(request, f"Nothing was changed. {gone}")
    return tips, gone


def _spam(tips: list[Tip]) -> dict[str, list[Tip]]:
    """Return which of these tips can be spam and were read, which can be and were not, and which cannot be."""
    read = []
    unread = []
    stay = []
    for tip in tips:
        if spam.kept_from_spam(tip=tip):
            stay.append(tip)
        elif tip.unread:
            unread.append(tip)
        else:
            read.append(tip)
    return {"read": read, "unread": unread, "stay": stay}


def _ask(request: HttpRequest, do: str) -> HttpResponse | None:
    """Show the ticked tips and ask for the choice, and on a locked desk for the words; do it once there are both.

    What unlocks the desk does nothing else: the member looks at the tips again, and presses again.
    """
    tips, gone = _ticked(request)
    if not tips:
        return None
    act = ACTS[do]
    words = PassphraseForm(request.POST if "passphrase" in request.POST else None)
    form = BulkForm(request.POST if "chosen" in request.POST else None, initial=request.POST.dict())
    if act.field:
        form.fields["choice"] = act.field()
    keys = keys_of(request)
    spams = _spam(tips) if do == "spam" else None
    choice = form.is_valid() and form.cleaned_data.get("choice")
    none_read = spams and spams["unread"] and not spams["read"]
    if keys and form.is_valid() and none_read and not choice:
        form.add_error(
            "choice", "You have read none of these tips. To mark them all the same, tick this box."
        )
    if keys and form.is_valid():
        unread = spams["unread"] if spams and not choice else []
        facts = {"seen": form.cleaned_data["seen"], "keys": keys}
        _do(request, tips, act.changes(choice), facts, gone=gone, unread=unread)
        return None
    unlocked = keys is not None or (words.is_bound and keys_or_unlocked(request, words) is not None)
    return _act_page(
        request, do, tips, {"form": form, "passphrase_form": None if unlocked else words}
    )


def _act_page(
    request: HttpRequest, do: str, tips: list[Tip], boxes: dict[str, Any]
) -> TemplateResponse:
    spam = _spam(tips) if do == "spam" else None
    context = page(request, title=str(ACTS[do].button)) | {
        **boxes,
        "do": do,
        "tips": tips,
        "unread": sum(tip.unread for tip in tips),
        "spam": spam,
        "here": request.get_full_path(),
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/queue/act.html", context)


def _do(
    request: HttpRequest,
    tips: list[Tip],
    changes: TipChanges,
    facts: dict[str, Any],
    *,
    gone: str,
    unread: list[Tip],
) -> None:
    """Do it to each tip but the `unread` by itself; say how many went, which were refused, and why.

    `facts` has what the page had `seen` and the desk's `keys`, as `decision.save` takes them.
    """
    by = cast("User", request.user)
    press = undoing.new_press()
    refused = []
    for tip in (tips := [tip for tip in tips if tip not in unread]):
        try:
            decision.save(tip=tip, changes=changes, **facts, by=by, among_others=True, press=press)
        except Refused as refusal:
            refused.append(f"{tip.reference}: {refusal_text(refusal)}")
            continue
        if unsent := stuck.warning(tip=tip):
            messages.warning(request, unsent)
    number = len(tips) - len(refused)
    went = ", ".join(decision.in_words(changes))
    done = plural(number, f"1 tip {went}.", f"{number} tips {went}.")
    parts = [done if number else "Nothing was changed."]
    if unread:
        parts.append(
            plural(len(unread), "1 unread tip left out.", f"{len(unread)} unread tips left out.")
        )
    _report(request, parts, [*refused, *filter(None, [gone])], press=press, warn=bool(unread))


def _each_with_the_same(
    request: HttpRequest, verb: Callable[..., int], moved: tuple[str, str]
) -> None:
    """Do it to each tip with all that say the same, and say of how many."""
    tips, gone = _ticked(request)
    count = 0
    refused = [gone] if gone else []
    press = undoing.new_press()
    for tip in {tip.alike or tip.pk: tip for tip in tips}.values():
        try:
            count += verb(tip=tip, by=cast("User", request.user), press=press)
        except Refused as refusal:
            refused.append(f"{tip.reference}: {refusal_text(refusal)}")
    if tips:
        sentence = "Nothing was changed."
        if count:
            sentence = plural(count, *moved).format(count)
        _report(request, [sentence], refused, press=press)


def _report(
    request: HttpRequest, parts: list[str], refused: list[str], *, press: str, warn: bool = False
) -> None:
    """Say what was done in one message, whose line can undo it, and what was refused."""
    if refused:
        parts.append(f"Refused: {len(refused)}.")
    tags = f"{undo.MARK}{press}" if undoing.offers(press=press) else ""
    (messages.warning if warn or refused else messages.success)(
        request, " ".join([*parts, *refused]), tags
    )
