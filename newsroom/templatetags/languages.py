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

TAG_OR_ENGLISH = re.compile(f"<[^>]*>|{BEGIN}((?:(?!{BEGIN}|{END}).)*){END}", re.DOTALL)  # one that holds no other

register = template.Library()


class Choice(NamedTuple):
    """A language that a page is offered in: its code, its own name, the page's address, whether this page is in it."""

    code: str
    name: str
    path: str
    is_current: bool


@register.simple_tag
def languages(path: str) -> list[Choice]:
    """Return the languages of the page with this address, whichever language that is in; none beside English alone."""
    path, here, offered = plain(path), get_language(), settings.LANGUAGES
    there = {code: path if code == ENGLISH else f"/{code}{path}" for code, _name in offered}
    return [Choice(code, name, there[code], code == here) for code, name in offered if len(offered) > 1]


@register.filter
def english(text: str | Promise) -> str | Promise:
    """Return what somebody typed in English as such, on a page in another language, unless a place translates it.

    Ours is lazy, and translated.
    """
    if not text or isinstance(text, Promise) or get_language() == ENGLISH:
        return text
    if (said := gettext(text)) != text:
        return said
    return format_html('<bdi lang="en" dir="ltr">{}</bdi>', text)


@register.filter
def untranslated(html: str) -> SafeString:
    """Return a page in which each text that nobody has checked, and that is in English therefore, says that it is.

    The catalogue marks it (`reports/text/catalogues.py`) with signs that nobody sees, and that hold the direction in
    attributes too.
    """
    before = ""
    while BEGIN in html and html != before:  # a number to call, say, stands inside a sentence
        before, html = html, TAG_OR_ENGLISH.sub(_as_english, html)
    return mark_safe(html)  # noqa: S308 - a template has escaped it


def _as_english(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else f'<bdi lang="en" dir="ltr">{found[1]}</bdi>'
