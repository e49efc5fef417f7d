"""`manage.py audit verify`: verify the whole audit log and report in plain sentences."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain.audit import verification
from reports.domain.errors import Refused
from reports.domain.tips import tampering

NOT_COMPARED = (
    "This did not check who wrote the checkpoints and who signed events, or whether tips are marked urgent as their "
    "senders said. An unlocked desk checks that, under “Audit log”."
)
KEEP = "Keep a copy of everything, then find out who could change the database."


class Command(BaseCommand):
    """Verify the audit log; exits with 1 if anything is wrong with it."""

    help = "Check the audit log for tampering: for anything changed, removed, added or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify"])
        parser.add_argument(
            "--mark",
            metavar="MARK",
            help="a log check code that was noted or emailed, to check that its event is still there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        look, _doubts = tampering.verify(keys=None)
        if not look.whole:
            for sentence in look.findings[: verification.TOLD]:
                self.stdout.write(sentence)
            if more := len(look.findings[verification.TOLD :]):
                self.stdout.write(f"And {more} more findings.")
            self.stdout.write(NOT_COMPARED)
            raise CommandError("Tampering found. " + KEEP)
        if options["mark"]:
            self._compare(options["mark"])
        restored = f", {look.restored}" if look.restored else ""
        self.stdout.write(
            f"No tampering found{restored}: {look.end} events, {look.checkpoints} checkpoints."
        )
        self.stdout.write(NOT_COMPARED)

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
