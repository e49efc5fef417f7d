"""Reads one field of what a browser sent, where a form of its own would have no other: a mark, or where to go on."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

TEXT = forms.CharField(required=False)


def sent_text(sent: Mapping[str, Any], name: str) -> str:
    """Return the field's text; "" for none, and for what no database takes, such as a NUL."""
    try:
        return str(TEXT.clean(sent.get(name)))
    except ValidationError:
        return ""
