"""The working surface of a tip's page: status, person, labels, enquiries, grading and a note, saved by one press."""

import json
from collections.abc import Container, Iterable, Mapping
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin.actions import RecordNumber, TextArea
from reports.admin.danger_fields import DangerFields, danger_in
from reports.admin.tip_forms import TipActionForm
from reports.domain import enquiries, triage
from reports.domain.decision import Changes
from reports.domain.handover import grading
from reports.domain.handover.grading import Grade
from reports.models import Enquiry, Label, Status, Tip

HAND_OVER = "reports.hand_over"
GRADE = ("source", "information", "handling", "conditions")
ENQUIRIES = ("linked", "enquiry", "codename")
MANY = {"labels", "linked"}  # parts that are changed by differences
PARTS = {"status", "assignee", *MANY, *GRADE}
CHOOSE_STATUS = gettext_lazy("Choose what becomes of the tip.")
CHOOSE_LABEL = gettext_lazy("Choose a label.")
CHOOSE_ENQUIRY = gettext_lazy("Choose an enquiry, or type a codename for a new one.")
CHOOSE_GRADE = gettext_lazy("Choose a source, a letter and a handling code from the lists.")
NOT_A_COLLEAGUE = gettext_lazy("That person cannot be given a tip any more. Choose somebody else.")
LEFT_OPEN = ("", gettext_lazy("– Open"))


def _codes(codes: dict[str, Any], *first: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [*first, *((value, format_lazy("{} {}", value, label)) for value, label in codes.items())]


def _many(label: Any, queryset: Any, refusal: Any) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        label=label,
        queryset=queryset,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": refusal, "invalid_pk_value": refusal},
    )


class EnquiryField(forms.ModelChoiceField):
    """An enquiry by its codename."""

    def label_from_instance(self, obj: Any) -> str:
        """Name the status of one that does not go on."""
        return obj.codename if obj.status == "open" else f"{obj.codename} ({obj.get_status_display()})"


