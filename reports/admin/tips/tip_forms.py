"""The forms of a tip's page, one for each act; `reports/admin/tips/acts.py` does what they ask for."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import formats
from django.utils.text import Truncator

from core.action_form import ActionForm
from reports import questions
from reports.admin.pages.actions import RecordNumber, TextArea, choose
from reports.admin.pages.what_was_done import WhatWasDoneFields, danger_in
from reports.domain import enquiries
from reports.domain.decision import TipChanges
from reports.domain.mailbox import sender_messages
from reports.domain.referrals import consent, grading, own_words, urgent_calls
from reports.domain.retention import closed_pictures
from reports.domain.rights import VIEW_ENQUIRY
from reports.domain.tips import opening
from reports.domain.tips.metadata import monday
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.triage import malicious, triaging
from reports.domain.triage.queue import PAGE
from reports.models import (
    ClosedPictures,
    Enquiry,
    Label,
    ReplyTemplate,
    Status,
    Tip,
)
from reports.text import commonest
from reports.text.hidden_characters import pieces

CHOOSE_LABEL = "Choose a label."
CHOOSE_GRADE = "Choose a source, a letter and a handling code."
# What each number, letter and code of a grading means, in a sentence.
MEANS = {
    "1": "we know who this is, and they were right before",
    "2": "we cannot say how reliable the sender is",
    "3": "we have a reason not to believe the sender",
    "A": "the sender saw or heard it",
    "B": "someone told the sender, and something else confirms it",
    "D": "we cannot say how the sender knows it",
    "E": "we think that it is wrong or made up",
    "information C": "someone told the sender",
    "P": "the police may share it as the law allows",
    "handling C": "the police may share it only as you write below",
}
CHOOSE_ENQUIRY = "Choose an enquiry, or type a codename for a new one."
NOT_A_COLLEAGUE = "You can no longer assign tips to this person. Choose someone else."
LEFT_OPEN = ("", "– Open")
LEAVE_OPEN = "Leave open"
STAYS = "stays-"  # before the key of each thing that could show who sent the tip


def ground_choices(grounds: Iterable[consent.Ground]) -> list[tuple[str, str]]:
    """Return the answers to whether someone is in danger."""
    return [("", "No, or not that we know"), *((ground.value, ground.label) for ground in grounds)]


def _text(**options: Any) -> forms.CharField:
    """Return a field whose rules the domain knows: it may be empty, and stays as it was typed."""
    return forms.CharField(required=False, strip=False, **options)


def _line(label: Any, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": "off", **attrs})
    return _text(label=label, max_length=urgent_calls.LENGTH, widget=widget)


def ids(prefix: str) -> dict[str, Any]:
    """Return what gives a form's fields the names and ids that they have on the tip's page: `<prefix>-<field>`."""
    return {"prefix": prefix, "auto_id": "%s", "label_suffix": ""}


def _codes(
    name: str, label: Any, codes: dict[str, Any], *first: tuple[str, Any]
) -> forms.ChoiceField:
    """Return a list of a grading's codes, each with what it means."""
    choices = [*first]
    for value, code_name in codes.items():
        means = MEANS.get(f"{name} {value}", MEANS.get(value))
        choices.append((value, f"{value} {code_name}: {means}"))
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        error_messages={"invalid_choice": CHOOSE_GRADE},
    )


class EnquiryField(forms.ModelChoiceField):
    """An enquiry by its codename."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the status of one that does not go on."""
        return _named(obj)


def _named(enquiry: Enquiry) -> str:
    if enquiry.status == "open":
        return enquiry.codename
    return f"{enquiry.codename} ({enquiry.get_status_display()})"


class DayField(forms.DateField):
    """A day, which differs from another only if it is written otherwise: a form sends both as text."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the two differ."""
        return str(initial or "") != str(data or "")


