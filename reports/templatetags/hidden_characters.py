"""`show_hidden`: a sender's words with a mark in the place of each thing that no eye sees."""

import unicodedata

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from reports.text.hidden_characters import CharacterRun, code, pieces

NAMED = 3  # characters that a mark names; the others are counted

register = template.Library()


@register.filter
def show_hidden(text: object) -> SafeString:
    """Return a text, escaped, in which a small box names what is hidden: what is copied is what was sent.

    The box is drawn by the style sheet. The characters stay in it, where a control of direction turns nothing round.
    """
    return mark_safe("".join(_drawn(piece) for piece in pieces(str(text))))  # noqa: S308 - each piece is escaped


def _drawn(piece: CharacterRun) -> str:
    if not piece.hidden:
        return escape(piece.text)
    name = unicodedata.name(piece.text[0], "").lower()
    return format_html('<bdi class="mark-char" title="{}" data-code="{}">{}</bdi>', name, _label(piece), piece.text)


def _label(piece: CharacterRun) -> str:
    """Return what the box says: how many marks are heaped up, or which characters no eye sees."""
    count = len(piece.text)
    if piece.is_heap:
        return ngettext("%(count)s accent", "%(count)s accents", count) % {"count": count}
    if count > 1 and len(set(piece.text)) == 1:
        return f"{code(piece.text[0])} × {count}"
    named = " ".join(map(code, piece.text[:NAMED]))
    return f"{named} + {count - NAMED}" if count > NAMED else named
