"""The public forms: tip, receipt words, reply, pictures. They accept leniently and lose nothing that was typed."""

import unicodedata
from collections.abc import Collection
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import consent_words, questions
from reports.domain import errors
from reports.domain.intake import photos
from reports.sealing import receipts, wordlist

# Otherwise browsers and add-ons send typed text to other computers, for spelling, suggestions and history.
QUIET = {
    "autocomplete": "off",
    "spellcheck": "false",
    "autocorrect": "off",
    "writingsuggestions": "false",
}

# What pictures.js says beside the field before anything is sent; %n is a file's name, %s its size, %d a number.
BEFORE_SENDING = {
    "data-largest": photos.MAX_BYTES,
    "data-most": photos.MAX_PICTURES,
    "data-too-large": gettext_lazy(
        "%n is too large (%s). Send one of at most 8 MB. If you take a screenshot, crop it so that only the picture"
        " shows."
    ),
    "data-too-many": gettext_lazy("You chose %d pictures. Choose at most five at a time."),
    "data-again": gettext_lazy(
        "Nothing has been sent yet. Choose again, without the files named here."
    ),
}

NO_DETAILS = gettext_lazy("Write a phone number or an email address, or choose another answer")

LONGEST_REPLY = 20_000  # characters
LONGEST_RECEIPT = 2_000  # characters that are read


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)


class Words(forms.CharField):
    """Free text in any script, as typed, with Unix line ends and without NULs; `longest` counts characters."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        """Return the text; text of invisible characters only counts as empty."""
        text = str(value or "").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
        if any(unicodedata.category(letter)[0] in "LNPS" for letter in text):
            return text
        return ""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > self.longest:
            facts = {
                "question": self.label,
                "count": _number(len(value)),
                "limit": _number(self.longest),
            }
            message = _(
                "“%(question)s” is too long: %(count)s characters. Please shorten it to %(limit)s."
            )
            raise ValidationError(message % facts, code="too_long")


class Pick(forms.ChoiceField):
    """One of a question's choices; an unknown value counts as no answer."""

    def to_python(self, value: Any) -> str:
        """Return a known choice or "": a page loaded before an upgrade must not have its tip refused."""
        text = super().to_python(value)
        return text if self.valid_value(text) else ""


class PickArea(Pick):
    """An area; one of its estates, chosen by name, counts as the part."""

    def to_python(self, value: Any) -> str:
        """Return a known part's slug or ""."""
        return super().to_python(str(value or "").partition("/")[0])


def _text_widget(question: questions.Question) -> forms.Widget:
    attrs = QUIET | {"class": f"input input-{question.shape}", "dir": "auto"}
    if question.shape == "box":
        rows = "7" if question.name == "what" else "3"
        return forms.Textarea(attrs=attrs | {"rows": rows})
    if question.shape == "short":
        attrs |= {"autocapitalize": "characters", "size": "10"}
    return forms.TextInput(attrs=attrs)


def _field(question: questions.Question, *, without: str = "") -> forms.Field:
    """Return the form field for a question, `without` one of its choices."""
    words: dict[str, Any] = {"label": question.label, "help_text": question.hint, "required": False}
    # Choices come through functions: Django copies a field's choices, lazy words and all, for every form.
    if question.shape == "choice":
        choices = lambda: [  # noqa: E731
            choice for choice in questions.CHOICES[question.name] if choice[0] != without
        ]
        return Pick(choices=choices, widget=forms.RadioSelect, **words)
    if question.shape == "list":
        nothing = (
            "",
            format_lazy(gettext_lazy("Choose a {part}"), part=gettext_lazy(settings.PLACE.part)),
        )
        return PickArea(
            choices=lambda: (nothing, *questions.PLACES),
            widget=forms.Select({"class": "input", "autocomplete": "off"}),
            **words,
        )
    if question.shape == "tick":
        return forms.BooleanField(**words)
    words["widget"] = _text_widget(question)
    if question.name == "what":
        needed = {"required": gettext_lazy("Tell us what you know, even in one sentence")}
        return Words(
            longest=questions.LONGEST_WHAT, **words | {"required": True, "error_messages": needed}
        )
    return Words(longest=questions.LONGEST, **words)


