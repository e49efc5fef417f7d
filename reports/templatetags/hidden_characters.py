"""`show_hidden`: a sender's words with a mark in the place of each thing that no eye sees; numbers stay in order."""

import unicodedata

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from core.text import plural
from reports.templatetags.reading_order import in_order
from reports.text.hidden_characters import CharacterRun, code, pieces
from reports.text.number_runs import runs_right_to_left

NAMED = 3  # characters that a mark names; the others are counted

register = template.Library()


@register.filter
def show_hidden(text: object) -> SafeString:
    """Return a text, escaped, in which a small box names what is hidden: what is copied is what was sent.

    The box is drawn by the style sheet. The characters stay in it, where a control of direction turns nothing round.
    In a text that runs from right to left each number is read from left to right.
    """
    sent = str(text)
    seen = in_order if runs_right_to_left(sent) else escape
    drawn = []
    for piece in pieces(sent):
        html = _box(piece) if piece.hidden else seen(piece.text)
        drawn.append(html)
    return mark_safe("".join(drawn))  # noqa: S308 - each piece is escaped


def _box(piece: CharacterRun) -> str:
    name = unicodedata.name(piece.text[0], "").lower()
    return format_html(
        '<bdi class="mark-char" title="{}" data-code="{}">{}</bdi>', name, _label(piece), piece.text
    )


def _label(piece: CharacterRun) -> str:
    """Return what the box says: how many marks are heaped up, or which characters no eye sees."""
    count = len(piece.text)
    if piece.is_heap:
        return plural(count, f"{count} accent", f"{count} accents")
    if count > 1 and len(set(piece.text)) == 1:
        return f"{code(piece.text[0])} × {count}"
    named = " ".join(map(code, piece.text[:NAMED]))
    if count > NAMED:
        return f"{named} + {count - NAMED}"
    return named