class DecisionForm(WhatWasDoneFields, ActionForm):
    """Everything that one press saves; a member's form has the parts that they have the right to.

    The page has hidden in it what it showed of each part, so `changed_data` names what the member changed. Each label,
    and each enquiry that the tip is part of, is a box of its own: what another member did to another one stays.
    """

    status = forms.ChoiceField(
        label="Status",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose a status for the tip."},
    )
    why_malicious = forms.ChoiceField(
        label="Why may it be malicious?",
        choices=[("", "Choose"), *malicious.REASONS.items()],
        required=False,
        error_messages={"invalid_choice": malicious.CHOOSE},
    )
    malicious = forms.BooleanField(
        label="Possibly malicious",
        help_text="A team lead decides if it goes to the police. We tell its sender no result and count it nowhere.",
        required=False,
    )
    assignee = forms.ModelChoiceField(
        label="Who has it",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        widget=forms.Select({"data-key": "g"}),
        error_messages={"invalid_choice": NOT_A_COLLEAGUE},
    )
    enquiry = EnquiryField(
        label="Enquiry",
        queryset=Enquiry.objects.all(),
        required=False,
        widget=forms.Select({"data-key": "e"}),
        error_messages={"invalid_choice": CHOOSE_ENQUIRY},
    )
    codename = forms.CharField(
        label="Codename of a new enquiry",
        help_text="Choose words that say nothing about the enquiry. The codename is not encrypted.",
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    look_again = DayField(
        label="Look again on",
        required=False,
        error_messages={"invalid": "Type the day like this: 2027-03-28."},
    )
    note = forms.CharField(
        label="Note",
        help_text="Encrypted. The team can read it.",
        required=False,
        strip=False,
        widget=TextArea(3, key="n"),
    )
    copies = forms.CharField(
        required=False, max_length=10 * PAGE
    )  # the references, if the box is ticked
    seen = RecordNumber()
    then = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tip: Tip, by: User, **kwargs: Any) -> None:
        """Leave out what `by` has no right to."""
        super().__init__(*args, **kwargs)
        self.tip = tip
        self.fields["status"].choices = Status.choices  # type: ignore[attr-defined]  # which of them, says the verb
        self.fields["assignee"].queryset = triaging.members()  # type: ignore[attr-defined]
        self.labels = {f"label-{label.pk}": label for label in Label.objects.all()}
        self.linked = {f"linked-{enquiry.pk}": enquiry for enquiry in enquiries.of_tip(tip=tip)}
        for name, label in self.labels.items():
            self.fields[name] = forms.BooleanField(label=label.name, required=False)
        for name, enquiry in self.linked.items():
            self.fields[name] = forms.BooleanField(label=_named(enquiry), required=False)
        if not by.has_perm(VIEW_ENQUIRY):
            self.without(("enquiry", "codename", *self.linked))
        self.initial = {name: self.data.get(self.add_initial_prefix(name)) for name in self.fields}

    def clean(self) -> dict[str, Any]:
        """Refuse what does not go together: of an enquiry and in none; copies of what stays open, or is linked."""
        data = super().clean() or self.cleaned_data
        stays_linked = any(data.get(name) for name in (*self.linked, "enquiry", "codename"))
        if data.get("status") == Status.LINKED != self.tip.status and not stays_linked:
            self.add_error("status", CHOOSE_ENQUIRY)
        if data.get("copies") and (
            data.get("status") or self.tip.status
        ) not in triaging.CLOSING - {Status.LINKED}:
            self.add_error(
                "copies", "Choose a status that closes the tip. The others will get the same one."
            )
        if data.get("malicious") and not self.tip.malicious and not data.get("why_malicious"):
            self.add_error("why_malicious", malicious.CHOOSE)
        return data

    def without(self, names: Iterable[str]) -> None:
        """Take these parts out."""
        for name in names:
            self.fields.pop(name, None)

    @cached_property
    def changed(self) -> set[str]:
        """Return the parts that differ from what the page showed, of the status only if a button of its row is pressed.

        One that the page did not show differs from nothing.
        """
        changed = set(self.changed_data) - {"seen"}
        if not self["status"].data:
            changed.discard("status")
        return changed

    def changes(self) -> TipChanges:
        """Return what to change, once the form is valid."""
        data = self.cleaned_data
        parts = {"status", "malicious", "assignee", "look_again"}
        changes = cast("TipChanges", {name: data[name] for name in self.changed & parts})
        if changes.get("status") == self.tip.status:  # of a new answer no choice is made beforehand
            del changes["status"]
            changes["as_it_is"] = True
        if changes.get("malicious"):
            changes["why_malicious"] = data["why_malicious"]
        changes["put_on"] = self._changed_to(self.labels, ticked=True)
        changes["take_off"] = self._changed_to(self.labels, ticked=False)
        changes["unlink"] = self._changed_to(self.linked, ticked=False)
        if data.get("enquiry"):
            changes["link"] = [data["enquiry"]]
        if data.get("codename"):
            changes["begin"] = data["codename"]
        if danger := danger_in(data):
            changes["danger"] = danger
        return changes

    def _changed_to[Row](self, boxes: Mapping[str, Row], *, ticked: bool) -> list[Row]:
        """Return the rows whose boxes a member has ticked, or whose ticks they took away."""
        data = self.cleaned_data
        return [
            row
            for name, row in boxes.items()
            if name in self.changed and bool(data[name]) == ticked
        ]

    def let_go(self, used: Iterable[str]) -> None:
        """Empty the boxes with these names, whose text was saved."""
        self._put(dict.fromkeys(used, ""))

    def _put(self, values: Mapping[str, str]) -> None:
        data = cast("QueryDict", self.data).copy()
        for name, value in values.items():
            data[name] = value
        self.data = data

    def begin_from(self, *, seen: int) -> None:
        """Offer what can be chosen for the tip as it is at event `seen`, and show what it has.

        A form that was sent and not saved goes on from there, with everything in it that was changed.
        """
        changed = self.changed if self.is_bound else set()
        on = set(self.tip.labels.all())
        self.without(
            name for name, label in self.labels.items() if label.retired and label not in on
        )
        self._offer()
        status = "" if self.tip.new_answer else self.tip.status
        has: dict[str, Any] = {
            "status": status,
            "assignee": self.tip.assignee_id or "",
            "malicious": self.tip.malicious,
            "look_again": self.tip.look_again or "",
        }
        for name, label in self.labels.items():
            has[name] = label in on
        has |= dict.fromkeys(self.linked, True)
        stands = {name: value for name, value in has.items() if name in self.fields}
        self.initial = stands | {"seen": seen}
        self.before = {self.add_initial_prefix(name): str(value) for name, value in stands.items()}
        if self.is_bound:
            again = {
                self.add_prefix(name): str(value)
                for name, value in self.initial.items()
                if name not in changed
            }
            self._put(again | self.before)

    def _offer(self) -> None:
        """Draw only what may be chosen now; a tip becomes part of an enquiry by linking it to one that is under way."""
        under_way = any(
            row.status != "closed" for name, row in self.linked.items() if name in self.fields
        )
        moves = [to for to in triaging.moves_of(tip=self.tip) if to != Status.LINKED or under_way]
        offered = [self.tip.status, *moves]
        labels = {to: Status(to).label for to in offered}
        if self.tip.new_answer:
            labels[self.tip.status] = "Read, nothing changes"
        elif self.tip.decided is None:
            labels[self.tip.status] = LEAVE_OPEN
        self.fields["status"].choices = list(labels.items())  # type: ignore[attr-defined]
        if field := cast("EnquiryField | None", self.fields.get("enquiry")):
            others = Enquiry.objects.under_way().exclude(
                pk__in=[enquiry.pk for enquiry in self.linked.values()]
            )
            field.queryset = others.in_working_order()
            field.empty_label = "Link to another enquiry" if self.linked else "None"


