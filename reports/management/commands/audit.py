"""`manage.py audit verify`: verify the whole audit log and report in plain sentences."""

import getpass
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import audit
from reports.domain.audit import verification, whole
from reports.domain.errors import Refused
from reports.domain.keys import keyholders, passphrases

KEEP = "Keep a copy of everything, then find out who could change the database."


class Command(BaseCommand):
    """Verify the audit log; exits with 1 if anything is wrong with it."""

    help = "Check the audit log for tampering: for anything changed, removed, added or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--member", metavar="NAME", help="a keyholder, whose six words check the checkpoints too")

        parser.add_argument(
            "--mark",
            metavar="MARK",
            help="a log check code that was noted or emailed, to check that its event is still there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        proof = self._proof(options["member"]) if options["member"] else None
        look = whole.verify(proof=proof)
        if not look.whole:
            self._tell(look)
        if options["mark"]:
            self._compare(options["mark"])
        restored = f", {look.restored}" if look.restored else ""
        self.stdout.write(f"No tampering found{restored}: {look.end} events, {look.checkpoints} checkpoints.")
        if proof is None:
            self.stdout.write("This did not check who wrote the checkpoints. To check that too, add --member NAME.")

    def _compare(self, mark: str) -> None:
        """Report whether the log holds everything up to `mark`; raise CommandError if it does not."""
        try:
            known = verification.knows(mark)
        except Refused as error:
            raise CommandError(str(error)) from error
        if not known:
            raise CommandError(
                "The audit log does not have that log check code. Part of it was removed or rewritten since then. "
                + KEEP
            )
        self.stdout.write("The audit log has everything up to that log check code.")

    def _tell(self, look: verification.Verification) -> None:
        """Report the findings and raise CommandError."""
        for sentence in look.findings[: verification.TOLD]:
            self.stdout.write(sentence)
        if more := len(look.findings[verification.TOLD :]):
            self.stdout.write(f"And {more} more findings.")
        raise CommandError("Tampering found. " + KEEP)

    def _proof(self, name: str) -> audit.AuditKeys | None:
        """Return what the key file proves, unlocked by a keyholder's passphrase; the unlock is audited."""
        passphrase = getpass.getpass("Their six words: ")
        user = User.objects.filter(username=name).first()
        try:
            if user is None:
                passphrases.identity_of(
                    user=None, passphrase=passphrase
                )  # an unknown name gets the same answer as a wrong passphrase
            return keyholders.unlock(user=cast("User", user), passphrase=passphrase).audit_keys
        except Refused as error:
            raise CommandError(str(error)) from error