class FieldGroup(LayoutObject):  # type: ignore[misc]  # crispy-forms has no types
    """Fields inside a template, given `open`: one has an answer or an error, or is in the form's `open_at`."""

    def __init__(self, template: str, *fields: str, **facts: Any) -> None:
        """Take a template, the names of its fields, and further context for it."""
        self.template = template
        self.fields = list(fields)
        self.facts = facts

    def render(
        self, form: Any, context: Any, template_pack: str = "civic", **_kwargs: Any
    ) -> SafeString:
        inside = self.get_rendered_fields(
            form, context, template_pack, extra_context={"grouped": True}
        )
        answered = any(form[name].value() or form[name].errors for name in self.fields)
        requested = any(name in form.open_at for name in self.fields)
        facts = self.facts | {
            "place": settings.PLACE.translated(_),
            "fields_output": inside,
            "open": answered or requested,
        }
        return render_to_string(self.get_template_name(template_pack), facts)


# No answer is an answer to this question: it is seen without a press, and what may follow stands below its choices.
POLICE = {
    "stands_open": True,
    "after": "reports/_after_police.html",
    "also": consent_words.SENTENCES["name"],
}


def _layout() -> Layout:
    """Return the form's layout: the main box, the urgent questions, then groups that may all be skipped."""
    layout: list[Any] = []
    for group, title in questions.GROUPS.items():
        names = [question.name for question in questions.FIELDS if question.group == group]
        if group == "first":
            for name in names:
                item = FieldGroup("reports/_under_18.html", name) if name == "under_18" else name
                layout.append(item)
        else:
            more = POLICE if group == "police" else {}
            layout.append(FieldGroup("%s/layout/group.html", *names, title=title, **more))
    return Layout(*layout)


class TipForm(forms.Form):
    """All questions of a tip; only the first must be answered."""

    use_required_attribute = False

    def __init__(self, *args: Any, open_at: Collection[str] = (), **kwargs: Any) -> None:
        """Take the arguments of a form, and `open_at`: names of fields whose groups are shown open."""
        super().__init__(*args, **kwargs)
        self.open_at = open_at

    @cached_property
    def helper(self) -> FormHelper:
        """Return crispy's helper; built only when a form is rendered."""
        helper = FormHelper()
        helper.form_tag = False
        helper.layout = _layout()
        return helper

    def clean(self) -> dict[str, Any]:
        """Refuse an empty box of somebody who chose to be reached with what is in it."""
        wants_to_be_reached = self.cleaned_data.get("contact") == "details"
        is_empty = self.cleaned_data.get("contact_details") == ""
        if wants_to_be_reached and is_empty:
            self.add_error("contact_details", NO_DETAILS)
        return self.cleaned_data

    @property
    def answers(self) -> dict[str, Any]:
        """Return the answers given, by field name, in the form's order; needs a validated form."""
        return {
            name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)
        }


TipForm.base_fields = {question.name: _field(question) for question in questions.FIELDS}


class WordsForm(forms.Form):
    """The box for the seven words. Words that are no receipt are shown again, to be corrected."""

    use_required_attribute = False
    words = forms.CharField(
        label=gettext_lazy("Your seven words"),
        help_text=gettext_lazy("In the same order. Capitals and commas make no difference."),
        error_messages={"required": gettext_lazy("Type your seven words")},
        widget=forms.Textarea(
            QUIET
            | {"class": "input", "rows": "3", "autocapitalize": "none", "lang": "en", "dir": "ltr"}
        ),
    )

    def __init__(self, *args: Any, problem: Any = "", **kwargs: Any) -> None:
        """Take the arguments of a form, and `problem`: an error to show instead of the form's own."""
        super().__init__(*args, **kwargs)
        self.problem = problem

    def clean_words(self) -> str:
        """Return the token of the words."""
        typed: str = self.cleaned_data["words"][:LONGEST_RECEIPT]
        try:
            return receipts.parse(typed)
        except receipts.ReceiptError as error:
            raise ValidationError(_not_a_receipt(typed, error.position)) from None

    def full_clean(self) -> None:
        super().full_clean()
        if self.problem:
            self.errors.clear()
            self.add_error("words", str(self.problem))


