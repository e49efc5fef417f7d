"""What can be wrong with the site, as a short list of causes: each with a sentence and what to do, and no content."""

from enum import StrEnum

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Cause(StrEnum):
    """A cause, as files, tables and metrics name it."""

    FULL = "full"  # first, as it explains others: see EXPLAINED
    MAINTENANCE = "maintenance"
    DATABASE = "database"
    LOST = "lost"
    JOBS = "jobs"
    KEY = "key"
    SWAPPED = "swapped"
    ROWS = "rows"
    FACTORS = "factors"
    OUTBOX = "outbox"
    STORE = "store"
    BACKUP = "backup"
    MAIL = "mail"
    REFUSED = "refused"
    CLOCK = "clock"
    DISK = "disk"
    CERTIFICATE = "certificate"
    PAGES = "pages"
    MACHINES = "machines"

    @property
    def what(self) -> Promise:
        """Return the sentence that says what is wrong."""
        return SENTENCES[self][0]

    @property
    def do(self) -> str:
        """Return the sentence that says what to do, with the command that works on this machine."""
        return str(SENTENCES[self][1]) % {"manage": settings.MANAGE_COMMAND}


SENTENCES: dict[Cause, tuple[Promise, Promise]] = {
    Cause.FULL: (
        _("A disk is full: neither the form nor the desk nor maintenance can write there."),
        _("See which: df -h and df -i. Make room: nothing else is needed. What was received before is kept."),
    ),
    Cause.MAINTENANCE: (
        _("Maintenance has not run for three minutes: no urgent notice is sent, and nothing is deleted on time."),
        _("Look at its timer: systemctl status streetlight-tend.timer streetlight-tend.service"),
    ),
    Cause.DATABASE: (
        _("The database does not answer. Tips that were received wait in the outbox."),
        _("Start the database. What waits comes in by itself."),
    ),
    Cause.LOST: (
        _("The database of this desk is gone. Tips are received all the same, and wait."),
        _("Do not run prepare. See how to restore: %(manage)s doctor"),
    ),
    Cause.JOBS: (
        _("Some of maintenance’s jobs fail."),
        _("See which, and where: journalctl -u streetlight-tend"),
    ),
    Cause.KEY: (
        _("desk.pub cannot be used, so no tip can be received."),
        _("Copy it again from the desk, or from a backup."),
    ),
    Cause.SWAPPED: (
        _("desk.pub is not the key that the desk made last: tips may be sealed to a stranger."),
        _(
            "Unlock the desk: that puts an older key of its own right. If it warns of a stranger’s key instead, stop "
            "the service, and see “When something is wrong” in docs/operations.md."
        ),
    ),
    Cause.ROWS: (
        _("A row of the database names a file or an address as the site never does: somebody has changed it."),
        _("See in which table: %(manage)s doctor. Find out who could write there before you delete the row."),
    ),
    Cause.FACTORS: (
        _("desk/factor_key is missing or another one: codes of authenticator apps and recovery codes are refused."),
        _(
            "Put it back from a backup, before anybody sets up a new app. Without one, each member starts again with "
            "a code: a lead gives it, or %(manage)s desk_recover NAME --sign-in"
        ),
    ),
    Cause.OUTBOX: (
        _("The outbox cannot be written, or holds files that cannot be read."),
        _("Look at the disk, and at who owns the files in the folder outbox."),
    ),
    Cause.STORE: (
        _("One of the outbox’s two stores fails: what comes in is held by the other alone."),
        _("See which: %(manage)s doctor. Look at its disk."),
    ),
    Cause.BACKUP: (
        _("No backup of the last two days has been verified."),
        _("Look at streetlight-backup.service, then run: %(manage)s backup verify"),
    ),
    Cause.MAIL: (
        _("The mail server does not take our mail: notices of urgent tips reach nobody."),
        _("Look at MAIL_HOST, MAIL_USER, MAIL_PASSWORD and the addresses. Then try: %(manage)s doctor --mail"),
    ),
    Cause.REFUSED: (
        _("A notice could not be mailed."),
        _("Look at the members’ addresses, and at the mail server. Then try: %(manage)s doctor --mail"),
    ),
    Cause.CLOCK: (
        _(
            "The machine’s clock is more than seven days from where it was, or maintenance stood still for as long. "
            "Nothing is deleted or released until a lead confirms the date."
        ),
        _("Set the clock right, if it is wrong. If it is right, a lead confirms it on the first screen."),
    ),
    Cause.DISK: (_("A disk has less than 10 % left."), _("See which: df -h and df -i. Make room.")),
    Cause.CERTIFICATE: (
        _("The site’s certificate ends within 14 days, or has ended. Then browsers turn everybody away."),
        _(
            "Let’s Encrypt: certbot renew. One of your own: put the new files where nginx reads the old ones, then "
            "systemctl reload nginx. Behind a balancer: renew it there."
        ),
    ),
    Cause.PAGES: (
        _("The public pages have not followed what has changed for five minutes."),
        _("See why: journalctl -u streetlight, then make them: %(manage)s edition"),
    ),
    Cause.MACHINES: (
        _("A machine has not been heard of for ten minutes, or seals to an older key, or is ill itself."),
        _("See which: %(manage)s doctor"),
    ),
}
FAIL = frozenset(
    {
        Cause.FULL,
        Cause.DATABASE,
        Cause.LOST,
        Cause.JOBS,
        Cause.KEY,
        Cause.SWAPPED,
        Cause.ROWS,
        Cause.FACTORS,
        Cause.OUTBOX,
        Cause.MAIL,
        Cause.REFUSED,
        Cause.CLOCK,
    }
)  # maintenance's own run
# What a full disk brings about by itself: none of it is mended by anything but room.
EXPLAINED = frozenset({Cause.JOBS, Cause.OUTBOX, Cause.STORE, Cause.DISK, Cause.PAGES})
# Whether a notice went out can tell that something urgent came, so this one is for the desk's own eyes. That mail does
# not work at all is found without a tip: maintenance asks the mail server each hour.
PRIVATE = frozenset({Cause.REFUSED})
