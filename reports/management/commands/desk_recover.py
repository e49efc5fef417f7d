"""`manage.py desk_recover NAME`: give a user access by the recovery sheet, when no team lead can."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.people import joining
from reports.management import recovery_sheet


class Command(BaseCommand):
    """Ask for the recovery identity and print the user's new six words, once."""

    help = "Give a user access with the printed recovery sheet. Prints their new six words once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--sign-in",
            action="store_true",
            help="also print a code for a new password and two-step sign-in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Enrol the user again; change nothing if the identity does not open the key file."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError("There is no such account, or it is switched off.")
        identity = recovery_sheet.ask_for_sheet()
        try:
            passphrase = keyholders.recover(identity=identity, user=user)
            code = ""
            if options["sign_in"]:
                code = joining.start_again(user=user, by=None)
        except Refused as error:
            raise CommandError(str(error)) from error
        line = state_files.sheet_line(state_files.public_key())
        self.stdout.write(f"There is a new desk key. Write it on the recovery sheet:\n\n  {line}\n")
        self.stdout.write(
            f"{user.get_username()} has access. Their new six words, shown only once:\n\n  {passphrase}\n"
        )
        if code:
            self.stdout.write(
                f"A code for /admin/join/, where they set a password and two-step sign-in:\n\n  {code}\n"
            )
        recovery_sheet.ask_if_written()
