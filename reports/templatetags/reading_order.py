"""`numbers_in_order`: typed words in which a number is read from left to right, also inside Urdu."""

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from reports.text.number_runs import TextRun, pieces, runs_right_to_left

register = template.Library()


@register.filter
def numbers_in_order(text: object) -> SafeString:
    """Return a text, escaped, in which each number is isolated if something is written from right to left.

    What is copied is what was typed: nothing but elements is added.
    """
    typed = str(text)
    if runs_right_to_left(typed):
        return in_order(typed)
    return escape(typed)


def in_order(text: str) -> SafeString:
    """Return a piece of such a text, escaped, with each of its numbers isolated."""
    return mark_safe("".join(map(_drawn, pieces(text))))  # noqa: S308 - each piece is escaped


def _drawn(piece: TextRun) -> str:
    if piece.is_number:
        return format_html('<bdi dir="ltr">{}</bdi>', piece.text)
    return escape(piece.text)
