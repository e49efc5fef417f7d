"""What the check page says beside words that could show who wrote them."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Pattern = tuple[Promise, re.Pattern[str]]  # what to say, and the words to say it of

PHONE_ADVICE = _("This looks like your own phone number. Take it out, unless you want us to have it.")
ANY_PHONE_ADVICE = _("Is this number yours, or theirs? Take it out if it is yours, unless you want us to have it.")
EMAIL_ADVICE = _("Is this your own e-mail address? Take it out, unless you want us to have it.")
HANDLE_ADVICE = _("Is this name yours, or theirs? Take it out if it is yours.")
REACH_ADVICE = _("This says how you can be reached. Take it out, unless you want us to have it.")
NAME_ADVICE = _("This looks like your name. We do not need it.")
HOME_ADVICE = _("This says something about where you live. Say where it happens instead, without “my”.")
NEAR_ADVICE = _("This says where you live or stand. Few people live there, so they may guess that it was you.")
KIN_ADVICE = _("This says who you are to someone. “A person I know” says less about you.")
WORK_ADVICE = _("This says where you work or learn, or what you do. Others may know who that is.")
PAST_ADVICE = _("This says what you did before, or what you were to them. They may remember who that was.")
SELF_ADVICE = _("This says what kind of person you are. Together with what you know, it may be enough to find you.")
TIME_ADVICE = _("This says what you did at a certain minute. “In the morning” says less.")
ONLY_ADVICE = _("If only you or a few people can know this, they may guess that it was you. Say less if you can.")
DEALINGS_ADVICE = _("This says what went on between you and them. They may know from it that it was you.")
VEHICLE_ADVICE = _("This looks like your own car or bike. Leave it out.")
MINE_ADVICE = _("This says that something is yours. Write it without saying whose it is.")
CONTACT_ADVICE = _(
    "You wrote contact details but did not choose to be phoned or emailed, so we will not use them. Take them out if "
    "you do not want us to have them."
)


def patterns(*families: tuple[Promise, *tuple[str, ...]]) -> tuple[Pattern, ...]:
    """Return the families of phrases, each with its advice, ready to be searched for at the beginnings of words.

    They are for a text in small letters, which takes half the time of ignoring case. Repeats in them are bounded.
    """
    return tuple((advice, re.compile(rf"\b(?:{'|'.join(map(_in_small, phrases))})")) for advice, *phrases in families)


def _in_small(phrase: str) -> str:
    """Return a regular expression with its letters small, but for those of its escapes."""
    return re.sub(r"(?<!\\)[A-Z]", lambda letter: letter[0].lower(), phrase)