def _not_a_receipt(typed: str, position: int | None) -> str:
    """Return an error message for words that are no receipt; it repeats none of them."""
    count = len(wordlist.split(typed))
    if position is None:
        return _("We counted %(count)d words. Type all seven words, and no others.") % {
            "count": count
        }
    if wordlist.correct(wordlist.split(typed)[position - 1]):
        return _("Your seven words cannot start with that word. Check the order.")
    return _("Word %(position)d is not on our list. Check its spelling.") % {"position": position}


class ReplyForm(forms.Form):
    """A sender's reply from their mailbox: a text, or an answer to one of two of the tip's questions, or all of it."""

    use_required_attribute = False
    text = Words(
        required=False,
        longest=LONGEST_REPLY,
        label=gettext_lazy("Write to us"),
        help_text=gettext_lazy(
            "Tell us only what is safe for you to say. You can write in any language."
        ),
        widget=forms.Textarea(QUIET | {"class": "input input-box", "dir": "auto", "rows": "5"}),
    )
    danger = _field(questions.question("danger"))
    police = _field(
        questions.question("police")._replace(hint=consent_words.STRICTER), without="yes"
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a reply that says nothing."""
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error("text", _("Write something first"))
        return self.cleaned_data


class Pictures(forms.FileInput):
    """A file input that takes several pictures."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """Return all chosen files."""
        chosen: list[Any] = files.getlist(name)
        return chosen


class PhotoForm(forms.Form):
    """Pictures that follow a tip. Each bad one has an error of its own; `pictures` has the good ones in any case."""

    use_required_attribute = False
    photos = forms.Field(
        label=gettext_lazy("Choose pictures"),
        help_text=gettext_lazy(
            "Up to five JPEG, PNG or WebP pictures at a time, each no bigger than 8 MB."
        ),
        error_messages={"required": gettext_lazy("Choose a picture first")},
        widget=Pictures(
            {"accept": "image/jpeg,image/png,image/webp", "class": "input-file"} | BEFORE_SENDING
        ),
    )

    def __init__(self, *args: Any, welcome: bool = True, late: bool = False, **kwargs: Any) -> None:
        """Take the arguments of a form, `welcome`: whether pictures are accepted, and `late`: not all came in time."""
        super().__init__(*args, **kwargs)
        self.welcome = welcome
        self.late = late
        self.fields["photos"].required = not late
        self.pictures: list[bytes] = []  # the good ones, rebuilt as JPEG

    def clean_photos(self) -> None:
        """Re-encode each picture; name those that cannot be, and those beyond MAX_PICTURES, in errors."""
        if not self.welcome:
            sentence = _(
                "We cannot take pictures now, so we do not have these. We have your tip. Tell us in a new tip what they"
                " show."
            )
            raise ValidationError(sentence)
        chosen = self.cleaned_data["photos"]
        problems = []
        for upload in chosen[: photos.MAX_PICTURES]:
            try:
                photos.check_size(upload.size)  # a larger one was not kept
                self.pictures.append(photos.clean(upload.read()))
            except errors.BadPicture as problem:
                problems.append(f"{upload.name}: {problem}")
        too_many = _("%(name)s: you can send only five pictures at a time. Send this one next.")
        problems += [too_many % {"name": upload.name} for upload in chosen[photos.MAX_PICTURES :]]
        if self.late:
            message = _(
                "We stopped after %(minutes)d minutes. We do not have the files that had not arrived. Send each of them"
                " by itself."
            )
            problems.append(message % {"minutes": settings.PHOTO_READ_TIME // 60})
        if problems:
            raise ValidationError(problems)
