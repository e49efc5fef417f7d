"""The faults that maintenance looks for each minute: the number of each, its sentence, and what to do.

Their system checks find them (reports/checks.py). Whoever has only the numbers, from the file that maintenance writes
or from another machine's report, has the words from here.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import checks
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HEALTH = "health"  # the tag of their checks


class Fault(NamedTuple):
    """A fault: the id of its system check, what is wrong, and what to do. An id with E makes maintenance fail."""

    id: str
    what: Promise
    remedy: Promise

    @property
    def do(self) -> str:
        """Return what to do, with the command that works on this machine."""
        return str(self.remedy) % {"manage": settings.MANAGE_COMMAND, "state": settings.STATE_DIR}

    def message(self, *, obj: object = None, what: str = "", do: str = "") -> checks.CheckMessage:
        """Return it as its check says it; `obj` names where it was found, `what` and `do` are words that fit better."""
        kind = checks.Error if self.id.startswith("streetlight.E") else checks.Warning
        return kind(what or str(self.what), hint=do or self.do, obj=obj, id=self.id)


FULL = Fault(
    "streetlight.E050",
    _("A disk is full: neither the form nor the desk nor maintenance can write there."),
    _("See which: df -h and df -i. Make room: nothing else is needed. What was received before is kept."),
)
LOST = Fault(
    "streetlight.E051",
    _("The database of this desk is gone. Tips are received all the same, and wait."),
    _("Do not run prepare. See how to restore: %(manage)s doctor"),
)
DATABASE = Fault(
    "streetlight.E052",
    _("The database does not answer. Tips that were received wait in the outbox."),
    _(
        "Start it; what waits comes in by itself. If it is a file, see who owns it, and look at its disk. On a new "
        "machine make it: %(manage)s prepare"
    ),
)
KEY = Fault(
    "streetlight.E010",
    _("desk.pub cannot be used, so no tip can be received."),
    _("Copy it again from the desk, or from a backup."),
)
NO_KEY_FILE = Fault(
    "streetlight.E011",
    _("There is no key file, so nobody can unlock the desk."),
    _("Put keyring.age back from streetlight-desk.age or the second disk. Only for a new desk: %(manage)s desk_setup"),
)
STALE_KEY_FILE = Fault(
    "streetlight.E067",
    _("The key file is not the one that the desk last wrote, so no tip can be opened."),
    _("Put that version of keyring.age back from streetlight-desk.age or the second disk: both keep the good one."),
)
OUTBOX = Fault(
    "streetlight.E013",
    _("The outbox cannot store a tip."),
    _("Make %(state)s/outbox writable for the service’s user, and see that its disk has room."),
)
SWAPPED = Fault(
    "streetlight.E053",
    _("desk.pub is not the key that the desk made last: tips may be sealed to a stranger."),
    _(
        "Unlock the desk: that puts an older key of its own right. If it warns of a stranger’s key instead, stop "
        "the service, and see “When something is wrong” in docs/operations.md."
    ),
)
UNREADABLE = Fault(
    "streetlight.E014",
    _("The outbox holds files that cannot be read. The others have gone on."),
    _("Look at %(state)s/outbox: at .damaged-* files, at who owns the files, and at the disk."),
)
LATE = Fault(
    "streetlight.E054",
    _("Maintenance has not run for ten minutes: no urgent notice is sent, and nothing is deleted on time."),
    _(
        "Start its timer: systemctl enable --now streetlight-maintenance.timer. Then see why it stopped: journalctl -u "
        "streetlight-maintenance"
    ),
)
JOBS = Fault(
    "streetlight.E055", _("Some of maintenance’s jobs fail."), _("See where: journalctl -u streetlight-maintenance")
)
MAIL = Fault(
    "streetlight.E056",
    _("The mail server does not take our mail: notices of urgent tips reach nobody."),
    _("Look at MAIL_HOST, MAIL_USER, MAIL_PASSWORD and the addresses. Then try: %(manage)s doctor --mail"),
)
REFUSED = Fault(
    "streetlight.E057",
    _("A notice could not be mailed."),
    _("Look at the members’ addresses, and at the mail server. Then try: %(manage)s doctor --mail"),
)
CLOCK = Fault(
    "streetlight.E058",
    _(
        "The machine’s clock is more than seven days from where it was, or maintenance stood still for as long. "
        "Nothing is deleted or released until a team lead confirms the date."
    ),
    _("Set the clock right, if it is wrong. If it is right, a team lead confirms it on the first screen."),
)
FACTORS = Fault(
    "streetlight.E060",
    _("desk/factor_key is missing or another one: codes of authenticator apps and recovery codes are refused."),
    _(
        "Put it back from a backup, before anybody sets up a new app. Without one, each member starts again with "
        "a code: a team lead gives it, or %(manage)s desk_recover NAME --sign-in"
    ),
)
DELETION_RECORDS = Fault(
    "streetlight.E069",
    _("desk/deletion_records is damaged: no backup is made, and a restore would bring back what is deleted now."),
    _("Put it back from streetlight-desk.age or the second disk: both keep the good one. If there is none, delete it."),
)
UNCHECKED = Fault(
    "streetlight.E061",
    _("Something could not be looked at."),
    _(
        "See why: journalctl -u streetlight-maintenance. If files belong to another "
        "user: chown -R streetlight: %(state)s"
    ),
)
STORE = Fault(
    "streetlight.W041",
    _("One of the outbox’s two stores fails: what comes in is held by the other alone."),
    _("Look at its disk."),
)
BACKUP = Fault(
    "streetlight.W043",
    _("No backup of the last two days has been verified."),
    _("See systemctl status streetlight-backup.service, then run: %(manage)s backup verify"),
)
DISK = Fault("streetlight.W062", _("A disk has less than 10 % left."), _("See which: df -h and df -i. Make room."))
PAGES = Fault(
    "streetlight.W063",
    _("The public pages have not followed what has changed for five minutes."),
    _("See why: journalctl -u streetlight, then make them: %(manage)s edition"),
)
MACHINES = Fault(
    "streetlight.W064",
    _("A machine has not been heard of for ten minutes, or seals to an older key, or is ill itself."),
    _("Look at it. %(manage)s nodes lists all machines."),
)

FAULTS = {
    fault.id: fault
    for fault in (  # the most basic first
        *(
            FULL,
            LOST,
            DATABASE,
            KEY,
            NO_KEY_FILE,
            STALE_KEY_FILE,
            OUTBOX,
            SWAPPED,
            UNREADABLE,
            LATE,
            JOBS,
            MAIL,
            REFUSED,
        ),
        *(CLOCK, FACTORS, DELETION_RECORDS, UNCHECKED, STORE, BACKUP, DISK, PAGES, MACHINES),
    )
}
EXPLAINS = (FULL.id, LOST.id)  # what follows from one of these is not told beside it: it would lead elsewhere first
# Whether a notice went out can tell that something urgent came, so this one is for the desk's own eyes. That mail does
# not work at all is found without a tip: maintenance asks the mail server each hour.
PRIVATE = frozenset({REFUSED.id})
