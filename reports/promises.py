"""What the page /about/promises/ says; `docs/promises.md` says by which test each is held, under the same name."""

from typing import NamedTuple

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy


class Promise(NamedTuple):
    """A promise: the name by which documents and tests know it, and a reader's words."""

    name: str
    says: str | Lazy


PROMISES = (
    Promise("nowhere-in-clear", gettext_lazy("We lock what you write before we store it.")),
    Promise(
        "own-words",
        gettext_lazy(
            "A tip opens only with the six words of a team member who can read tips, or with the recovery sheet that we"
            " keep on paper. Wrong words open nothing, and we record the attempt."
        ),
    ),
    Promise(
        "asked-nothing",
        gettext_lazy("If you choose No, we will not ask you anything until you write to us again."),
    ),
    Promise(
        "reading-recorded",
        gettext_lazy(
            "Each time someone reads what you wrote, we record it before they see a word."
        ),
    ),
    Promise(
        "stored-before-told",
        gettext_lazy(
            "What you send is stored on disk before we tell you that we have it, so it survives a server that is"
            " switched off. If we have no second disk, a broken disk can lose what came since the last backup."
        ),
    ),
    Promise(
        "only-the-picture",
        gettext_lazy(
            "We keep only what people can see in a picture. We do not keep the place, the time or the make of phone."
        ),
    ),
    Promise(
        "day-becomes-week",
        gettext_lazy(
            "Once we open a tip, we keep only the week in which it arrived and not the day."
        ),
    ),
    Promise(
        "deleted-in-time",
        gettext_lazy(
            "Once we have decided about a tip, we delete it on the day that our page “Privacy” names or at most six"
            " days later. We keep it longer only for a reason that it names."
        ),
    ),
    Promise(
        "locked-in-backups",
        gettext_lazy(
            "After we delete a tip, a locked backup may still hold it for up to 35 days. Once we have removed the key"
            " it was locked with, the keys that we still use cannot open it there."
        ),
    ),
    Promise(
        "never-alone",
        gettext_lazy(
            "We say what tips led to only if at least five tips were part of it, and only while the story is published."
        ),
    ),
    Promise(
        "no-small-number",
        gettext_lazy("Nobody can work out a number under ten from our figures alone."),
    ),
)
