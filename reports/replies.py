"""The replies that a desk begins with, which senders read in the language of their pages where somebody has checked it.

Team leads can change their English, or delete them; what they changed has no translation.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from core.languages import BEGIN, ENGLISH, NAMES

WHEN = gettext_lazy(
    "Thank you. It helps us to know when this happens. Can you say which days, and about what time? Do not go and"
    " look. Tell us only what you already know."
)
WHICH_PLACE = gettext_lazy(
    "Thank you. We are not sure which place you mean. Can you describe it in another way, from a road or a shop"
    " near it? Do not go there to find out."
)
IN_DANGER = gettext_lazy(
    "If you or someone else is in danger now, call {emergency}. We do not read this all day. {emergency.more}"
)
READ = gettext_lazy(
    "Thank you. We have read what you sent. We cannot say what will come of it, and it can take a long time. You"
    " can look here again with your seven words."
)
ALL = (WHEN, WHICH_PLACE, IN_DANGER, READ)


def filled(reply: object) -> str:
    """Return one of ALL with the place's numbers, in the language that is spoken now."""
    return str(reply).format(**settings.PLACE.translated(gettext).numbers)


def translated(text: str, code: str) -> str:
    """Return a reply, as the desk keeps it in English, in a language; "" where it was changed, or nobody checked it."""
    with translation.override(ENGLISH):
        built_in = {filled(reply): str(reply) for reply in ALL}
    if text not in built_in or code not in NAMES:
        return ""
    english = built_in[text]
    more = settings.PLACE.numbers["emergency"].more
    needed = [english]
    if more and "{emergency.more}" in english:
        needed.append(more)
    with translation.override(code):
        for each in needed:
            own = gettext(each)
            if BEGIN in own or own == each:
                return ""
        return filled(gettext(english))


def is_built_in(text: str) -> bool:
    """Return whether a text is one of these replies, or several, as somebody has translated and checked them."""
    with translation.override(ENGLISH):
        texts = list(map(filled, ALL))
    own = set[str]()
    for each in texts:
        own |= {translated(each, code) for code in NAMES}
    own.discard("")
    return own.issuperset(text.split("\n\n"))
