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


READ_ONLY = Fault(
    "streetlight.E073",
    _("A disk is read-only, so nobody can send a tip. It has probably failed."),
    _(
        "To see why, run: dmesg. Copy what is on the disk before you repair it. Tips that were received before are on "
        "it."
    ),
)
FULL = Fault(
    "streetlight.E050",
    _("A disk is full, so the form, the desk and maintenance cannot write to it."),
    _(
        "To see which disk, run df -h and df -i. Make room on it. You need to do nothing else. Tips that were "
        "received before are safe."
    ),
)
OWNER = Fault(
    "streetlight.E070",
    _("Files of the service belong to another user, so it cannot read or change them."),
    _("Give them back: chown -R streetlight: %(state)s"),
)
EMPTY = Fault(
    "streetlight.E072",
    _("The folder of this desk is empty, so nobody can send a tip."),
    _(
        "Is its disk mounted on %(state)s? If not, mount it and restart the server. If it is lost, run: "
        "/opt/streetlight/current/deploy/restore FOLDER. Only for a new desk, run: %(manage)s desk_setup"
    ),
)
LOST = Fault(
    "streetlight.E051",
    _("The database of this desk is gone. People can still send tips, which wait in the outbox."),
    _("Do not run prepare. To see how to restore the database, run: %(manage)s doctor"),
)
DATABASE = Fault(
    "streetlight.E052",
    _("The database does not answer. Tips wait in the outbox."),
    _(
        "Start the database. Waiting tips then come in by themselves. If the database is a file, check its owner "
        "and its disk. Only on a new server that never had a desk: %(manage)s prepare"
    ),
)
KEY = Fault(
    "streetlight.E010",
    _("desk.pub cannot be used, so nobody can send a tip."),
    _("Copy desk.pub again from the desk’s server, or from a backup."),
)
NO_KEY_FILE = Fault(
    "streetlight.E011",
    _("There is no key file, so nobody can unlock the desk."),
    _(
        "Put keyring.age back from streetlight-desk.age or the second disk. Only for a new desk, run: %(manage)s "
        "desk_setup"
    ),
)
STALE_KEY_FILE = Fault(
    "streetlight.E067",
    _("The key file is not the newest one, so nobody can read a tip."),
    _("Put the newest keyring.age back from streetlight-desk.age or the second disk. Both have a good copy."),
)
OUTBOX = Fault(
    "streetlight.E013",
    _("Tips cannot be stored in the outbox, so nobody can send one."),
    _("Make %(state)s/outbox writable for the service’s user, and check that its disk has room."),
)
SWAPPED = Fault(
    "streetlight.E053",
    _("desk.pub is not the newest desk key. Tips may be locked with a stranger’s key."),
    _(
        "Unlock the desk. If desk.pub has an older key of this desk, that corrects it. If you see a warning "
        "about a stranger’s key, stop the service and compare what `%(manage)s desk_key` prints with the newest “Desk "
        "key” on the recovery sheet. See “When something is wrong” in docs/operations.md."
    ),
)
UNREADABLE = Fault(
    "streetlight.E014",
    _("Some files in the outbox cannot be read. All other tips have come in."),
    _("In %(state)s/outbox, look for .damaged-* files, and check who owns the files and whether the disk works."),
)
LATE = Fault(
    "streetlight.E054",
    _("Maintenance has not run for ten minutes, so urgent emails are not sent and tips are not deleted on time."),
    _(
        "Start its timer: systemctl enable --now streetlight-maintenance.timer. Then see why it stopped: journalctl -u "
        "streetlight-maintenance"
    ),
)
JOBS = Fault(
    "streetlight.E055", _("Some maintenance jobs fail."), _("See where: journalctl -u streetlight-maintenance")
)
MAIL = Fault(
    "streetlight.E056",
    _("The mail server does not accept our email, so nobody gets emails about urgent tips."),
    _(
        "Check MAIL_HOST, MAIL_USER, MAIL_PASSWORD and the addresses. If the error says that a certificate is not yet "
        "valid or has expired, look at this server’s clock first: timedatectl. If it names a certificate, see also "
        "“Inside a council’s network” in docs/rarely-needed.md. Then run: %(manage)s doctor --mail"
    ),
)
REFUSED = Fault(
    "streetlight.E057",
    _("An email could not be sent."),
    _("Check the team members’ addresses and the mail server. Then run: %(manage)s doctor --mail"),
)
CLOCK = Fault(
    "streetlight.E058",
    _(
        "The server’s clock has jumped by more than seven days, or maintenance has not run for as long. Nothing "
        "is deleted or published until a team lead confirms the date."
    ),
    _(
        "If the clock is wrong, set it right. If it is right, a team lead confirms it on the first page of the "
        "Team area."
    ),
)
FACTORS = Fault(
    "streetlight.E060",
    _(
        "desk/factor_key is missing or is the wrong file, so codes from authenticator apps and recovery codes do "
        "not work."
    ),
    _(
        "Put it back from a backup, before anyone sets up a new app. If there is no backup, each team member "
        "starts again with a code from a team lead, or from: %(manage)s desk_recover NAME --sign-in"
    ),
)
DELETION_RECORDS = Fault(
    "streetlight.E069",
    _(
        "desk/deletion_records is damaged, so no backup is made. Tips that are deleted now would come back with "
        "a restore."
    ),
    _(
        "Put it back from streetlight-desk.age or the second disk. Both have a good copy. If there is none, "
        "delete the file."
    ),
)
UNCHECKED = Fault(
    "streetlight.E061",
    _("Something could not be checked."),
    _(
        "See why: journalctl -u streetlight-maintenance. If files belong to another "
        "user: chown -R streetlight: %(state)s"
    ),
)
CERTIFICATE = Fault(
    "streetlight.E074",
    _("Browsers refuse the site, because its certificate has ended or this server’s clock is wrong."),
    _(
        "Look at the clock first: timedatectl. If it is right, renew the certificate: certbot renew, or put a new one "
        "in its place. Then: systemctl reload nginx"
    ),
)
STORE = Fault(
    "streetlight.W041",
    _("One of the outbox’s two disks fails, so new tips are stored on the other only."),
    _("Check its disk."),
)
BACKUP = Fault(
    "streetlight.W043",
    _("No backup of the last two days has been verified."),
    _("Look at systemctl status streetlight-backup.service, then run: %(manage)s backup verify"),
)
DISK = Fault(
    "streetlight.W062",
    _("A disk has less than 10% free."),
    _("To see which disk, run df -h and df -i. Make room on it."),
)
CERTIFICATE_ENDS = Fault(
    "streetlight.W076",
    _("The site’s certificate ends within a week. Then browsers will refuse the site."),
    _("See why it was not renewed: journalctl -u certbot. If you renew it yourself, put the new one in its place."),
)
PAGES = Fault(
    "streetlight.W063",
    _("The public pages have been out of date for five minutes."),
    _("See why: journalctl -u streetlight, then make them: %(manage)s edition"),
)
MACHINES = Fault(
    "streetlight.W064",
    _("Another server has not reported for ten minutes, uses an older key, or needs attention."),
    _("Check that server. To list all servers, run: %(manage)s nodes"),
)

FAULTS = {fault.id: fault for fault in [*globals().values()] if isinstance(fault, Fault)}  # the most basic first
# What follows from one of these is not told beside it: it would lead elsewhere first.
EXPLAINS = (READ_ONLY.id, FULL.id, OWNER.id, EMPTY.id, LOST.id)
# Whether a notice went out can tell that something urgent came, so this one is for the desk's own eyes. That mail does
# not work at all is found without a tip: maintenance asks the mail server each hour.
PRIVATE = frozenset({REFUSED.id})
