"""One act on a record of the desk: a form, a verb of the domain, a sentence."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.generic import FormView

from core.rights import NeedsRight
from reports.admin.pages import page_drafts
from reports.admin.pages.history import refusal_text
from reports.admin.pages.lock import PassphraseForm, keys_of, keys_or_unlocked, page
from reports.admin.pages.what_was_done import field_of
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys

NO_KEY = "The desk is locked and you have no key yet, so nothing was saved. Copy what you typed to a safe place."
LOCKED = (
    "The desk is locked, so nothing was saved yet. We kept what you typed. Unlock the desk to see it again, "
    "check it, then press the button again."
)


class Attempt(NamedTuple):
    """An act that did not go through: its name and its bound form, for the target's page to draw in their place."""

    action: str
    form: forms.Form
    section: str = ""  # of the page, where it is said why

    @property
    def refused(self) -> bool:
        """Return whether the form has errors to show."""
        return bool(self.form.errors)


class TextArea(forms.Textarea):
    """A box for several lines that no browser keeps, completes or spell-checks elsewhere."""

    def __init__(self, rows: int, *, key: str = "") -> None:
        """Draw it with this number of rows, as wide as the page lets it; pressing `key` goes to it."""
        attrs: dict[str, Any] = {
            "rows": rows,
            "cols": False,
            "dir": "auto",
            "autocomplete": "off",
            "spellcheck": "false",
        }
        if key:
            attrs["data-key"] = key
        super().__init__(attrs)


class RecordNumber(forms.IntegerField):
    """The number of the newest event that the member saw, hidden in a page; 0 if it is missing or no number."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        """Take numbers as the target has them."""
        super().__init__(required=False, min_value=0, max_value=10**18)

    def clean(self, value: Any) -> int:
        """Return the number, and 0 for what is none."""
        try:
            return super().clean(value) or 0
        except forms.ValidationError:
            return 0


def choose(text: Any) -> dict[str, Any]:
    """Return a choice's error messages: of one that was not made, and of one that there is not."""
    return {"required": text, "invalid_choice": text}


type KeysNeeded = Literal["none", "unlocked", "fresh", "words"]


