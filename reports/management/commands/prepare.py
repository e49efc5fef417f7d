"""`manage.py prepare`: everything between an empty state folder and a first page, in one process."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, collect static files, load the seeds; in a demonstration also make its desk."""

    help = "Bring the database and the pages up to date; in a demonstration, make its desk."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step with a line about it; a step that has nothing to do takes a moment only."""
        self._step("Bringing the database up to date ...")
        call_command("migrate", verbosity=0)
        self._step("Collecting styles and pictures ...")
        call_command("collectstatic", interactive=False, verbosity=0)
        self._step("Loading the stories ...")
        call_command("load_articles", stdout=self.stdout)
        if settings.DEMO:
            call_command("demo_desk", stdout=self.stdout)
        call_command("tend", stdout=self.stdout)
        self._step("Making the news pages ...")
        call_command("edition", stdout=self.stdout)

    def _step(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
