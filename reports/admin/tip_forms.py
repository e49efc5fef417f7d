"""The forms of a tip's page, one for each act; `reports/admin/tip_actions.py` does what they ask for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from reports.admin.actions import RecordNumber, TextArea
from reports.domain import triage
from reports.domain.handover import grading, own_words
from reports.domain.tips import opening
from reports.domain.triage import urgent_calls
from reports.models import Enquiry, Label, ReplyTemplate, Status, UrgentCall

CHOOSE_LABEL = _("Choose a label.")
CHOOSE_ENQUIRY = _("Choose an enquiry, or type a codename for a new one.")
CHOOSE_MOVE = _("Choose where to move the tip.")
CHOOSE_GRADE = _("Choose a source, a letter and a handling code from the lists.")
CHOOSE_REASON = _("Choose why you need the contact details.")
CHOOSE_CALLED = _("Choose whom you called.")
NO_SUCH_CALL = _("There is no such call.")
NOT_A_COLLEAGUE = _("That person cannot be given a tip any more. Choose somebody else.")
UNDECIDED = ("", _("Not decided yet"))
STAYS = "stays-"  # before the key of each thing that could show who sent the tip


def _messages(text: Any) -> dict[str, Any]:
    return {"required": text, "invalid_choice": text}


def _text(**options: Any) -> forms.CharField:
    """Return a field whose rules the domain knows: it may be empty, and stays as it was typed."""
    return forms.CharField(required=False, strip=False, **options)


def _line(label: Any, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return _text(label=label, max_length=urgent_calls.LENGTH, widget=widget)


def ids(action: str) -> dict[str, Any]:
    """Return what gives a form's fields the ids that they have on the tip's page: `<action>_<field>`."""
    return {"auto_id": f"{action.replace('/', '_')}_%s", "label_suffix": ""}


class TipActionForm(forms.Form):
    """What every act on a tip's page sends: where to go on, and the record's number as of which the tip was seen."""

    use_required_attribute = False
    next = _text(widget=forms.HiddenInput)
    as_of = RecordNumber()


class MoveForm(TipActionForm):
    """Where to move a tip; the page draws the places as buttons."""

    to = forms.ChoiceField(choices=Status.choices, error_messages=_messages(CHOOSE_MOVE))
    then = forms.BooleanField(label=_("Then read the next one"), required=False)


class AssignForm(TipActionForm):
    """To whom to give a tip."""

    to = forms.ModelChoiceField(
        label=_("Given to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody"),
        error_messages=_messages(NOT_A_COLLEAGUE),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the members who may triage now."""
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = triage.members()  # type: ignore[attr-defined]


class NoteForm(TipActionForm):
    """A note."""

    text = _text(label=_("Write a note"), widget=TextArea(3))

    def __init__(self, *args: Any, unlocked: bool = True, **kwargs: Any) -> None:
        """Say who can read it, and that a locked desk loses none."""
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["data-key"] = "w"
        self.fields["text"].help_text = (
            _("Sealed like the tip. Your colleagues at the desk can read it.")
            if unlocked
            else _("You can write one on a locked desk too: it is sealed at once.")
        )


class LabelForm(TipActionForm):
    """A label to put on or to take off."""

    label = forms.ModelChoiceField(
        label=_("Label it"),
        queryset=Label.objects.all(),
        empty_label=None,
        error_messages=_messages(CHOOSE_LABEL),
    )


class _EnquiryField(forms.ModelChoiceField):
    """An enquiry by its codename."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the status of one that does not go on."""
        return obj.codename if obj.status == "open" else f"{obj.codename} ({obj.get_status_display()})"


class UnlinkForm(TipActionForm):
    """An enquiry to take the tip out of."""

    enquiry = _EnquiryField(queryset=Enquiry.objects.all(), error_messages=_messages(CHOOSE_ENQUIRY))