class ActionView(NeedsRight, FormView):
    """Takes the POST of one act from a member with its `right`: binds `form_class`, calls `perform`, and goes back.

    `keys` says what the act takes of the desk: nothing, an unlocked one, one whose words were typed within ten minutes,
    or an unlocked one and words that are typed for this act (`self.reauthentication`). A locked desk does nothing: it
    keeps what was typed as a draft, for the member to look at once it is open.
    What is not valid and what the domain refuses show the target's newest page with everything that was typed.
    Subclasses say how their target is found and shown.
    """

    http_method_names = ["post"]
    form_class = forms.Form
    action: ClassVar[str]
    title: ClassVar[str] = ""  # for what the words are asked, where the act takes them
    keys: ClassVar[KeysNeeded] = "none"
    section: ClassVar[str] = (
        ""  # of the target's page, where what was done is said; empty: above the page
    )
    refused_field: ClassVar[str | None] = (
        None  # beside which field a refusal stands; None: above them all
    )
    tags: str = ""  # of the message that says what was done; empty: its section
    warns: bool = False  # whether what was done is not enough
    atomic: ClassVar[bool] = True  # False where the verb keeps something although it refuses

    @property
    def member(self) -> User:
        """Return who acts."""
        return cast("User", self.request.user)

    @cached_property
    def desk_keys(self) -> Keys:
        """Return the keys of an unlocked desk."""
        return cast("Keys", keys_of(self.request))

    def get_target(self) -> Any:
        """Return the target that the address names; raises Http404 or PermissionDenied."""
        raise NotImplementedError

    def get_target_url(self) -> str:
        """Return the address of the target's page."""
        meta = self.target._meta  # noqa: SLF001 - Django's public name
        return reverse(f"admin:reports_{meta.model_name}_change", args=[self.target.pk])

    def get_success_url(self) -> str:
        """Return where to go after the act: to the target's page."""
        return self.get_target_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form's fields the ids that the page gives them."""
        return super().get_form_kwargs() | {"auto_id": f"{self.action}_%s"}

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the target's newest page with an act that did not go through."""
        raise NotImplementedError

    def perform(self, data: dict[str, Any]) -> str:
        """Call the verb with the form's cleaned data and return what to tell the member; may raise Refused."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask first, where an act has a page of its own for that: its `http_method_names` have GET too."""
        self.target = self.get_target()
        return self.show_target(Attempt(self.action, self.get_form()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do the act, once the desk is as the act needs it."""
        self.target = self.get_target()
        words = PassphraseForm(request.POST if "passphrase" in request.POST else None)
        if self.keys == "fresh" and keys_or_unlocked(request, words, fresh=True) is None:
            if words.is_bound or keys_of(request):
                return self.ask_words(words)
            return self.locked()
        if self.keys in ("unlocked", "words") and keys_of(request) is None:
            return self.locked()
        if self.keys == "words":
            if not (form := self.get_form()).is_valid():
                return self.form_invalid(form)
            reauthentication = words.reauthenticate(request)
            if reauthentication is None:
                return self.ask_words(words)
            self.reauthentication = reauthentication
        return super().post(request, *args, **kwargs)

    def locked(self) -> HttpResponse:
        """Keep what was typed, say so, and go to the target's page, which asks for the words.

        A member without a key, for whom nothing is kept, gets the page with what they typed.
        """
        if not page_drafts.kept_for(self.request):
            form = self.get_form()
            form.add_error(self.refused_field, NO_KEY)
            return self.show_target(Attempt(self.action, form, self.section))
        page_drafts.save(self.request)
        messages.warning(self.request, LOCKED)
        return redirect(self.get_target_url())

    def ask_words(self, words: PassphraseForm) -> HttpResponse:
        """Ask on a page of its own for the words, which this act needs fresh or anew; it goes on with them."""
        form = self.get_form()
        draft = page_drafts.set_apart(self.request, form)
        asked = {
            "form": form,
            "draft": draft,
            "passphrase_form": words,
            "back": self.get_target_url(),
        }
        asked |= {"anew": self.keys == "words", "action": self.action, "button": self.title}
        context = page(self.request, title=self.asked_for(form)) | asked
        return TemplateResponse(self.request, "admin/reports/pages/words.html", context)

    def asked_for(self, form: forms.Form) -> str:
        """Return for what the words are asked: the act and what it is done to, which the page is called."""
        return f"{self.title}: {self.target}"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do the act, in a transaction; a refusal stands beside what was typed."""
        try:
            with transaction.atomic() if self.atomic else nullcontext():
                message = self.perform(form.cleaned_data)
                page_drafts.save(self.request, used=page_drafts.names(form))
        except Refused as refusal:
            form.add_error(
                field_of(refusal, form, otherwise=self.refused_field), refusal_text(refusal)
            )
            return self.form_invalid(form)
        level = messages.WARNING if self.warns else messages.SUCCESS
        messages.add_message(self.request, level, message, extra_tags=self.tags or self.section)
        return redirect(self.get_success_url())

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show the target with the form and what is wrong with it; all that was typed is kept."""
        page_drafts.save(self.request)
        return self.show_target(Attempt(self.action, form, self.section))


def addresses(
    acts: Iterable[type[ActionView]],
    *,
    prefix: str,
    wrap: Callable[[Any], Any],
    key: str = "<uuid:pk>",
) -> list[URLPattern]:
    """Return the addresses of acts, `<key>/<action>/`, called `<prefix>_<action>`."""
    return [
        path(f"{key}/{act.action}/", wrap(act.as_view()), name=f"{prefix}_{act.action}")
        for act in acts
    ]
