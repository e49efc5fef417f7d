"""`dialled`: numbers that a phone calls when they are pressed."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

NUMBER = re.compile(r"(?<![\w#])\+?\d(?: ?\d){2,14}(?!\w)")

register = template.Library()


@register.filter
def dialled(text: str) -> SafeString:
    """Return a sentence, escaped, in which each phone number is a link that calls it."""
    link = '<a href="tel:{}">{}</a>'
    linked = NUMBER.sub(
        lambda found: link.format(found[0].replace(" ", ""), found[0]), conditional_escape(text)
    )
    return mark_safe(linked)  # noqa: S308 - escaped above, and a number is digits alone
