"""One act on a record of the desk: a form, a verb of the domain, a sentence. Every act is an ActionView."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, ClassVar, Literal, NamedTuple, cast

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.views.generic import FormView

from reports.admin.audit import refusal_text
from reports.admin.lock import PhraseForm, keys_or_unlocked
from reports.domain.errors import Refused


class Attempt(NamedTuple):
    """An act that did not go through: its name and its bound form, for the record's page to draw in their place.

    `phrase_form` is there when the desk is locked: the page asks for the words first, with all that was typed.
    """

    action: str
    form: forms.Form
    phrase_form: PhraseForm | None = None
    title: str = ""

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Return everything that was sent in the form's fields, to be sent again with the words."""
        data = cast("QueryDict", self.form.data)
        return [(name, str(value)) for name in self.form.fields for value in data.getlist(name)]

    @property
    def refused(self) -> bool:
        """Return whether the form has errors to show: not while the words are asked for."""
        return self.phrase_form is None and bool(self.form.errors)


class TextArea(forms.Textarea):
    """A box for several lines that no browser keeps, completes or spell-checks elsewhere."""

    def __init__(self, rows: int) -> None:
        """Draw it with so many rows, as wide as the page lets it."""
        super().__init__({"rows": rows, "cols": False, "autocomplete": "off", "spellcheck": "false"})


class RecordNumber(forms.IntegerField):
    """The number of what the member saw, hidden in a page; 0, nothing seen, for what is no such number."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        """Take numbers as the record has them."""
        super().__init__(required=False, min_value=0, max_value=10**18)

    def clean(self, value: Any) -> int:
        """Return the number, and 0 for what is none."""
        try:
            return super().clean(value) or 0
        except forms.ValidationError:
            return 0


class ActionView(FormView):
    """Takes the POST of one act: binds `form_class`, calls `perform`, says what was done and goes back.

    What is not valid, what the domain refuses and what a locked desk holds up show the record's newest page with
    everything that was typed. `keys` says what the act takes of the desk: nothing, an unlocked one, or one whose words
    were typed within ten minutes. Subclasses say how their record is found and shown.
    """

    http_method_names = ["post"]
    form_class = forms.Form
    action: ClassVar[str]
    title: ClassVar[str | Promise]
    keys: ClassVar[Literal["none", "held", "fresh"]] = "none"
    refused_field: ClassVar[str | None] = None  # beside which field a refusal stands; None: above them all
    atomic: ClassVar[bool] = True  # False where the verb keeps something although it refuses

    def get_record(self) -> Any:
        """Return the record that the address names; raises Http404 or PermissionDenied."""
        raise NotImplementedError

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the record's newest page with an act that did not go through."""
        raise NotImplementedError

    def perform(self, data: dict[str, Any]) -> str:
        """Call the verb with the form's cleaned data and return what to tell the member; may raise Refused."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the words where the desk is locked; else do the act."""
        self.record = self.get_record()
        phrase_form = PhraseForm(request.POST)
        if self.keys != "none" and keys_or_unlocked(request, phrase_form, fresh=self.keys == "fresh") is None:
            asked = phrase_form if "phrase" in request.POST else PhraseForm()
            return self.show_record(Attempt(self.action, self.get_form(), asked, str(self.title)))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do the act, in a transaction; a refusal stands beside what was typed."""
        try:
            with transaction.atomic() if self.atomic else nullcontext():
                said = self.perform(form.cleaned_data)
        except Refused as refusal:
            form.add_error(self.refused_field, refusal_text(refusal))
            return self.form_invalid(form)
        messages.success(self.request, said)
        return redirect(self.get_success_url())

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show the record with the form and what is wrong with it."""
        return self.show_record(Attempt(self.action, form))


def addresses(
    views: Iterable[type[ActionView]], *, prefix: str, wrap: Callable[[Any], Any], key: str = "<uuid:pk>"
) -> list[URLPattern]:
    """Return the addresses of acts, `<key>/<action>/`, called `<prefix>_<action>`."""
    return [path(f"{key}/{view.action}/", wrap(view.as_view()), name=f"{prefix}_{view.action}") for view in views]
