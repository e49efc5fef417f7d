"""The faults that maintenance looks for each minute: the number of each, its sentence, and what to do.

Their system checks find them (reports/checks.py). Whoever has only the numbers, from the file that maintenance writes
or from another machine's report, has the words from here.
"""

from typing import NamedTuple

from django.conf import settings
from django.core import checks

HEALTH = "health"  # the tag of their checks


class Fault(NamedTuple):
    """A fault: the id of its system check, what is wrong, and what to do. An id with E makes maintenance fail."""

    id: str
    what: str
    remedy: str

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
    "A disk is read-only, so nobody can send a tip. It has probably failed.",
    (
        "To see why, run: dmesg. Copy what is on the disk before you repair it. Tips that were received before are on "
        "it."
    ),
)
FULL = Fault(
    "streetlight.E050",
    "A disk is full, so the form, the desk and maintenance cannot write to it.",
    (
        "To see which disk, run df -h and df -i. Make room on it. You need to do nothing else. Tips that were "
        "received before are safe."
    ),
)
OWNER = Fault(
    "streetlight.E070",
    "Files of the service belong to another user, so it cannot read or change them.",
    "Give them back: chown -R streetlight: %(state)s",
)
EMPTY = Fault(
    "streetlight.E072",
    "The folder of this desk is empty, so nobody can send a tip.",
    (
        "Is its disk mounted on %(state)s? If not, mount it and restart the server. If it is lost, run: "
        "/opt/streetlight/current/deploy/restore FOLDER. Only for a new desk, run: %(manage)s desk_setup"
    ),
)
LOST = Fault(
    "streetlight.E051",
    "The database of this desk is gone. People can still send tips, which wait in the outbox.",
    "Do not run prepare. To see how to restore the database, run: %(manage)s doctor",
)
DATABASE = Fault(
    "streetlight.E052",
    "The database does not answer. Tips wait in the outbox.",
    (
        "Start the database. Waiting tips then come in by themselves. If the database is a file, check its owner "
        "and its disk. Only on a new server that never had a desk: %(manage)s prepare"
    ),
)
KEY = Fault(
    "streetlight.E010",
    "desk.pub cannot be used, so nobody can send a tip.",
    "Copy desk.pub again from the desk’s server, or from a backup.",
)
NO_KEY_FILE = Fault(
    "streetlight.E011",
    "There is no key file, so nobody can unlock the desk.",
    (
        "Put keyring.age back from streetlight-desk.age or the second disk. Only for a new desk, run: %(manage)s "
        "desk_setup"
    ),
)
STALE_KEY_FILE = Fault(
    "streetlight.E067",
    "The key file is not the newest one, so nobody can read a tip.",
    "Put the newest keyring.age back from streetlight-desk.age or the second disk. Both have a good copy.",
)
OUTBOX = Fault(
    "streetlight.E013",
    "Tips cannot be stored in the outbox, so nobody can send one.",
    "Make %(state)s/outbox writable for the service’s user, and check that its disk has room.",
)
SWAPPED = Fault(
    "streetlight.E053",
    "desk.pub is not the newest desk key. Tips may be locked with a stranger’s key.",
    (
        "Unlock the desk. If desk.pub has an older key of this desk, that corrects it. If you see a warning "
        "about a stranger’s key, stop the service and compare what `%(manage)s desk_key` prints with the newest “Desk "
        "key” on the recovery sheet. See “When something is wrong” in docs/operations.md."
    ),
)
UNREADABLE = Fault(
    "streetlight.E014",
    "Some files in the outbox cannot be read. All other tips have come in.",
    "In %(state)s/outbox, look for .damaged-* files, and check who owns the files and whether the disk works.",
)
LATE = Fault(
    "streetlight.E054",
    "Maintenance has not run for ten minutes, so urgent emails are not sent and tips are not deleted on time.",
    (
        "Start its timer: systemctl enable --now streetlight-maintenance.timer. Then see why it stopped: journalctl -u "
        "streetlight-maintenance"
    ),
)
JOBS = Fault(
    "streetlight.E055",
    "Some maintenance jobs fail.",
    "See where: journalctl -u streetlight-maintenance",
)
MAIL = Fault(
    "streetlight.E056",
    "The mail server does not accept our email, so nobody gets emails about urgent tips.",
    (
        "Check MAIL_HOST, MAIL_USER, MAIL_PASSWORD and the addresses. If the error says that a certificate is not yet "
        "valid or has expired, look at this server’s clock first: timedatectl. If it names a certificate, see also "
        "“Inside a council’s network” in docs/rarely-needed.md. Then run: %(manage)s doctor --mail"
    ),
)
REFUSED = Fault(
    "streetlight.E057",
    "An email could not be sent.",
    "Check the team members’ addresses and the mail server. Then run: %(manage)s doctor --mail",
)
CLOCK = Fault(
    "streetlight.E058",
    (
        "The server’s clock has jumped by more than seven days, or maintenance has not run for as long. Nothing "
        "is deleted or published until a team lead confirms the date."
    ),
    (
        "If the clock is wrong, set it right. If it is right, a team lead confirms it on the first page of the "
        "Team area."
    ),
)
FACTORS = Fault(
    "streetlight.E060",
    (
        "desk/factor_key is missing or is the wrong file, so codes from authenticator apps and recovery codes do "
        "not work."
    ),
    (
        "Put it back from a backup, before anyone sets up a new app. If there is no backup, each team member "
        "starts again with a code from a team lead, or from: %(manage)s desk_recover NAME --sign-in"
    ),
)
DELETION_RECORDS = Fault(
    "streetlight.E069",
    (
        "desk/deletion_records is damaged, so no backup is made. Tips that are deleted now would come back with "
        "a restore."
    ),
    (
        "Put it back from streetlight-desk.age or the second disk. Both have a good copy. If there is none, "
        "delete the file."
    ),
)
UNCHECKED = Fault(
    "streetlight.E061",
    "Something could not be checked.",
    (
        "See why: journalctl -u streetlight-maintenance. If files belong to another "
        "user: chown -R streetlight: %(state)s"
    ),
)
CERTIFICATE = Fault(
    "streetlight.E074",
    "Browsers refuse the site, because its certificate has ended or this server’s clock is wrong.",
    (
        "Look at the clock first: timedatectl. If it is right, renew the certificate: certbot renew, or put a new one "
        "in its place. Then: systemctl reload nginx"
    ),
)
STORE = Fault(
    "streetlight.W041",
    "One of the outbox’s two disks fails, so new tips are stored on the other only.",
    "Check its disk.",
)
BACKUP = Fault(
    "streetlight.W043",
    "No backup of the last two days has been verified.",
    "Look at systemctl status streetlight-backup.service, then run: %(manage)s backup verify",
)
DISK = Fault(
    "streetlight.W062",
    "A disk has less than 10% free.",
    "To see which disk, run df -h and df -i. Make room on it.",
)
CERTIFICATE_ENDS = Fault(
    "streetlight.W076",
    "The site’s certificate ends within a week. Then browsers will refuse the site.",
    "See why it was not renewed: journalctl -u certbot. If you renew it yourself, put the new one in its place.",
)
PAGES = Fault(
    "streetlight.W063",
    "The public pages have been out of date for five minutes.",
    "See why: journalctl -u streetlight, then make them: %(manage)s edition",
)
MACHINES = Fault(
    "streetlight.W064",
    "Another server has not reported for ten minutes, uses an older key, or needs attention.",
    "Check that server. To list all servers, run: %(manage)s nodes",
)

FAULTS = {
    fault.id: fault for fault in [*globals().values()] if isinstance(fault, Fault)
}  # the most basic first
# What follows from one of these is not told beside it: it would lead elsewhere first.
EXPLAINS = (READ_ONLY.id, FULL.id, OWNER.id, EMPTY.id, LOST.id)
# Whether a notice went out can tell that something urgent came, so this one is for the desk's own eyes. That mail does
# not work at all is found without a tip: maintenance asks the mail server each hour.
PRIVATE = frozenset({REFUSED.id})
