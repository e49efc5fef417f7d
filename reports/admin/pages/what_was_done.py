"""The two fields that ask what was done about the danger, on every form that can close an urgent tip."""

from typing import Any

from django import forms

from reports.admin.pages.page_drafts import PageDrafts
from reports.domain.errors import Copied, DangerOpen, Refused
from reports.domain.triage import safety

FIELDS = ("danger_choice", "danger_text")
CHOOSE = "Choose what was done about the danger."


class WhatWasDoneFields(forms.Form):
    """What was done about the danger; neither is required, as the domain knows which tips it asks about."""

    danger_choice = forms.ChoiceField(
        label="What was done about the danger?",
        choices=safety.CHOICES,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": CHOOSE},
    )
    danger_text = forms.CharField(
        label="Say what was done in a sentence",
        help_text="The team can read this, and a team lead will look at it. We encrypt it.",
        required=False,
        strip=False,
        max_length=safety.LENGTH,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


def danger_in(data: dict[str, Any]) -> safety.Danger | None:
    """Return what a form's cleaned data say of it; None where nothing was chosen and nothing typed."""
    choice, text = (data.get(name, "") for name in FIELDS)
    if choice or text.strip():
        return safety.Danger(choice, text)
    return None


def field_of(refusal: Refused, form: forms.BaseForm, *, otherwise: str | None) -> str | None:
    """Return beside which of a form's fields a refusal stands."""
    name = otherwise
    if isinstance(refusal, DangerOpen):
        name = f"danger_{refusal.part}"
    elif isinstance(refusal, Copied):
        name = refusal.box
    if name in form.fields:
        return name
    return otherwise


def ask(form: forms.BaseForm, draft: PageDrafts, *, required: bool) -> bool:
    """Take the fields out of a form that a page draws without need, and return whether it has them.

    `required` says whether its tip is one that the domain asks about. A form that was refused for want of them has them
    too, and one in which the member has begun to type.
    """
    typed = any(form.data.get(form.add_prefix(name)) for name in FIELDS)
    if (
        required
        or typed
        or any(name in form.errors for name in FIELDS)
        or draft.holds(form, FIELDS)
    ):
        return True
    for name in FIELDS:
        del form.fields[name]
    return False
