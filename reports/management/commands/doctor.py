"""`manage.py doctor`: one page that says of all that the site needs whether it is good, or what to do."""

import socket
import sys
from textwrap import indent
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.domain.health import mail
from reports.domain.maintenance import notices
from reports.management import doctor
from reports.management.doctor import Line
from reports.views import health

MARKS = {True: "good", False: "LOOK", None: "  - "}


class Command(BaseCommand):
    """Look at everything; end with 1 if something is to be done. Works while the database is down."""

    requires_system_checks = []
    help = "Say whether the site is well, or what to do: one page, also while the database is down."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mail", action="store_true", help="send a mail that says nothing, to see that one arrives"
        )
        parser.add_argument("--failed", metavar="UNIT", help="for systemd: mail that a unit failed, once a day")

    def handle(self, *args: Any, **options: Any) -> None:
        if unit := options["failed"]:
            self._tell(unit)
            return
        self.stdout.write(f"How {socket.gethostname()} is, {timezone.localtime():%d %b %Y, %H:%M}\n\n")
        root = doctor.root_cause()
        lines = [root, doctor.NOT_YET] if root else [_receiving(), *doctor.examine(now=timezone.now())]
        if options["mail"]:
            lines.append(_mailed())
        for line in lines:
            self.stdout.write(f"{MARKS[line.good]}  {line.says}")
            if line.do:
                self.stdout.write(indent(line.do, " " * 6))
        problems = sum(line.good is False for line in lines)
        if problems:
            self.stdout.write(f"\nTo look at: {problems}. docs/operations.md says more: “When something is wrong”.")
            sys.exit(1)
        self.stdout.write("\nAll is well.")

    def _tell(self, unit: str) -> None:
        try:
            notices.tell_failure(unit=unit, now=timezone.now())
        except OSError as error:
            problem = f"It can be noted nowhere that this was mailed, so it was not ({error.strerror})."
            raise CommandError(problem) from error


def _receiving() -> Line:
    if health.can_receive_now():
        return Line(
            True, "A tip can be received now: the form renders, and something was sealed and stored for a moment."
        )
    return Line(False, "No tip can be received now.", "The lines below and journalctl -u streetlight say why.")


def _mailed() -> Line:
    to = ", ".join(mail.operators())
    if not to:
        return Line(False, "There is nobody to mail.", "Set MAIL_OPERATOR, or name a duty person in desk_setup.")
    if notices.tell_operators():
        return Line(True, f"The mail server took a mail for {to}. See whether it arrives.")
    return Line(
        False, f"The mail server did not take a mail for {to}.", "Look at MAIL_HOST, MAIL_USER and MAIL_PASSWORD."
    )
