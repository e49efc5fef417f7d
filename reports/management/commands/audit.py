"""`manage.py audit verify`: verify the whole audit log and report in plain sentences."""

import getpass
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import audit
from reports.domain.audit import verification, whole
from reports.domain.errors import Refused
from reports.domain.keys import keyholders, passphrases

KEEP = "Keep a copy of everything, then find out who could write there."


class Command(BaseCommand):
    """Verify the audit log; exits with 1 if anything is wrong with it."""

    help = "Look through the record of what staff did, for anything changed, removed, put in or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--member", metavar="NAME", help="a keyholder, whose six words prove the checkpoints too")

        parser.add_argument("--mark", metavar="MARK", help="a mark that was noted or mailed: is its event still there?")

    def handle(self, *args: Any, **options: Any) -> None:
        proof = self._proof(options["member"]) if options["member"] else None
        look = whole.verify(proof=proof)
        if not look.whole:
            self._tell(look)
        if options["mark"]:
            self._compare(options["mark"])
        restored = f", {look.restored}" if look.restored else ""
        self.stdout.write(f"The record is whole{restored}: {look.end} events, {look.checkpoints} checkpoints.")
        if proof is None:
            self.stdout.write("Who wrote the checkpoints was not proved. Give --member NAME for that.")

    def _compare(self, mark: str) -> None:
        """Report whether the log holds everything up to `mark`; raise CommandError if it does not."""
        try:
            known = verification.knows(mark)
        except Refused as error:
            raise CommandError(str(error)) from error
        if not known:
            raise CommandError("The record does not know that mark: it was cut short or written anew since. " + KEEP)
        self.stdout.write("The record holds everything up to that mark.")

    def _tell(self, look: verification.Verification) -> None:
        """Report the findings and raise CommandError."""
        for sentence in look.found[: verification.TOLD]:
            self.stdout.write(sentence)
        if more := len(look.found[verification.TOLD :]):
            self.stdout.write(f"And {more} more findings.")
        raise CommandError("The record is NOT whole. " + KEEP)

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
