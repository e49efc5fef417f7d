"""What pages in several languages need: the other languages' addresses, and English that stands among them."""

import re
from typing import NamedTuple

from django import template
from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from core.languages import BEGIN, END, ENGLISH, plain

PARTS = re.compile(
    f"<textarea\\b.*?</textarea>|<[^>]*>|{BEGIN}|{END}", re.DOTALL
)  # of a page; a box is what people typed

register = template.Library()


class OfferedLanguage(NamedTuple):
    """A language that a page is offered in: its code, its own name, the page's address, whether this page is in it."""

    code: str
    name: str
    path: str
    is_current: bool


@register.simple_tag
def languages(path: str) -> list[OfferedLanguage]:
    """Return the languages of the page with this address, whichever language that is in; none beside English alone."""
    path = plain(path)
    here = get_language()
    offered = settings.LANGUAGES
    if len(offered) == 1:
        return []
    listed = []
    for code, name in offered:
        address = path if code == ENGLISH else f"/{code}{path}"
        listed.append(OfferedLanguage(code, name, address, code == here))
    return listed


@register.filter
def english(text: str | Promise) -> str | Promise:
    """Return what somebody typed in English as such, on a page in another language, unless a place translates it.

    Ours is lazy, and translated.
    """
    if not text or isinstance(text, Promise) or get_language() == ENGLISH:
        return text
    said = gettext(text)
    if said != text:
        return said
    return format_html('<bdi lang="en" dir="ltr">{}</bdi>', text)


@register.filter
def untranslated(html: str) -> SafeString:
    """Return a page in which each text that nobody has checked, and that is in English therefore, says that it is.

    The catalogue marks it (`core/catalogues.py`) with signs that nobody sees, and that hold the direction in attributes
    too. Somebody may have typed them: one pass, whatever is inside what, and a mark without its other goes.
    """
    if BEGIN not in html:
        return mark_safe(html)  # noqa: S308 - a template has escaped it
    parts = list[str]()
    begun = list[int]()
    at = 0
    for found in PARTS.finditer(html):
        parts += (html[at : found.start()], found[0] if found[0] not in (BEGIN, END) else "")
        at = found.end()
        if found[0] == BEGIN:
            begun.append(len(parts) - 1)
        elif found[0] == END and begun:
            parts[begun.pop()] = '<bdi lang="en" dir="ltr">'
            parts[-1] = "</bdi>"
    return mark_safe("".join([*parts, html[at:]]))  # noqa: S308 - a template has escaped it
