"""The form of a tip and of its pictures: lenient in what it takes, and nothing that was typed is lost."""

import re
import unicodedata
from collections.abc import Collection
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import questions as sheet
from reports.domain import errors
from reports.domain.intake import photos
from reports.sealing import receipts, wordlist

POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
# Browsers and their add-ons send what is typed to other people's computers: for spelling, suggestions and history.
QUIET = {"autocomplete": "off", "spellcheck": "false", "autocorrect": "off", "writingsuggestions": "false"}

LONGEST_REPLY = 20_000  # characters
LONGEST_RECEIPT = 2_000  # characters that are looked at


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)


class Words(forms.CharField):
    """Free text as it was typed: any script, line ends of one kind, no NULs; its length counts characters."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        """Take what Django's text fields take, and the most characters that an answer may have."""
        super().__init__(**kwargs)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        """Return the text; one made only of characters that nobody can see is empty."""
        text = str(value or "").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
        return text if any(unicodedata.category(letter)[0] in "LNPS" for letter in text) else ""

    def validate(self, value: Any) -> None:
        """Refuse what is empty but needed, and what is too long."""
        super().validate(value)
        if len(value) > self.longest:
            facts = {"question": self.label, "count": _number(len(value)), "limit": _number(self.longest)}
            message = _("“%(question)s” is too long: %(count)s characters. Please cut it to %(limit)s.")
            raise ValidationError(message % facts, code="too_long")


class Pick(forms.ChoiceField):
    """One of a question's choices, none chosen beforehand; a value that is none of them counts as no answer."""

    def to_python(self, value: Any) -> str:
        """Return a known choice or nothing: a page from before a change must not refuse a tip."""
        text = str(value or "")
        return text if self.valid_value(text) else ""


class Postcode(Words):
    """A postcode in its usual form where it is one, else what was typed: a tip is never refused for it."""

    def to_python(self, value: Any) -> str:
        """Return "MK6 2AA" for "mk62aa", and anything else as it is."""
        typed = super().to_python(value)
        found = POSTCODE.fullmatch(re.sub(r"[^A-Z0-9]", "", typed.upper()))
        return " ".join(found.groups()) if found else typed


def _text_widget(asked: sheet.Question) -> forms.Widget:
    attrs = QUIET | {"class": f"input input-{asked.shape}", "dir": "auto"}
    if asked.shape == "box":
        return forms.Textarea(attrs=attrs | {"rows": "7" if asked.name == "what" else "3"})
    if asked.shape == "short":
        attrs |= {"autocapitalize": "characters", "size": "10"}
    return forms.TextInput(attrs=attrs)


def _field(asked: sheet.Question) -> forms.Field:
    """Return the form field for a question."""
    words: dict[str, Any] = {"label": asked.label, "help_text": asked.hint, "required": False}
    choices = sheet.CHOICES.get(asked.name, ())
    if asked.shape == "choice":
        # Choices come through functions: Django copies a field's choices, lazy words and all, for every form.
        return Pick(choices=lambda: choices, widget=forms.RadioSelect, **words)
    if asked.shape == "list":
        nothing = ("", gettext_lazy("Choose a part of town"))
        return Pick(
            choices=lambda: (nothing, *choices),
            widget=forms.Select({"class": "input", "autocomplete": "off"}),
            **words,
        )
    if asked.shape == "tick":
        return forms.BooleanField(**words)
    words["widget"] = _text_widget(asked)
    if asked.name == "what":
        needed = {"required": gettext_lazy("Tell us what you know, even in one sentence")}
        return Words(longest=sheet.LONGEST_WHAT, **words | {"required": True, "error_messages": needed})
    return (Postcode if asked.name == "postcode" else Words)(longest=sheet.LONGEST, **words)


class Part(LayoutObject):  # type: ignore[misc]  # crispy-forms has no types
    """Fields inside a template: `open` is true where one holds an answer or an error, or the form is to open there."""

    def __init__(self, template: str, *fields: str, **facts: Any) -> None:
        """Take a template, the names of the fields inside it, and what else the template shows."""
        self.template, self.fields, self.facts = template, list(fields), facts

    def render(self, form: Any, context: Any, template_pack: str = "civic", **_kwargs: Any) -> SafeString:
        """Return the part's markup."""
        inside = self.get_rendered_fields(form, context, template_pack, extra_context={"grouped": True})
        held = any(form[name].value() or form[name].errors for name in self.fields)
        wanted = any(name in form.open_at for name in self.fields)
        facts = self.facts | {"fields_output": inside, "open": held or wanted}
        return render_to_string(self.get_template_name(template_pack), facts)


def _layout() -> Layout:
    """Return the form's order: one box and what makes it urgent, then groups that may all be skipped."""
    names = {group: [asked.name for asked in sheet.FIELDS if asked.group == group] for group in sheet.GROUPS}
    groups = [
        Part("%s/layout/group.html", *names[group], title=title)
        for group, title in sheet.GROUPS.items()
        if group != "first"
    ]
    return Layout("what", "danger", Part("reports/_under_18.html", "under_18"), *groups)


