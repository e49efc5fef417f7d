"""The questions of a tip as a member asks them for its sender, who is on the phone, at the counter or in a letter."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.utils.text import format_lazy

from reports.consent_words import until_adults
from reports.domain.intake.recorded_tips import CHANNELS
from reports.forms import TipForm
from reports.questions import Text


class Asked(NamedTuple):
    """What a question says of the sender instead of to them; None stays as residents read it."""

    label: Text | None = None
    hint: Text | None = None
    choices: Mapping[str, Text] = {}


ASKED: Mapping[str, Asked] = {
    "what": Asked(
        "What does the sender know?",
        "Write it in their own words as far as possible. Leave out anything that shows who they are.",
    ),
    "danger": Asked(
        "Could someone be badly hurt, or is a child in danger, by what the sender says?"
    ),
    "under_18": Asked(
        "The sender says that they are under 18",
        format_lazy(
            (
                "On the phone say first: if you tick this, we may tell a social worker or a safeguarding lead, and "
                "they will not be in trouble with us. By letter, tick it if it says so. If they are in danger now, "
                "call {emergency}."
            ),
            **settings.PLACE.numbers,
        ),
    ),
    "area": Asked(
        hint="Choose the estate or village by its name. If the sender is not sure, leave this empty."
    ),
    "postcode": Asked(hint="Of that place, not of the sender’s home. Part of it helps too."),
    "numbers": Asked("Phone numbers or usernames that the sellers use", "Never the sender’s own."),
    "dangers": Asked(
        hint="Weapons or dogs. Also write if children, or anyone sick or being used, could be there."
    ),
    "source": Asked(
        "How does the sender know?",
        "Say first: we may tell the police this, unless they answer No about them.",
        choices={
            "saw": "They saw or heard it themselves",
            "told": "Someone who was there told them",
            "worked_out": "They worked it out",
            "rather_not": "They would rather not say",
        },
    ),
    "guessable": Asked("Could the people in this tip guess who told us?"),
    "contact": Asked(
        "May we ask them more?",
        (
            "They do not have to say yes. If they choose No, we will not ask them anything until they write to us "
            "again. If they do not answer, we may leave a question that only their seven words open. We phone or "
            "email them only if they choose that. If they could be in danger, we may still write to them."
        ),
        {
            "receipt": "Yes, but only with the seven words that they will get",
            "details": "Yes, with the details below",
        },
    ),
    "contact_details": Asked(
        "How can we reach them?",
        "A phone number or an email address. If you leave this empty, we will not have their details.",
    ),
    "contact_safe": Asked("When and how is it safe to contact them?"),
    "police": Asked(
        "May we tell the police what the sender told us?",
        format_lazy(
            (
                "On the phone, read the three answers out; by letter, choose only what it says. Without an answer, we "
                "use only our own words, and only if someone who leads our team agrees. Say too: {danger}. The law can "
                "also make us tell, for example if a court orders us to. We pass on only what is needed. With the "
                "seven words they can be stricter later, but we cannot take back what the police already have."
            ),
            danger=until_adults(
                "if someone’s life is at risk, or a child may be in danger, we may tell the police or children’s "
                "services even after a no",
                "if someone’s life is at risk, or a child or an adult who cannot protect themselves may be in danger, "
                "we may tell the police, children’s services or adult social care even after a no",
            ),
        ),
        {"words": "Yes, but our team must put it in other words"},
    ),
}

CHANNEL = forms.ChoiceField(
    label="How did the tip come?",
    choices=CHANNELS,
    widget=forms.RadioSelect,
    error_messages={"required": "Choose how the tip came"},
)


class RecordedTipForm(TipForm):
    """The tip form's own questions in the third person, and how the tip came."""


def _ask(field: Any, asked: Asked) -> forms.Field:
    """Return a question's field as it is asked for somebody else."""
    own: Any = deepcopy(field)
    if asked.label is not None:
        own.label = asked.label
    if asked.hint is not None:
        own.help_text = asked.hint
    if asked.choices:
        own.choices = [(value, asked.choices.get(value, label)) for value, label in own.choices]
    return own  # type: ignore[no-any-return]


RecordedTipForm.base_fields = {"channel": CHANNEL} | {
    name: _ask(field, ASKED.get(name, Asked())) for name, field in TipForm.base_fields.items()
}
RecordedTipForm.base_fields["what"].error_messages["required"] = (
    "Write what they know, even in one sentence"
)
