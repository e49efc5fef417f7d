"""`manage.py desk_key`: print the desk's public key and its fingerprint; on a public machine take a newer one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.sealing import keyring


class Command(BaseCommand):
    """Show the key that this machine seals tips to, or take a newer one."""

    help = "Print the desk's public key and fingerprint. With --take, store a newer key on a public server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--take",
            action="store_true",
            help="store the key that you paste, after you have compared it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["take"]:
                self._take()
            key = state_files.public_key()
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write((state_files.folder() / "desk.pub").read_text(encoding="ascii"))
        self.stdout.write(
            f"This server locks tips with key {key.index}: {keyring.fingerprint(key.recipient)}"
        )

    def _take(self) -> None:
        """Ask for the two lines of desk.pub and for the fingerprint, which is not shown, so that somebody compares."""
        try:
            self.stdout.write("Paste the two lines that `desk_key` printed on the desk's server:")
            text = f"{input().strip()}\n{input().strip()}\n"
            self.stdout.write(
                "Type all 25 digits of its fingerprint. Read them from the newest “Desk key” on the recovery sheet, or"
            )
            compared = input(
                "from “People” in the unlocked Team area, not from where you copied these lines: "
            )
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. Nothing was changed.") from None
        state_files.take_public_key(text=text, compared=compared)
