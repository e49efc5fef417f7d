"""What every page of the newsroom's admin shares: permissions, date and time fields, and the stylesheet."""

from datetime import datetime
from typing import Any, ClassVar, cast, override

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from core.lists import ListAdmin
from newsroom.admin import carried
from newsroom.models import Article

VIEW = "newsroom.view_article"
CHANGE = "newsroom.change_article"


class DateTimeField(forms.DateTimeField):
    """A time by the place's clock; one that nobody changes stays the instant that it was.

    In the hour that comes twice, a new time is the first of the two.
    """

    _before: Any = None

    @override
    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        self._before = form.get_initial_for_field(self, field_name)
        return super().get_bound_field(form, field_name)

    @override
    def to_python(self, value: Any) -> datetime | None:
        if isinstance(self._before, datetime) and value == DATE_TIME.format_value(
            timezone.localtime(self._before)
        ):
            return self._before
        try:
            return super().to_python(value)
        except ValidationError as refusal:
            if refusal.code != "ambiguous_timezone":
                raise
            named: datetime = (refusal.params or {})["datetime"]
        first = timezone.make_aware(named)
        if first.timestamp() > first.replace(fold=1).timestamp():
            raise ValidationError(
                "The clocks go forward then, so there is no such time. Choose an earlier or later one."
            )
        return first


# One labelled field with the browser's own picker, and without a script.
DATE_TIME = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
PICKERS: dict[Any, dict[str, Any]] = {
    models.DateTimeField: {"form_class": DateTimeField, "widget": DATE_TIME},
    models.DateField: {
        "form_class": forms.DateField,
        "widget": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    },
}


def typed_before(request: HttpRequest) -> carried.Typed | None:
    """Return what a browser sent of this page before, to be shown in it again as not saved; None without it."""
    return getattr(request, "typed_before", None)


def editor(request: HttpRequest) -> User:
    """Return the signed-in user; the admin lets nobody else in."""
    return cast("User", request.user)


def around(request: HttpRequest, *, title: str, **context: Any) -> dict[str, Any]:
    """Return the context of a page about articles: the admin's own, its title, and these."""
    opts = Article._meta  # noqa: SLF001 - Django's public name
    return admin.site.each_context(request) | {"title": title, "opts": opts} | context


class OfArticles:
    """Permissions on articles for the rest of the newsroom: `rights` says which; an act without one is nobody's."""

    rights: ClassVar[dict[str, str]] = {"view": VIEW, "add": CHANGE, "change": CHANGE}

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._has("view", request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._has("add", request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._has("change", request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._has("delete", request)

    def _has(self, act: str, request: HttpRequest) -> bool:
        return act in self.rights and request.user.has_perm(self.rights[act])


class NewsroomModelAdmin(OfArticles, ListAdmin):
    """The base of the newsroom's admin classes. Nothing is deleted: addresses and keys are never used again."""

    formfield_overrides = PICKERS

    class Media:
        css = {"all": ["css/newsroom-admin.css"]}

    @override
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Show the form; with what its editor sent of this page while they were signed out, as not saved."""
        typed = carried.brought(request)
        if typed is not None:
            request.typed_before = typed  # type: ignore[attr-defined]
            request.method = "GET"
            messages.warning(request, carried.NOT_SAVED)
        signed = {"signed_page": carried.sign_page(request)}
        return super().changeform_view(request, object_id, form_url, signed | (extra_context or {}))

    @override
    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, with what its editor sent before if that is to be shown again."""
        form = super().get_form(request, obj, change, **kwargs)
        typed = typed_before(request)
        if typed is None:
            return form
        return carried.filled(form, typed)

    @override
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Remove the links beside a choice: without a script they would leave the page and lose what was typed."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            if hasattr(getattr(field, "widget", None), f"can_{link}_related"):
                setattr(field.widget, f"can_{link}_related", False)
        return field