class LinkForm(TipActionForm):
    """An enquiry to link the tip to, or the codename of a new one."""

    enquiry = _EnquiryField(
        label=_("Link it to"),
        queryset=Enquiry.objects.all(),
        required=False,
        empty_label=_("Choose an enquiry"),
        error_messages=_messages(CHOOSE_ENQUIRY),
    )
    codename = forms.CharField(
        label=_("Codename"),
        help_text=_("Words that say nothing: it stands in clear."),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        data = self.cleaned_data
        if not self.errors and not data["codename"] and data["enquiry"] is None:
            self.add_error(None, str(CHOOSE_ENQUIRY))
        return data


class StandAloneForm(TipActionForm):
    """Why a tip is a source of its own."""

    reason = _text(
        label=_("Why is it not the same source as the tips that it is related to?"),
        help_text=_(
            "Sealed; your colleagues can read it. Until somebody records this, related tips count as one source."
        ),
        widget=TextArea(3),
    )


def _codes(codes: dict[str, Any], *first: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [*first, *((value, format_lazy("{} {}", value, label)) for value, label in codes.items())]


class GradeForm(TipActionForm):
    """A suggested grading, and the version that the member saw."""

    source = forms.ChoiceField(
        label=_("Source"), choices=_codes(grading.SOURCE), error_messages=_messages(CHOOSE_GRADE)
    )
    information = forms.ChoiceField(
        label=_("Information"),
        choices=_codes(grading.INFORMATION, UNDECIDED),
        required=False,
        error_messages=_messages(CHOOSE_GRADE),
    )
    handling = forms.ChoiceField(
        label=_("Handling"),
        choices=_codes(grading.HANDLING, UNDECIDED),
        required=False,
        error_messages=_messages(CHOOSE_GRADE),
    )
    conditions = _text(label=_("Conditions, for handling code C"), widget=TextArea(2))
    seen = RecordNumber()


class _ReasonField(forms.CharField):
    """Why something stays; a page that did not ask for it yet changes nothing."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, and where nothing was asked, what stands."""
        return initial if data is None else data


class SanitiseForm(TipActionForm):
    """The tip in our words, and why what could show its sender stays; the questions depend on the text."""

    text = _text(
        label=_("The same in our words"),
        help_text=_("Nothing that shows who sent it, openly or between the lines. No quotes."),
        widget=TextArea(9),
    )
    removed = _text(
        label=_("What was left out"),
        help_text=_("In general words; the police read this too. For example: how the sender knows it."),
        widget=TextArea(2),
    )
    contact = _text(
        label=_("Contact that the police get"),
        help_text=_("Only if the sender has told us so. Contact details leave in this box and nowhere else."),
        max_length=own_words.BECAUSE_LENGTH,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    seen = RecordNumber()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take an answer to each question that the page asked."""
        super().__init__(*args, **kwargs)
        for name in self.data:
            if name.startswith(STAYS):
                self._ask(name)

    def ask(self, questions: Iterable[own_words.ReviewedLeak]) -> None:
        """Ask what is asked about the text now; what was typed stays."""
        for one in questions:
            self._ask(f"{STAYS}{one.leak.key}").initial = one.because

    def _ask(self, name: str) -> forms.Field:
        attrs = {"autocomplete": "off", "placeholder": _("It stays because …"), "aria-describedby": f"{name}_hint"}
        field = _ReasonField(
            required=False, strip=False, max_length=own_words.BECAUSE_LENGTH, widget=forms.TextInput(attrs)
        )
        return self.fields.setdefault(name, field)


def stays(data: dict[str, Any]) -> dict[str, str]:
    """Return the reasons in a SanitiseForm's cleaned data, by the keys of what is asked about."""
    return {name.removeprefix(STAYS): text for name, text in data.items() if name.startswith(STAYS)}


class WriteForm(TipActionForm):
    """A message to the sender; the page draws "as a question" and "without asking" as buttons."""

    text = _text(
        label=_("Write to the sender"),
        help_text=_(
            "Don’t ask what puts them at risk: nothing that they would have to go and find out, nothing that shows who "
            "they are. Whoever holds the seven words reads this, and it may not be the sender: repeat nothing from the "
            "tip."
        ),
        widget=TextArea(3),
    )
    asks = forms.ChoiceField(choices=[("yes", ""), ("no", "")], required=False)


class ReplyForm(WriteForm):
    """A reply to start from, below what was typed."""

    reply = forms.ModelChoiceField(
        queryset=ReplyTemplate.objects.all(),
        empty_label=None,
        widget=forms.Select({"aria-label": _("Reply to start from")}),
    )


class RevealForm(TipActionForm):
    """Why the contact details are needed."""

    use_required_attribute = True
    reason = forms.ChoiceField(
        label=_("Why do you need them?"),
        choices=opening.REVEAL_REASONS,
        widget=forms.RadioSelect,
        error_messages=_messages(CHOOSE_REASON),
    )


class DiscloseForm(TipActionForm):
    """To whom, when and under which reference a tip was passed on by phone."""

    to = forms.ChoiceField(
        label=_("Whom did you call?"),
        choices=urgent_calls.TO,
        widget=forms.RadioSelect,
        error_messages=_messages(CHOOSE_CALLED),
    )
    whom = _line(_("Who took the call?"))
    when = _line(_("When?"))
    reference = _line(_("Their reference"))


class ReviewForm(TipActionForm):
    """What a second person found of a call."""

    call = forms.ModelChoiceField(
        queryset=UrgentCall.objects.select_related("tip"),
        widget=forms.HiddenInput,
        error_messages=_messages(NO_SUCH_CALL),
    )
    found = _text(label=_("You are the second person: was it right, and what is left to do?"), widget=TextArea(2))


class KeysForm(forms.Form):
    """Whether single keys are on."""

    single_keys = forms.ChoiceField(choices=[("on", ""), ("off", "")])
