"""`manage.py demo_desk`: a desk and invented tips for a demonstration; `./dev run` calls it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reports.domain import state_files
from reports.management import demo


class Command(BaseCommand):
    """Make the demonstration's desk once, and print its sign-in."""

    requires_system_checks = []  # some open the database; first comes whether this is a demonstration at all
    help = "Make the demonstration's desk and tips (once), and print how to sign in."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                f"This is not a demonstration. {state_files.command('desk_setup')} makes a real desk."
            )
        self.check()
        path = settings.STATE_DIR / "demo.txt"
        if not path.exists():
            self.stdout.write(
                "Making the demonstration's desk: keys, two team members, invented tips ..."
            )
            self.stdout.flush()
            demo.make()
            self.stdout.write(path.read_text(encoding="utf-8"))
