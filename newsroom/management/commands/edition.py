"""`manage.py edition`: make the edition now, without waiting for the server to do it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application

from newsroom.domain import changes, public_pages
from newsroom.edition import storage
from newsroom.edition.build import Builder


class Command(BaseCommand):
    """Write the pages that readers get as files."""

    help = "Make a new edition: the finished pages that are served before Django, and by nginx alone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to render every page."""
        parser.add_argument("--all", action="store_true", help="render every page, not only those that changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say what it holds; an edition that is current already is left alone."""
        try:
            with storage.build_lock(wait=True):
                made = Builder(get_wsgi_application(), public_pages, changes).build(everything=options["all"])
        except Exception as error:
            raise CommandError(f"No edition was made ({type(error).__name__}). The one before goes on.") from error
        storage.clear()
        counts = f"{len(made.pages)} pages, {len(made.gone)} withdrawn, {len(made.moved)} moved"
        self.stdout.write(f"Edition {made.number}: {counts}.")