class TipForm(forms.Form):
    """All questions of a tip; only the first must be answered."""

    use_required_attribute = False

    def __init__(self, *args: Any, open_at: Collection[str] = (), **kwargs: Any) -> None:
        """Take what Django's forms take, and the questions at which it opens: asked for, or to be changed."""
        super().__init__(*args, **kwargs)
        self.open_at = open_at

    @cached_property
    def helper(self) -> FormHelper:
        """Return how crispy lays the form out; made only where a form is shown."""
        helper = FormHelper()
        helper.form_tag = False
        helper.layout = _layout()
        return helper

    @property
    def answers(self) -> dict[str, Any]:
        """Return what was answered, by field name, in the form's order; needs a form that was checked."""
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}

    @classmethod
    def read(cls, posted: Any) -> dict[str, Any] | None:
        """Return the answers of a submission, or None where the form has something to say about it.

        The same fields clean them as in a form, without its copies of every field, which only a page of its own needs.
        """
        try:
            cleaned = {
                name: field.clean(field.widget.value_from_datadict(posted, {}, name))
                for name, field in cls.base_fields.items()
            }
        except ValidationError:
            return None
        return {name: value for name, value in cleaned.items() if value}


TipForm.base_fields = {asked.name: _field(asked) for asked in sheet.FIELDS}


class WordsForm(forms.Form):
    """The box for the seven words. What makes no receipt is shown again, to be mended."""

    use_required_attribute = False
    words = forms.CharField(
        label=gettext_lazy("Your seven words"),
        help_text=gettext_lazy("In their order. Capitals, commas and line breaks make no difference."),
        error_messages={"required": gettext_lazy("Type your seven words")},
        widget=forms.Textarea(QUIET | {"class": "input", "rows": "3", "autocapitalize": "none", "lang": "en"}),
    )

    def __init__(self, *args: Any, problem: Any = "", **kwargs: Any) -> None:
        """Take what Django's forms take, and why the words that came are not good, whatever they are."""
        super().__init__(*args, **kwargs)
        self.problem = problem

    @classmethod
    def read(cls, posted: Any) -> str | None:
        """Return the token of what was posted, or None where the form has something to say; makes no form for it."""
        try:
            return receipts.parse(posted.get("words", "")[:LONGEST_RECEIPT])
        except receipts.ReceiptError:
            return None

    def clean_words(self) -> None:
        """Say what is wrong with words that are no receipt."""
        typed: str = self.cleaned_data["words"][:LONGEST_RECEIPT]
        try:
            receipts.parse(typed)
        except receipts.ReceiptError as error:
            raise ValidationError(_not_a_receipt(typed, error.position)) from None

    def full_clean(self) -> None:
        """Check the words, unless it is known already what is wrong."""
        super().full_clean()
        if self.problem:
            self.errors.clear()
            self.add_error("words", str(self.problem))


def _not_a_receipt(typed: str, position: int | None) -> str:
    """Return what is wrong with words that are no receipt, without repeating one of them."""
    count = len(wordlist.split(typed))
    if position is None:
        return _("A receipt has seven words. We counted %(count)d.") % {"count": count}
    if wordlist.correct(wordlist.split(typed)[position - 1]):
        return _("No receipt starts with that word. Check the order.")
    return _("We do not know word %(position)d. Check its spelling.") % {"position": position}


class ReplyForm(forms.Form):
    """What a sender writes from their mailbox."""

    use_required_attribute = False
    text = Words(
        longest=LONGEST_REPLY,
        label=gettext_lazy("Write to us"),
        help_text=gettext_lazy("Only what is safe for you to tell. In any language."),
        error_messages={"required": gettext_lazy("Write something first")},
        widget=forms.Textarea(QUIET | {"class": "input input-box", "dir": "auto", "rows": "5"}),
    )


class Pictures(forms.FileInput):
    """A file input that takes several pictures."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """Return all files that were chosen."""
        chosen: list[Any] = files.getlist(name)
        return chosen


class PhotoForm(forms.Form):
    """Pictures that follow a tip. Each bad one gets its own sentence; the good ones are in `pictures` all the same."""

    use_required_attribute = False
    photos = forms.Field(
        label=gettext_lazy("Choose pictures"),
        help_text=gettext_lazy("Up to five at a time: JPEG, PNG or WebP, each no bigger than 8 MB."),
        error_messages={"required": gettext_lazy("Choose a picture first")},
        widget=Pictures({"accept": "image/jpeg,image/png,image/webp", "class": "input-file"}),
    )

    def __init__(self, *args: Any, welcome: bool = True, **kwargs: Any) -> None:
        """Take what Django's forms take, and whether pictures are taken at all now."""
        super().__init__(*args, **kwargs)
        self.welcome = welcome
        self.pictures: list[bytes] = []  # the good ones, rebuilt as JPEG

    def clean_photos(self) -> None:
        """Rebuild each picture; refuse those that cannot be, by name, and those above the number."""
        if not self.welcome:
            sentence = _("We cannot take pictures now. Your tip is safe with us. Tell us in a new tip what they show.")
            raise ValidationError(sentence)
        chosen = self.cleaned_data["photos"]
        problems = []
        for upload in chosen[: photos.MAX_PICTURES]:
            try:
                self.pictures.append(photos.clean(upload.read()))
            except errors.BadPicture as problem:
                problems.append(f"{upload.name}: {problem}")
        too_many = _("%(name)s: only five at a time. Send this one next.")
        problems += [too_many % {"name": upload.name} for upload in chosen[photos.MAX_PICTURES :]]
        if problems:
            raise ValidationError(problems)
