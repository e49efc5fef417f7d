"""What an address names, or a page that says that it is not there."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404


def row_or_404[Row: Model](rows: QuerySet[Row], **named: Any) -> Row:
    """Return the one row; raises Http404 for none, and for an id that cannot be one, which Django leaves to us."""
    try:
        row: Row = get_object_or_404(rows, **named)
    except (ValidationError, ValueError, OverflowError):
        raise Http404 from None
    return row
