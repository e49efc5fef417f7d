"""What the public pages say about telling the police and children's services: each sentence once, for all of them.

The rule itself is `reports/domain/referrals/consent.py`; a test reads the pages and finds any other sentence about it.
"""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

TICK = _("I am under 18")

SENTENCES: Mapping[str, str | Promise] = {
    "heading": _("Who we may tell"),
    "question": _("May we tell the police what you wrote?"),
    "choice": _("You choose what we may tell the police: your words, our words, or nothing."),
    "skipped": _(
        "If you do not answer, we may tell the police what you wrote, but only if someone who leads our team agrees."
    ),
    "not_answered": _("You did not say whether we may tell the police what you wrote."),
    "override": _(
        "If someone’s life is at risk, or a child may be in danger, we may tell the police or children’s services even "
        "if you say no."
    ),
    "needed": _("We pass on only what is needed."),
    "name": _("If you gave no name, we have none to give, but your words may still show who you are."),
    "not_home_office": _("We do not send tips to the Home Office."),
    "we_tell": _(
        "We pass information to the police and, if a life is at risk or a child may be in danger, to children’s "
        "services or a safeguarding contact."
    ),
    "own_rules": _("The police have their own rules, and we cannot promise what they do."),
    "this_tick": _("If you tick this, we may tell someone whose job is to keep children safe."),
    "tick": format_lazy(_("If you tick “{box}”, we may tell someone whose job is to keep children safe."), box=TICK),
    "ticked": format_lazy(
        _("You ticked “{box}”, so we may tell someone whose job is to keep children safe."), box=TICK
    ),
    "no_trouble": _("You will not be in trouble with us for telling."),
    "read_first": _("We try to read it first, but not at night and not every day."),
    "call": format_lazy(_("If you are in danger now, call {emergency}."), **settings.PLACE.numbers),
}


def together(*names: str) -> str | Promise:
    """Return these of SENTENCES, one after the other."""
    return format_lazy(" ".join(["{}"] * len(names)), *(SENTENCES[name] for name in names))


OVERRIDE = together("override", "needed", "name")
HINT = together("skipped", "override", "needed", "name")
HOME_OFFICE = together("not_home_office", "we_tell", "own_rules")
UNDER_18 = together("this_tick", "no_trouble", "read_first", "call")


def consent_words(request: HttpRequest) -> dict[str, object]:
    """Give templates the sentences by name, `exception` (what we do even if a sender says no) and `home_office`."""
    return {"consent": {**SENTENCES, "exception": OVERRIDE, "home_office": HOME_OFFICE}}
