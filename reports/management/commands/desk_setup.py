"""`manage.py desk_setup`: make a real desk, asking for all that the public pages must name."""

import getpass
import io
from collections.abc import Callable
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from newsroom.domain import request_rebuild
from reports.domain import desk, lost_database
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.people import joining
from reports.models import Member
from reports.sealing import keyring

QUESTIONS = {
    "controller": "Who is responsible for this site (the data controller, as the privacy page will name it)?",
    "address": "Their postal address, on one line:",
    "contact": "An e-mail address or phone number for questions about data (never for tips):",
    "safeguarding": "Who is told when a child or vulnerable person is in danger (name and phone)?",
    "duty": "The duty person's name:",
    "duty_email": "The e-mail address that gets content-free notices of urgent tips:",
    "reading_days": "On which days are tips read (for example: weekdays)?",
}


class Command(BaseCommand):
    """Ask for the desk's facts, make its keys, and print the recovery sheet once."""

    help = "Make a real desk: who runs it, its keys, its first lead, and the recovery sheet."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask every question first, then make everything, so that a mistake costs nothing.

        From before the key file to the stored profile `desk/setup-unfinished` lies there: interrupted, it begins again.
        """
        if settings.DEMO:
            raise CommandError("This is a demonstration. Use a new STATE_DIR and leave DEMO unset.")
        try:
            lost_database.require()
            has_keyholder = keyholders.forget_unfinished()
            if not has_keyholder:
                desk.require_empty()
        except (Refused, lost_database.DatabaseLost) as error:
            raise CommandError(str(error)) from error
        try:
            self._finish() if has_keyholder else self._make()
        except (EOFError, KeyboardInterrupt):  # Raised by a question: the keys are made after the last answer.
            raise CommandError("Stopped. Nothing was made: start it again when you have everything at hand.") from None

    def _make(self) -> None:
        if desk.setup_is_unfinished():
            self.stdout.write("An earlier setup was interrupted. It begins again: destroy any sheet that it showed.")
        self.stdout.write("This makes the keys of a real desk. Have a printer or pen and paper at hand.\n")
        facts = self._facts()
        with transaction.atomic():  # Ctrl-C half-way leaves no account behind.
            lead = self._until_allowed(self._lead)
            self._second_factor(lead)
            codes = joining.recovery_codes(user=lead)
            phrase = keyholders.enrol(user=lead)
            desk.begin_setup()
            recovery = keyholders.found_desk(first=Member.objects.get(user=lead))
            self._print_sheet(lead.get_username(), phrase, recovery, codes)  # while an interruption still undoes it all
        self._store(facts)

    def _finish(self) -> None:
        """Ask for the profile alone: the setup was interrupted once the sheet had been shown and the lead stored."""
        self.stdout.write("An earlier setup was interrupted after its recovery sheet was shown. What is left:\n")
        self._store(self._facts())

    def _facts(self) -> dict[str, str]:
        return {name: self._ask(question, _valid_for(name)) for name, question in QUESTIONS.items()}

    def _store(self, facts: dict[str, str]) -> None:
        desk.save_profile(desk.Profile(**facts))  # type: ignore[arg-type]  # every question is a text field
        desk.end_setup()
        desk.refresh_form()
        request_rebuild.request_rebuild()  # The pages about this site name who runs it.

    def _lead(self) -> User:
        username = self._ask("User name of the first lead:")
        return joining.join(username=username, password=self._password(), roles=["Lead"], by=None)

    def _ask(
        self, question: str, valid: Callable[[str], str] = lambda answer: "" if answer else "Please answer."
    ) -> str:
        """Return a valid answer; until then, print the problem and ask again."""
        while True:
            answer = input(f"{question} ").strip()
            problem = valid(answer)
            if not problem:
                return answer
            self.stderr.write(problem)

    def _password(self) -> str:
        while True:
            first = getpass.getpass("Password for signing in (12 characters or more): ")
            if first == getpass.getpass("The same again: "):
                return first
            self.stderr.write("The two differ.")

    def _until_allowed[T](self, act: Callable[[], T]) -> T:
        """Return the result of `act`; while it is refused, print the reason and try again."""
        while True:
            try:
                return act()
            except Refused as error:
                self.stderr.write(str(error))

    def _second_factor(self, lead: User) -> None:
        key = joining.new_app_key()
        device, address = joining.begin_totp(user=lead, key=key), joining.app_address(username=lead.username, key=key)
        self.stdout.write("\nScan this with an authenticator app, or type its key by hand:\n")
        picture = io.StringIO()
        segno.make(address).terminal(out=picture, compact=True)
        self.stdout.write(picture.getvalue())
        self.stdout.write(f"{address}\n")
        self._until_allowed(lambda: joining.confirm_totp(device=device, code=input("The six digits it shows now: ")))

    def _print_sheet(self, username: str, phrase: str, recovery: str, codes: list[str]) -> None:
        """Print the recovery sheet and the lead's secrets, which are stored nowhere."""
        line, key = "-" * 72, keyring.parse_desk_pub((desk.folder() / "desk.pub").read_text(encoding="ascii"))
        self.stdout.write(
            f"\n{line}\nRECOVERY SHEET. Print it or write it down, lock it away, then clear this screen.\n"
            f"It is shown once. Without it and without any member's phrase, tips cannot be read again.\n\n"
            f"Recovery identity (opens ring.age with the age tool):\n  {recovery}\n\n"
            f"Desk key fingerprint:\n  {keyring.fingerprint(key.recipient)}\n{line}\n"
            f"For {username} alone:\n  Unlock phrase:   {phrase}\n  Recovery codes:  {'  '.join(codes[:4])}\n"
            f"                   {'  '.join(codes[4:])}\n{line}\n"
            f"Next: {desk.command('desk_profile')} (who you are, who pays)\n"
            f"and {desk.command('check --deploy')}, then see docs/operations.md.\n"
        )
        self.stdout.flush()


def _valid_for(name: str) -> Callable[[str], str]:
    """Return the validator of an answer: it returns the problem as a sentence, or ""."""

    def check(answer: str) -> str:
        if name == "duty_email":
            try:
                validate_email(answer)
            except ValidationError:
                return "That is not an e-mail address."
        return "" if answer else "Please answer; the pages print it."

    return check
