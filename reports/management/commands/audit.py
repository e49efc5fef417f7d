"""`./dev manage audit verify`: look through the whole record and say in plain sentences whether it is whole."""

import getpass
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import keyholders, verifying
from reports.domain.errors import Refused


class Command(BaseCommand):
    """Verify the record; ends with 1 when anything is wrong with it."""

    help = "Look through the record of what staff did, for anything changed, removed, put in or cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do, and whose phrase opens the audit key."""
        parser.add_argument("what", choices=["verify"])
        parser.add_argument("--member", metavar="NAME", help="a keyholder, whose six words prove the checkpoints too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, step by step, and say what was found."""
        key = self._key(options["member"]) if options["member"] else None
        look = verifying.begin()
        while not look.done:
            look = verifying.step(look, key=key)
            if not look.done:
                self.stdout.write(f"{look.at} of {look.end} events ...")
        if not look.whole:
            self._tell(look)
        self.stdout.write(f"The record is whole: {look.end} events, {look.checkpoints} checkpoints.")
        if key is None:
            self.stdout.write("Who wrote the checkpoints was not proved. Give --member NAME for that.")

    def _tell(self, look: verifying.Look) -> None:
        """Say everything that is wrong, and end with 1."""
        for sentence in look.found:
            self.stdout.write(sentence)
        if look.more:
            self.stdout.write(f"And {look.more} more findings.")
        raise CommandError("The record is NOT whole. Keep a copy of everything, then find out who could write there.")

    def _key(self, name: str) -> bytes:
        """Return the audit key, by a keyholder's phrase; their unlock goes on the record."""
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no {name} at this desk.")
        try:
            return keyholders.unlock(user=user, phrase=getpass.getpass("Their six words: ")).audit_key
        except Refused as error:
            raise CommandError(str(error)) from error
