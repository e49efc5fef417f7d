"""The forms of a tip's page, one for each act; `reports/admin/tip_actions.py` does what they ask for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.admin.actions import RecordNumber, TextArea
from reports.domain.handover import consent, own_words, urgent_calls
from reports.domain.tips import opening
from reports.models import Message, ReplyTemplate, UrgentCall

CHOOSE_REASON = _("Choose why you need the contact details.")
CHOOSE_CALLED = _("Choose whom you called.")
NO_SUCH_CALL = _("There is no such call.")
NO_SUCH_MESSAGE = _("There is no such message.")
STAYS = "stays-"  # before the key of each thing that could show who sent the tip


def _messages(text: Any) -> dict[str, Any]:
    return {"required": text, "invalid_choice": text}


def _text(**options: Any) -> forms.CharField:
    """Return a field whose rules the domain knows: it may be empty, and stays as it was typed."""
    return forms.CharField(required=False, strip=False, **options)


def _line(label: Any, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return _text(label=label, max_length=urgent_calls.LENGTH, widget=widget)


def ids(prefix: str) -> dict[str, Any]:
    """Return what gives a form's fields the names and ids that they have on the tip's page: `<prefix>-<field>`."""
    return {"prefix": prefix, "auto_id": "%s", "label_suffix": ""}


class TipActionForm(forms.Form):
    """What an act sends of a tip's page, which is one `<form>`: so nothing in it is required by the browser."""

    use_required_attribute = False


class StandAloneForm(TipActionForm):
    """Why a tip is a source of its own."""

    reason = _text(
        label=_("Why is it not the same source as the tips that it is related to?"),
        help_text=_(
            "Sealed; your colleagues can read it. Until somebody records this, related tips count as one source."
        ),
        widget=TextArea(3),
    )


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
        asked = self.add_prefix(STAYS)
        for name in self.data:
            if name.startswith(asked):
                self._ask(STAYS + name.removeprefix(asked))

    def ask(self, questions: Iterable[own_words.ReviewedLeak]) -> None:
        """Ask what is asked about the text now; what was typed stays."""
        for one in questions:
            self._ask(f"{STAYS}{one.leak.key}").initial = one.because

    def _ask(self, name: str) -> forms.Field:
        attrs = {"autocomplete": "off", "placeholder": _("It stays because …")}
        attrs["aria-describedby"] = f"{self.add_prefix(name)}_hint"
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
            "they are. Whoever holds the seven words reads this, and it may not be the sender: name nobody and nothing "
            "that a tip told us, this one or another."
        ),
        widget=TextArea(3, key="m"),
    )
    asks = forms.ChoiceField(choices=[("yes", ""), ("no", "")], required=False)


class SafetyForm(TipActionForm):
    """A message about the sender's own safety, and why it is one."""

    text = _text(
        label=_("Message about their safety"),
        help_text=_("Say what they need to know. Ask nothing. Name nobody, and nothing that a tip told us."),
        widget=TextArea(3),
    )
    reason = _text(
        label=_("Why is this about the sender’s own safety?"),
        help_text=_("One sentence. It is locked, and a team lead reads it tomorrow. The sender does not see it."),
        widget=TextArea(2),
    )


class TakeBackForm(TipActionForm):
    """Which message a button takes back."""

    message = forms.ModelChoiceField(queryset=Message.objects.none(), error_messages=_messages(NO_SUCH_MESSAGE))


class ReplyForm(WriteForm):
    """A reply to start from, below what was typed; which one is never kept as a draft."""

    reply = forms.ModelChoiceField(
        queryset=ReplyTemplate.objects.all(),
        empty_label=None,
        widget=forms.Select({"aria-label": _("Reply to start from")}),
    )


class RevealForm(TipActionForm):
    """Why the contact details are needed."""

    reason = forms.ChoiceField(
        label=_("Why do you need them?"),
        choices=opening.REVEAL_REASONS,
        widget=forms.RadioSelect,
        error_messages=_messages(CHOOSE_REASON),
    )

    def offer(self, reasons: Iterable[str]) -> None:
        """Offer these reasons alone, or all where none are named."""
        if wanted := set(reasons):
            choices = [one for one in opening.REVEAL_REASONS.items() if one[0] in wanted]
            self.fields["reason"].choices = choices  # type: ignore[attr-defined]


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
    reference = _line(_("Their reference, if they gave one"))
    ground = forms.ChoiceField(
        label=_("Is someone in danger?"),
        choices=[("", _("No, or not that we know")), *consent.Ground.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    danger = _text(
        label=_("Who is in danger, and of what?"),
        help_text=_(
            "Write a sentence. You can leave it empty if the sender agrees to the police. You can also leave it empty "
            "if the sender ticked “I am under 18” and you called children’s services or the safeguarding contact."
        ),
        max_length=urgent_calls.LENGTH,
        widget=TextArea(2),
    )


class ReviewForm(TipActionForm):
    """What a second person found of a call."""

    call = forms.ModelChoiceField(
        queryset=UrgentCall.objects.select_related("tip"),
        widget=forms.HiddenInput,
        error_messages=_messages(NO_SUCH_CALL),
    )
    found = _text(label=_("You are the second person: was it right, and what is left to do?"), widget=TextArea(2))


class CallForm(forms.Form):
    """Which call a button is about."""

    call = forms.UUIDField()


class KeysForm(forms.Form):
    """Whether single keys are on."""

    single_keys = forms.ChoiceField(choices=[("on", ""), ("off", "")])
