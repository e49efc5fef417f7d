"""The member's own password: shown again, and changed."""

from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from reports.domain.people import accounts
from reports.models import AuditAct

WRONG_PASSWORD = "That is not your password."  # noqa: S105 - a sentence


def is_password(request: HttpRequest, password: str) -> bool:
    """Return whether the password is the member's own; wrong ones are counted as failed sign-ins are."""
    user = cast("User", request.user)
    return authenticate(request, username=user.get_username(), password=password) == user


class _CountsTries(forms.Form):
    """A form that keeps the request, in which the tries are counted."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Keep it."""
        super().__init__(*args, **kwargs)
        self.request = request


class PasswordForm(_CountsTries):
    """The member's own password: a session alone, left open, removes no passkey, and adds none."""

    use_required_attribute = False
    password = forms.CharField(
        label="Your password",
        strip=False,
        error_messages={"required": "Type your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_password(self) -> str:
        """Check the password, five times in a quarter of an hour."""
        password = str(self.cleaned_data["password"])
        if not is_password(self.request, password):
            raise ValidationError(WRONG_PASSWORD)
        return password


class OwnPasswordForm(_CountsTries, AdminPasswordChangeForm):
    """Django's form for the member's own password, on the record; wrong old ones count as failed sign-ins do."""

    def clean_old_password(self) -> str:
        """Check the old password, five times in a quarter of an hour."""
        old = str(self.cleaned_data["old_password"])
        if not is_password(self.request, old):
            raise ValidationError(WRONG_PASSWORD, code="password_incorrect")
        return old

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        """Change it and record that, or neither."""
        user = super().save(commit=commit)
        accounts.log_event(user=user, by=user, act=AuditAct.CHANGED_PASSWORD)
        return user
