"""`manage.py desk_setup`: make a real desk, and ask who is told of danger."""

import getpass
import io
import secrets
from collections.abc import Callable
from textwrap import wrap
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.people import joining
from reports.domain.storage import lost_database
from reports.management import recovery_sheet
from reports.models import Member
from reports.sealing import keyring


class Command(BaseCommand):
    """Make the desk's keys, print the recovery sheet once, and ask for the profile."""

    help = "Make a real desk: its keys, its first team lead, the recovery sheet, and who is told of danger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--later",
            action="store_true",
            help="do not check the recovery sheet now; the doctor tells until it is",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the keys, then ask for the profile.

        From before the first question to the stored profile `desk/setup-unfinished` lies there: interrupted, it begins
        again, or goes on with the profile if the sheet has been shown and the team lead stored.
        """
        if settings.DEMO:
            raise CommandError("This is a demonstration. Use a new STATE_DIR and leave DEMO unset.")
        if state_files.awaits_restore():
            raise CommandError(
                f"This server waits for a backup. Run: {lost_database.restore_command()}\n"
                "To make a new desk here, run deploy/install again, without --without-desk."
            )
        try:
            lost_database.require()
            has_keyholder = keyholders.forget_unfinished()
            if not has_keyholder:
                state_files.require_empty()
        except (Refused, lost_database.DatabaseLost) as error:
            raise CommandError(str(error)) from error
        if has_keyholder:
            self.stdout.write(
                "An earlier setup was interrupted after you saw the recovery sheet. These questions are left:\n"
            )
        else:
            try:
                self._make(later=options["later"])
            except (
                EOFError,
                KeyboardInterrupt,
            ):  # raised by a question: the keys are made after the last answer
                again = "start this again when you have everything at hand."
                raise CommandError(f"Stopped. Nothing was made: {again}") from None
        try:
            call_command("desk_profile", stdout=self.stdout, stderr=self.stderr)
        except CommandError:
            raise CommandError(
                "Stopped. The keys are made. Start this again to say who is told of danger."
            ) from None
        state_files.end(state_files.SETUP)
        state_files.refresh_form()
        self.stdout.write(
            f"Next: {state_files.command('check --deploy')}, then see docs/operations.md.\n"
        )

    def _make(self, *, later: bool) -> None:
        if state_files.setup_is_unfinished():
            self.stdout.write(
                "An earlier setup was interrupted, so this begins again. If you have a recovery sheet from it, destroy "
                "the sheet."
            )
        # Before the first file of the desk: without a keyholder such a file says that its database was lost.
        state_files.begin(state_files.SETUP)
        self.stdout.write(
            "This makes the keys of a real desk. Have a printer or pen and paper at hand.\n"
        )
        with transaction.atomic():  # Ctrl-C half-way leaves no account behind.
            team_lead = self._until_allowed(self._team_lead)
            self._second_factor(team_lead)
            codes = joining.recovery_codes(user=team_lead)
            passphrase = keyholders.enrol(user=team_lead)
            recovery = keyholders.found_desk(first=Member.objects.get(user=team_lead))
            self._print_sheet(
                team_lead.get_username(), passphrase, recovery, codes
            )  # while an interruption still undoes it all
            if later:
                state_files.write(state_files.folder() / state_files.SHEET_UNCHECKED, b"")
            else:
                self._type_back(blocks(recovery))

    def _team_lead(self) -> User:
        username = input("Username of the first team lead: ").strip()
        return joining.join(username=username, password=self._password(), roles=["Team lead"])

    def _password(self) -> str:
        while True:
            first = getpass.getpass("Password for signing in (12 characters or more): ")
            if first == getpass.getpass("Password again: "):
                return first
            self.stderr.write("The two passwords are different.")

    def _until_allowed[T](self, act: Callable[[], T]) -> T:
        """Return the result of `act`; while it is refused, print the reason and try again."""
        while True:
            try:
                return act()
            except Refused as error:
                self.stderr.write(str(error))

    def _second_factor(self, team_lead: User) -> None:
        key = joining.new_app_key()
        address = joining.app_address(username=team_lead.username, key=key)
        self.stdout.write("\nScan this with an authenticator app, or type its key by hand:\n")
        picture = io.StringIO()
        segno.make(address).terminal(out=picture, compact=True)
        self.stdout.write(picture.getvalue())
        self.stdout.write(f"{address}\n")
        self._until_allowed(
            lambda: joining.with_app(
                user=team_lead, key=key, code=input("The six digits that the app shows now: ")
            )
        )

    def _print_sheet(self, username: str, passphrase: str, recovery: str, codes: list[str]) -> None:
        """Print the recovery sheet and the team lead's secrets, which are stored nowhere."""
        line = "-" * 72
        key = keyring.parse_desk_pub(
            (state_files.folder() / "desk.pub").read_text(encoding="ascii")
        )
        self.stdout.write(
            f"\n{line}\nRECOVERY SHEET. Print this or write it down, lock it away, then clear this screen.\n"
            f"You see this only once. Without it, and without the six words of a team member, nobody can read tips.\n\n"
            f"Recovery identity (opens keyring.age with the age tool):\n  {recovery}\n"
            f"The same without its first 16 letters, in blocks:\n{_numbered(blocks(recovery))}\n"
            f"The desk key. Write each new one below it:\n  {state_files.sheet_line(key)}\n{line}\n"
            f"For {username} only:\n  Six words:       {passphrase}\n  Recovery codes:  {'  '.join(codes[:4])}\n"
            f"                   {'  '.join(codes[4:])}\n{line}\n"
        )
        self.stdout.flush()

    def _type_back(self, parts: list[str]) -> None:
        """Ask for two blocks of the sheet until both are right: otherwise a slip is first seen on the day of need."""
        self.stdout.write(
            "Check the recovery sheet now. Read from the paper, not from this screen.\n"
        )
        for number in sorted(secrets.SystemRandom().sample(range(len(parts)), 2)):
            while (
                input(f"Block {number + 1} of the recovery identity: ").strip().upper()
                != parts[number]
            ):
                self.stderr.write(
                    f"That is not block {number + 1}. Correct the sheet, then type the block again."
                )
        recovery_sheet.ask_if_written()


def blocks(recovery: str) -> list[str]:
    """Return a recovery identity without `AGE-SECRET-KEY-1`, in blocks of six letters (the last may be shorter)."""
    return wrap(recovery.removeprefix("AGE-SECRET-KEY-1"), 6)


def _numbered(parts: list[str]) -> str:
    """Return the blocks with their numbers, five on a line."""
    return "".join(
        f"  {number:2} {part}" + "\n" * (number % 5 == 0) for number, part in enumerate(parts, 1)
    )
