"""What the public pages say about telling the police and children's services: each sentence once, for all of them.

The rule itself is `reports/domain/referrals/consent.py`; a test reads the pages and finds any other sentence about it.
"""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

TICK = gettext_lazy("I am under 18")


def until_adults(before: str | Promise, since: str | Promise) -> str | Promise:
    """Return a text that is `before` until the week of `adults_from` has come, and `since` from then on."""
    return lazy(_of_today, str)(before, since)


def speaks_of_adults() -> bool:
    """Return whether pages say today that adults who cannot protect themselves are a reason to tell someone."""
    return settings.PLACE.protects_adults(timezone.localdate())


def _of_today(before: str | Promise, since: str | Promise) -> str:
    return str(since if speaks_of_adults() else before)


SENTENCES: Mapping[str, str | Promise] = {
    "heading": gettext_lazy("Who we may tell"),
    "question": gettext_lazy("May we tell the police what you wrote?"),
    "choice": gettext_lazy(
        "You choose what we may tell the police: your words, our words, or nothing."
    ),
    "skipped": gettext_lazy(
        "If you do not answer, we use only our own words, and only if someone who leads our team agrees."
    ),
    "how_known": gettext_lazy("We may tell the police this, unless you answer No about them."),
    "not_answered": gettext_lazy("You have not said what we may tell the police."),
    "strictest": gettext_lazy("Here you can only let us tell less than before."),
    "unchanged": gettext_lazy("If you do not answer, your earlier answer stays."),
    "override": until_adults(
        gettext_lazy("Even if you say no, we may tell the police or children’s services."),
        gettext_lazy(
            "Even if you say no, we may tell the police, children’s services or adult social care."
        ),
    ),
    "no_unless": until_adults(
        gettext_lazy("You said No, so we will not tell the police or children’s services."),
        gettext_lazy(
            "You said No, so we will not tell the police, children’s services or adult social care."
        ),
    ),
    "grounds": until_adults(
        gettext_lazy(
            "We may do that only if someone’s life is at risk, or a child may be in danger."
        ),
        gettext_lazy(
            "We may do that only if someone’s life is at risk, or a child or an adult who cannot protect themselves "
            "may be in danger."
        ),
    ),
    "law": gettext_lazy("The law can also make us tell."),
    "needed": gettext_lazy("We pass on only what is needed."),
    "name": gettext_lazy("Even without your name, your words may show who you are."),
    "stricter": gettext_lazy(
        "On the page “Your messages” you can stop us telling the police, or let us use only our words."
    ),
    "not_looser": gettext_lazy("You cannot allow more later, except in a new tip."),
    "too_late": gettext_lazy("We cannot take back what the police already have."),
    "pictures": gettext_lazy(
        "If you said Yes, we may pass your pictures to the police too, once two of us have looked at them."
    ),
    "pictures_unanswered": gettext_lazy(
        "If you did not answer, we pass on your pictures only if someone is in danger."
    ),
    "no_pictures": gettext_lazy(
        "If you said No, or only in our words, we do not pass on your pictures."
    ),
    "not_home_office": gettext_lazy("We do not send tips to the Home Office."),
    "we_tell": until_adults(
        gettext_lazy(
            "We pass information to the police and, if a life is at risk or a child may be in danger, to children’s "
            "services or a safeguarding contact."
        ),
        gettext_lazy(
            "We pass information to the police and, if a life is at risk, or a child or an adult who cannot protect "
            "themselves may be in danger, to children’s services, adult social care or a safeguarding contact."
        ),
    ),
    "own_rules": gettext_lazy(
        "The police have their own rules, and we cannot promise what they do."
    ),
    "this_tick": gettext_lazy(
        "If you tick this, we may tell a social worker or a safeguarding lead."
    ),
    "tick": format_lazy(
        gettext_lazy("If you tick “{box}”, we may tell a social worker or a safeguarding lead."),
        box=TICK,
    ),
    "ticked": format_lazy(
        gettext_lazy("You ticked “{box}”, so we may tell a social worker or a safeguarding lead."),
        box=TICK,
    ),
    "unknown": gettext_lazy("All we know about you is what you write."),
    "no_trouble": gettext_lazy("You will not be in trouble with us for telling."),
    "read_first": gettext_lazy("We try to read it first, but not at night and not every day."),
    "call": format_lazy(
        gettext_lazy("If you are in danger now, call {emergency}."), **settings.PLACE.numbers
    ),
}


def together(*names: str) -> str | Promise:
    """Return these of SENTENCES, one after the other."""
    return format_lazy(" ".join(["{}"] * len(names)), *(SENTENCES[name] for name in names))


def silence(unanswered: str = "skipped") -> str | Promise:
    """Return what no answer means, and when we may tell someone even after a no: neither stands without the other."""
    return together(unanswered, "override", "grounds", "law")


SILENCE = silence()
OVERRIDE = together("override", "grounds")
EXCEPTION = together("override", "grounds", "law", "needed", "name")
NO_UNLESS = together("no_unless", "grounds", "law", "needed", "name")
CHANGED_LATER = together("stricter", "not_looser", "too_late")
STRICTER = format_lazy(
    "{} {} {}", SENTENCES["strictest"], silence("unchanged"), SENTENCES["too_late"]
)
HOME_OFFICE = together("not_home_office", "we_tell", "own_rules")
UNDER_18 = together("this_tick", "unknown", "read_first", "call")


def consent_words(request: HttpRequest) -> dict[str, object]:
    """Give templates the sentences by name, and those that belong together, such as `exception` to a sender's no."""
    joined = {
        "silence": SILENCE,
        "override": OVERRIDE,
        "exception": EXCEPTION,
        "after_no": NO_UNLESS,
        "changed_later": CHANGED_LATER,
        "home_office": HOME_OFFICE,
    }
    return {"consent": {**SENTENCES, **joined}}