class GradeForm(ActionForm):
    """The suggested grading."""

    source = _codes("source", "Source", grading.SOURCE)
    information = _codes("information", "Information", grading.INFORMATION, LEFT_OPEN)
    handling = _codes("handling", "Handling", grading.HANDLING, LEFT_OPEN)
    conditions = _text(label="Conditions, for handling code C", widget=TextArea(2))
    seen = RecordNumber()


class DenialForm(ActionForm):
    """Whether the tip denies what others say: a button."""

    denies = forms.ChoiceField(
        choices=[("yes", ""), ("no", "")], error_messages=choose("Press one of the buttons.")
    )
    seen = RecordNumber()


class ClosedPicturesForm(ActionForm):
    """What shall become of closed pictures, and what the police call it."""

    end = forms.ChoiceField(
        label="What shall become of them?",
        choices=ClosedPictures.End,
        widget=forms.RadioSelect,
        error_messages=choose("Choose what shall become of the pictures."),
    )
    reference = _text(
        label="Police reference",
        max_length=closed_pictures.LENGTH,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class AgreeForm(forms.Form):
    """What another team lead proposed, as the member read it."""

    seen = forms.CharField(widget=forms.HiddenInput)


class LeaveForm(ActionForm):
    """To whom a tip is left that nobody has decided: a button."""

    whom = forms.ChoiceField(
        choices=[("me", ""), ("nobody", "")],
        error_messages=choose("Choose whom you leave the tip to."),
    )
    seen = RecordNumber()


class _ReasonField(forms.CharField):
    """Why something stays; a page that did not ask for it yet changes nothing."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, and where nothing was asked, what stands."""
        return initial if data is None else data


class WordingForm(ActionForm):
    """The tip in our words, and why what could show its sender stays; the questions depend on the text."""

    text = _text(
        label="Our wording for the police",
        help_text="Write the tip again without anything that shows who sent it. Do not quote.",
        widget=TextArea(9),
    )
    removed = _text(
        label="What was left out",
        help_text="In general words, because the police read this too.",
        widget=TextArea(2),
    )
    contact = _text(
        label="Contact details for the police",
        help_text="Only if the sender asked us to pass them on. Put contact details in this box and nowhere else.",
        max_length=own_words.BECAUSE_LENGTH,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    seen = RecordNumber()
    position = RecordNumber()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take an answer to each question that the page asked."""
        super().__init__(*args, **kwargs)
        prefix = self.add_prefix(STAYS)
        for name in self.data:
            if name.startswith(prefix):
                self._ask(STAYS + name.removeprefix(prefix))

    def ask(self, questions: Iterable[own_words.ReviewedLeak]) -> None:
        """Ask what is asked about the text now; what was typed stays."""
        for question in questions:
            self._ask(f"{STAYS}{question.leak.key}").initial = question.because

    def _ask(self, name: str) -> forms.Field:
        attrs = {"autocomplete": "off", "placeholder": "It stays because …"}
        attrs["aria-describedby"] = f"{self.add_prefix(name)}_hint"
        field = _ReasonField(
            required=False,
            strip=False,
            max_length=own_words.BECAUSE_LENGTH,
            widget=forms.TextInput(attrs),
        )
        return self.fields.setdefault(name, field)


def stays(data: dict[str, Any]) -> dict[str, str]:
    """Return the reasons in a WordingForm's cleaned data, by the keys of what is asked about."""
    return {name.removeprefix(STAYS): text for name, text in data.items() if name.startswith(STAYS)}


class LaterForm(ActionForm):
    """What came since our wording, as far as the page showed it, and why a team lead sets it aside."""

    reason = _text(
        label="Why does it change nothing?",
        help_text="The people who approve the referral will read this. We encrypt it.",
        widget=TextArea(2),
    )
    seen = RecordNumber()
    position = RecordNumber()


class TranslateForm(ActionForm):
    """The language of a tip, and its translation."""

    language = forms.ChoiceField(
        label="Language",
        choices=[("", "Another language, or not clear"), *commonest.NAMES.items()],
        required=False,
        error_messages={"invalid_choice": "Choose a language from the list."},
    )
    text = _text(
        label="Translation",
        help_text="Do not paste a tip into an online translator. To correct only the language, leave this empty.",
        widget=TextArea(5),
    )
    seen = RecordNumber()


class EntryField(forms.IntegerField):
    """One of a tip's entries, by its position; the page says which there are, and the verb refuses any other."""

    widget = forms.Select

    def __init__(self, label: Any) -> None:
        """Draw it as a list; 0 stands for none."""
        super().__init__(label=label, required=False, initial=0, min_value=0, max_value=10**9)

    def clean(self, value: Any) -> int:
        """Return the position, 0 for none."""
        return super().clean(value) or 0

    def offer(self, entries: "Iterable[OpenedEntry]") -> None:
        """Offer these entries, each by its week and how it begins."""
        listed = [(each.row.position, _beginning(each)) for each in entries]
        self.widget.choices = [(0, "Choose a message"), *listed]


def _beginning(entry: "OpenedEntry") -> str:
    written = str(entry.answers.get("what") or "no text")
    text = "".join(piece.text for piece in pieces(written) if not piece.hidden)
    day = formats.date_format(monday(entry.row.received), "j M Y")
    return f"week of {day}: {Truncator(text).chars(60)}"


class WriteForm(ActionForm):
    """A message to the sender; the page draws "as a question" and "without asking" as buttons."""

    text = _text(
        label="Write to the sender",
        help_text=(
            "Do not ask for anything that puts the sender at risk, that they would have to go and find "
            "out, or that shows who they are. Anyone who has the seven words can read this, and that may "
            "not be the sender. Do not name anyone, and do not repeat what this or any other tip told us."
        ),
        widget=TextArea(3, key="m"),
    )
    english = _text(
        label=sender_messages.IN_ENGLISH,
        help_text="What your message says. We encrypt it, and the sender does not get it.",
        widget=TextArea(2),
    )
    checked = forms.BooleanField(label=sender_messages.CHECKED, required=False)
    to = EntryField("Send it to the person who sent this:")
    asks = forms.ChoiceField(
        choices=[("yes", ""), ("no", "")], required=False, widget=forms.HiddenInput
    )  # a button


class OwnSafetyForm(ActionForm):
    """A message about the sender's own safety, and why it is one."""

    text = _text(
        label="Message about their safety",
        help_text="Say what they need to know. Do not ask anything. Do not name anyone, or repeat what a tip told us.",
        widget=TextArea(3),
    )
    reason = _text(
        label="Why is this about the sender’s own safety?",
        help_text="One sentence. We encrypt it, and a team lead will read it tomorrow. The sender does not see it.",
        widget=TextArea(2),
    )
    english = _text(
        label=sender_messages.IN_ENGLISH,
        help_text="If your message is in another language, what it says. If there is no time, send it without.",
        widget=TextArea(2),
    )
    to = EntryField("Send it to the person who sent this:")


class ReadyReplyForm(WriteForm):
    """A reply to start from, below what was typed; which one is never kept as a draft."""

    reply = forms.ModelChoiceField(
        queryset=ReplyTemplate.objects.all(),
        empty_label=None,
        widget=forms.Select({"aria-label": "Reply to start from"}),
    )


class ChangeAnswerForm(ActionForm):
    """The stricter answer about the police that stands in a message, and in which."""

    answer = forms.ChoiceField(
        label="May we tell the police? The sender now says:",
        choices=[choice for choice in questions.CHOICES["police"] if choice[0] in consent.STRICTER],
        widget=forms.RadioSelect,
        error_messages=choose("Choose what the sender says now."),
    )
    position = EntryField("Which message says this?")

    def offer(self, answers: Collection[str], messages: "Collection[OpenedEntry]") -> None:
        """Offer these answers alone, and these messages."""
        choices = [choice for choice in questions.CHOICES["police"] if choice[0] in answers]
        self.fields["answer"].choices = choices  # type: ignore[attr-defined]
        cast("EntryField", self.fields["position"]).offer(messages)
        self.can_offer = bool(answers and messages)


class UndoAnswerForm(ActionForm):
    """Why a changed answer is undone."""

    reason = _text(
        label="Why has the sender’s answer not changed?",
        help_text="Your reason becomes a note on this tip.",
        widget=TextArea(2),
    )


class RevealForm(ActionForm):
    """Why the contact details are needed."""

    reason = forms.ChoiceField(
        label="Why do you need the contact details?",
        choices=opening.REVEAL_REASONS,
        widget=forms.RadioSelect,
        error_messages=choose("Choose why you need the contact details."),
    )

    def offer(self, reasons: Iterable[str]) -> None:
        """Offer these reasons alone, or all where none are named."""
        if chosen := set(reasons):
            choices = [reason for reason in opening.REVEAL_REASONS.items() if reason[0] in chosen]
            self.fields["reason"].choices = choices  # type: ignore[attr-defined]


class CallForm(ActionForm):
    """To whom and when a tip was passed on by phone, and on what ground."""

    to = forms.ChoiceField(
        label="Who did you call?",
        choices=urgent_calls.TO,
        widget=forms.RadioSelect,
        error_messages=choose("Choose who you called."),
    )
    whom = _line("Who took the call, and under which reference?")
    when = _line("When did you call?")
    ground = forms.ChoiceField(
        label="Is someone in danger?",
        choices=ground_choices(consent.Ground),
        required=False,
        widget=forms.RadioSelect,
    )
    danger = _text(
        label="Who is in danger, and of what?",
        help_text=(
            "Say it in a sentence. You can leave both empty if the sender agreed to the police and you called them, or "
            "if the sender ticked “I am under 18” and you called children’s services or the safeguarding contact."
        ),
        max_length=urgent_calls.LENGTH,
        widget=TextArea(2),
    )
    called_before = forms.BooleanField(
        label="We called before this came",
        help_text="A team lead will look at this call.",
        required=False,
    )
    position = RecordNumber()

    def offer(self, grounds: Collection[consent.Ground]) -> None:
        """Offer these grounds, and adult safeguarding only beside the danger to an adult."""
        self.fields["ground"].choices = ground_choices(grounds)  # type: ignore[attr-defined]
        if consent.Ground.ADULT not in grounds:
            others = [
                choice for choice in urgent_calls.TO.items() if choice[0] != urgent_calls.ADULTS
            ]
            self.fields["to"].choices = others  # type: ignore[attr-defined]


class ReviewForm(ActionForm):
    """What a second person found of a call."""

    found = _text(
        label="You are the second person. Was the call right, and what is left to do?",
        widget=TextArea(2),
    )
