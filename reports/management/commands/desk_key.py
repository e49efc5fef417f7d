"""`manage.py desk_key`: print the desk's public key and its fingerprint; on a public machine take a newer one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import desk
from reports.domain.errors import Refused
from reports.sealing import keyring


class Command(BaseCommand):
    """Show the key that this machine seals tips to, or take a newer one."""

    help = "Print the desk's public key and fingerprint; with --take, store a newer key on a public machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--take", action="store_true", help="store the key that is pasted, once it was compared")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["take"]:
                self._take()
            key = desk.public_key()
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write((desk.folder() / "desk.pub").read_text(encoding="ascii"))
        self.stdout.write(f"This machine seals to key {key.index}: {keyring.fingerprint(key.recipient)}")

    def _take(self) -> None:
        """Ask for the two lines of desk.pub and for the fingerprint, which is not shown, so that somebody compares."""
        try:
            self.stdout.write("Paste the two lines that `desk_key` printed on the desk's machine:")
            text = f"{input().strip()}\n{input().strip()}\n"
            self.stdout.write("Type its fingerprint, all 25 digits, as the recovery sheet or “People” at the unlocked")
            compared = input("desk shows it, not as it came with these lines: ")
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. Nothing was changed.") from None
        desk.take_public_key(text=text, compared=compared)