class DecisionForm(DangerFields, TipActionForm):
    """Everything that one press saves; a member's form has the parts that they have the right to.

    The page says in `shown` what it showed of each part, and in `as_of` when: only what differs from that is changed.
    """

    status = forms.ChoiceField(
        label=gettext_lazy("What becomes of it"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": CHOOSE_STATUS},
    )
    assignee = forms.ModelChoiceField(
        label=gettext_lazy("Given to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        widget=forms.Select({"data-key": "g"}),
        error_messages={"invalid_choice": NOT_A_COLLEAGUE},
    )
    linked = _many(gettext_lazy("Enquiries"), Enquiry.objects.all(), CHOOSE_ENQUIRY)
    enquiry = EnquiryField(
        label=gettext_lazy("Enquiry"),
        queryset=Enquiry.objects.all(),
        required=False,
        widget=forms.Select({"data-key": "e"}),
        error_messages={"invalid_choice": CHOOSE_ENQUIRY},
    )
    codename = forms.CharField(
        label=gettext_lazy("Codename of a new enquiry"),
        help_text=gettext_lazy("Words that say nothing: it stands in clear."),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    labels = _many(gettext_lazy("Labels"), Label.objects.all(), CHOOSE_LABEL)
    source = forms.ChoiceField(
        label=gettext_lazy("Source"),
        choices=_codes(grading.SOURCE),
        required=False,
        error_messages={"invalid_choice": CHOOSE_GRADE},
    )
    information = forms.ChoiceField(
        label=gettext_lazy("Information"),
        choices=_codes(grading.INFORMATION, LEFT_OPEN),
        required=False,
        error_messages={"invalid_choice": CHOOSE_GRADE},
    )
    handling = forms.ChoiceField(
        label=gettext_lazy("Handling"),
        choices=_codes(grading.HANDLING, LEFT_OPEN),
        required=False,
        error_messages={"invalid_choice": CHOOSE_GRADE},
    )
    conditions = forms.CharField(
        label=gettext_lazy("Conditions, for handling code C"), required=False, strip=False, widget=TextArea(2)
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Sealed. Your colleagues at the desk can read it."),
        required=False,
        strip=False,
        widget=TextArea(3, key="n"),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    as_of = RecordNumber()
    then = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Leave out what `by` has no right to."""
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = Status.choices  # type: ignore[attr-defined]  # which of them, says the verb
        self.fields["assignee"].queryset = triage.members()  # type: ignore[attr-defined]
        self.without(() if by.has_perm(HAND_OVER) else GRADE)
        self.without(() if by.has_perm("reports.view_enquiry") else ENQUIRIES)

    def without(self, names: Iterable[str]) -> None:
        """Take these parts out."""
        for name in names:
            del self.fields[name]

    @cached_property
    def _shown(self) -> dict[str, list[str]]:
        """Return what the page showed, by the part's name; what cannot be read was not shown."""
        try:
            shown = json.loads(self.data.get(self.add_prefix("shown"), ""))
        except ValueError:
            return {}
        found = shown.items() if isinstance(shown, dict) else ()
        return {name: list(map(str, values)) for name, values in found if isinstance(values, list)}

    def _sent(self, name: str) -> list[str]:
        return [value for value in cast("QueryDict", self.data).getlist(self.add_prefix(name)) if value]

    @cached_property
    def changed(self) -> set[str]:
        """Return the parts that differ from what the page showed; one that it did not show differs from nothing."""
        found = {name for name in PARTS if name in self.fields and self.add_prefix(name) in self.data}
        found |= self._shown.keys() & self.fields.keys()
        found -= set() if self._sent("status") else {"status"}  # no button of the row is pressed
        return {name for name in found if set(self._sent(name)) != set(self._shown.get(name, ()))}

    def _differences(self, name: str) -> tuple[list[Any], list[Any]]:
        """Return the rows that were added to a part of many, and those that were taken away."""
        was, now = set(self._shown.get(name, ())), set(self._sent(name))
        rows = self.fields[name].queryset  # type: ignore[attr-defined]
        return [row for row in rows if str(row.pk) in now - was], [row for row in rows if str(row.pk) in was - now]

    def changes(self) -> Changes:
        """Return what to change, once the form is valid."""
        data, found = self.cleaned_data, Changes()
        if "status" in self.changed:
            found["status"] = data["status"]
        if "assignee" in self.changed:
            found["assignee"] = data["assignee"]
        if "labels" in self.changed:
            found["put_on"], found["take_off"] = self._differences("labels")
        if "linked" in self.changed:
            found["unlink"] = self._differences("linked")[1]
        if data.get("enquiry"):
            found["link"] = [data["enquiry"]]
        if data.get("codename"):
            found["begin"] = data["codename"]
        if danger := danger_in(data):
            found["danger"] = danger
        if self.changed & set(GRADE):
            found["grade"] = {
                "source": data["source"],
                "information": data["information"],
                "handling": data["handling"],
                "conditions": data["conditions"],
                "seen": self._version,
            }
        return found

    @property
    def _version(self) -> int:
        """Return the number of the grading that the page showed."""
        number = "".join(self._shown.get("version", ()))
        return int(number) if number.isdecimal() and len(number) < 9 else 0

    def let_go(self, used: Iterable[str]) -> None:
        """Empty the boxes with these names, whose text was saved."""
        data = cast("QueryDict", self.data).copy()
        for name in used:
            data[name] = ""
        self.data = data

    def begin_from(self, tip: Tip, grade: Grade | None, *, as_of: int, asks: bool = True) -> None:
        """Offer what can be chosen for the tip as it is at event `as_of`, and show what it has.

        Without `asks` the status that asks the sender is not among it.

        A form that was sent and not saved goes on from there, with everything in it that was changed.
        """
        if grade is None:
            self.without(name for name in GRADE if name in self.fields)
        newest = _newest(tip, grade)
        self._offer(tip, newest, left_out={Status.LINKED} if asks else {Status.LINKED, Status.NEEDS_MORE})
        stands = {name: _strings(value) for name, value in newest.items() if name in {*self.fields, "version"}}
        self.initial = {name: newest[name] for name in stands} | {"shown": json.dumps(stands), "as_of": as_of}
        if self.is_bound:
            self._go_on_from(stands)

    def _offer(self, tip: Tip, newest: Mapping[str, Any], *, left_out: Container[Status]) -> None:
        """Draw only what may be chosen now; a tip becomes part of an enquiry by linking it to one."""
        offered = [Status(tip.status), *(to for to in triage.moves_of(tip=tip) if to not in left_out)]
        self.fields["status"].choices = [(to.value, to.label) for to in offered]  # type: ignore[attr-defined]
        labels = Label.objects.filter(Q(retired=False) | Q(pk__in=newest["labels"]))
        self.fields["labels"].queryset = labels  # type: ignore[attr-defined]
        if "linked" in self.fields:
            linked = Enquiry.objects.filter(pk__in=newest["linked"])
            others = Enquiry.objects.under_way().exclude(pk__in=newest["linked"]).in_working_order()
            self.fields["linked"].queryset = linked  # type: ignore[attr-defined]
            self.fields["enquiry"].queryset = others  # type: ignore[attr-defined]
            empty = _("Link it to another") if newest["linked"] else _("None")
            self.fields["enquiry"].empty_label = empty  # type: ignore[attr-defined]

    def _go_on_from(self, stands: dict[str, list[str]]) -> None:
        """Lay what was changed over what stands now: of parts of many, the differences."""
        data = cast("QueryDict", self.data).copy()
        for name in PARTS & self.fields.keys():
            values = set(stands[name])
            if name in self.changed:
                was, now = set(self._shown.get(name, ())), set(self._sent(name))
                values = values - (was - now) | (now - was) if name in MANY else now
            data.setlist(self.add_prefix(name), sorted(values))
        for name in ("shown", "as_of"):
            data[self.add_prefix(name)] = str(self.initial[name])
        self.data = data


def _newest(tip: Tip, grade: Grade | None) -> dict[str, Any]:
    """Return what a tip has now, by the part's name."""
    stands = {
        "status": tip.status,
        "assignee": tip.assignee_id,
        "labels": [label.pk for label in tip.labels.all()],
        "linked": [enquiry.pk for enquiry in enquiries.of_tip(tip=tip)],
    }
    if grade is None:
        return stands
    return stands | {name: getattr(grade, name) for name in (*GRADE, "version")}


def _strings(value: Any) -> list[str]:
    """Return a part as a browser sends it."""
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]


def in_words(changes: Changes) -> list[str]:
    """Return what was changed, to be said of one tip or of several."""
    said = []
    if "assignee" in changes:
        member = changes["assignee"]
        said.append(_("given to %(name)s") % {"name": member.get_username() if member else _("nobody")})
    said += [_("labelled “%(label)s”") % {"label": label.name} for label in changes.get("put_on", ())]
    said += [_("no longer labelled “%(label)s”") % {"label": label.name} for label in changes.get("take_off", ())]
    into = [enquiry.codename for enquiry in changes.get("link", ())]
    into += [changes["begin"]] if "begin" in changes else []
    said += [_("now part of “%(enquiry)s”") % {"enquiry": name} for name in into]
    out = [enquiry.codename for enquiry in changes.get("unlink", ())]
    said += [_("no longer part of “%(enquiry)s”") % {"enquiry": name} for name in out]
    if "status" in changes:
        to = Status(changes["status"])
        said.append(_("marked as spam") if to == Status.SPAM else _("moved to “%(status)s”") % {"status": to.label})
    return [*said, _("suggested grading saved")] if "grade" in changes else said
