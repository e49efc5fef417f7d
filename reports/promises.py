"""What the privacy page promises; `docs/promises.md` says by which test each is held, under the same name."""

from typing import NamedTuple

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _


class Promise(NamedTuple):
    """A promise: the name by which documents and tests know it, and a reader's words."""

    name: str
    says: str | Lazy


PROMISES = (
    Promise("nowhere-in-clear", _("What you write lies nowhere in clear: in no database, file or log.")),
    Promise(
        "own-words",
        _("Only a keyholder’s own words open a tip. Wrong words open nothing, and the try is written down."),
    ),
    Promise("asked-nothing", _("If you choose No, we will not ask you anything until you write to us again.")),
    Promise("reading-recorded", _("Each time somebody reads a tip, that is written down before they see a word.")),
    Promise(
        "never-lost", _("What we said we received is not lost, even if our machine is switched off while you send.")
    ),
    Promise("only-the-picture", _("Of a picture only the picture is kept: no place, no time, no make of phone.")),
    Promise("day-becomes-week", _("The day of a tip becomes its week once we open it.")),
    Promise("deleted-in-time", _("Nothing is deleted early, and at the most six days late.")),
    Promise("gone-from-copies", _("What is deleted cannot be read from last month’s copy.")),
    Promise(
        "never-alone",
        _("What came of a tip is told only with four others or more, and only while the story is out."),
    ),
    Promise("no-small-number", _("No number under ten can be worked out from our public figures.")),
)
