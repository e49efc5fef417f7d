"""What an editor sent of a page of the newsroom while they were signed out: in its boxes again, and not saved."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from core import carried_form
from core.sent import sent_text

NUL = "\x00"

type Typed = Mapping[str, list[str]]  # the boxes of a form as a browser sent them, by name

NOT_SAVED = "Not saved yet. The boxes show what you typed before you were signed out. Choose any files again."


def sign_page(request: HttpRequest) -> str:
    """Return the signed field by which a page's form is carried over a sign-out."""
    return carried_form.sign_page(member=request.user.pk or 0, at=request.path)


def brought(request: HttpRequest) -> Typed | None:
    """Return what was typed in the form that a request carries for the editor who sends it; None without one."""
    form_before = carried_form.opened(sent_text(request.POST, "carried"))
    if form_before and (form_before.member, form_before.at) == (request.user.pk, request.path):
        return form_before.typed
    return None


def put(form: forms.BaseForm, typed: Typed) -> None:
    """Put what was typed in the boxes of a form that is not bound."""
    sent = QueryDict(mutable=True)
    for name, values in typed.items():
        sent.setlist(name, [value.replace(NUL, "") for value in values])
    for name, field in form.fields.items():
        if not isinstance(field, forms.FileField):
            form.initial[name] = field.widget.value_from_datadict(sent, {}, form.add_prefix(name))


def filled(form: type[Any], typed: Typed) -> type[Any]:
    """Return a form's class whose forms show what was typed."""

    class Filled(form):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            put(self, typed)

    return Filled
