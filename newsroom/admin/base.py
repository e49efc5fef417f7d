"""What every page of the newsroom's admin shares: permissions, date and time fields, and the stylesheet."""

from typing import Any, cast, override

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.http import HttpRequest

VIEW, CHANGE = "newsroom.view_article", "newsroom.change_article"


class DateTimePicker(forms.DateTimeInput):
    """One labelled field for a date and a time, with the browser's own picker and without a script."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class DatePicker(forms.DateInput):
    """One field for a date, with the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


PICKERS: dict[Any, dict[str, Any]] = {
    models.DateTimeField: {"form_class": forms.DateTimeField, "widget": DateTimePicker},
    models.DateField: {"form_class": forms.DateField, "widget": DatePicker},
}


def editor(request: HttpRequest) -> User:
    """Return the signed-in user; the admin lets nobody else in."""
    return cast("User", request.user)


class NewsroomModelAdmin(admin.ModelAdmin):
    """The base of the newsroom's admin classes: the permissions on articles open all of them."""

    formfield_overrides = PICKERS
    rights = {"view": VIEW, "add": CHANGE, "change": CHANGE}

    class Media:
        css = {"all": ["css/newsroom-admin.css"]}

    @override
    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Remove the links beside a choice: without a script they would leave the page and lose what was typed."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("add", "change", "delete", "view"):
            if hasattr(getattr(field, "widget", None), f"can_{link}_related"):
                setattr(field.widget, f"can_{link}_related", False)
        return field

    @override
    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(VIEW)

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CHANGE)

    @override
    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(CHANGE)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse everybody: addresses and keys are never used again."""
        return False

    @override
    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
