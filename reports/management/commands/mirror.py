"""`manage.py mirror replay`: let what the second disk holds come into a database that has lost some of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import mirror
from reports.domain.backup import mirror_upkeep


class Command(BaseCommand):
    """Take in again what the mirror holds, each once."""

    help = "Let every arrival on the second disk come into the database again; what is there is not taken twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["replay"])

    def handle(self, *args: Any, **options: Any) -> None:
        if mirror.folder() is None:
            raise CommandError("This machine has no second disk: OUTBOX_MIRROR names none.")
        if not mirror.works():
            raise CommandError("The second disk cannot be written. Mount it, then run this again.")
        count = mirror_upkeep.replay()
        waiting = len(mirror.waiting())
        if waiting:
            raise CommandError(f"{waiting} of {count} arrivals still wait. Run this again once the database answers.")
        self.stdout.write(f"{count} arrivals of the second disk are in the database, each once.")
