"""What every room of the newsroom's admin shares: who may enter, how a time is typed, and our own look."""

from typing import Any, cast, override

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.http import HttpRequest

CSS = {"all": ["css/newsroom-admin.css"]}


class Moment(forms.DateTimeInput):
    """A date and a time in one labelled box, with the device's own picker and without a script."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write times as the browser reads them."""
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Day(forms.DateInput):
    """The same for a date."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Write dates as the browser reads them."""
        super().__init__(attrs, format="%Y-%m-%d")


PLAIN_TIMES: dict[Any, dict[str, Any]] = {
    models.DateTimeField: {"form_class": forms.DateTimeField, "widget": Moment},
    models.DateField: {"form_class": forms.DateField, "widget": Day},
}


def editor(request: HttpRequest) -> User:
    """Return who asks: these rooms let nobody in who has not signed in."""
    return cast("User", request.user)


LOOK, WRITE = "newsroom.view_article", "newsroom.change_article"


class Room(admin.ModelAdmin):
    """A room for everybody who may write articles: one right opens all that an article is made of."""

    formfield_overrides = PLAIN_TIMES
    rights = {"view": LOOK, "add": WRITE, "change": WRITE}

    class Media:
        css = CSS

    @override
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the links beside a choice: without a script they would leave the page, and what was typed."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            if hasattr(getattr(field, "widget", None), f"can_{link}_related"):
                setattr(field.widget, f"can_{link}_related", False)
        return field

    @override
    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Let in who may see articles."""
        return request.user.has_perm(LOOK)

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let add who may write articles."""
        return request.user.has_perm(WRITE)

    @override
    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Let change who may write articles."""
        return request.user.has_perm(WRITE)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse, whoever asks: addresses and keys are never free again."""
        return False

    @override
    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the room to who may see it."""
        return self.has_view_permission(request)
