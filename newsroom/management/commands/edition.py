"""`manage.py edition`: build the edition now, instead of waiting for the server."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application

from newsroom.domain import before_edition, changes, public_pages
from newsroom.edition import storage
from newsroom.edition.build import Builder


class Command(BaseCommand):
    """Build an edition."""

    help = "Make a new edition: the finished pages that are served before Django, and by nginx alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="render every page, not only those that changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build an edition if one is due, and print its number and counts."""
        try:
            with storage.build_lock(wait=True):
                application = get_wsgi_application()
                builder = Builder(application, public_pages, changes, before=before_edition.make_ready)
                manifest = builder.build(everything=options["all"])
        except Exception as error:
            said = f"No edition was made ({type(error).__name__}). The one before goes on."
            raise CommandError(f"{said} See `{settings.MANAGE_COMMAND} doctor`.") from error
        storage.clear()
        counts = f"{len(manifest.pages)} pages, {len(manifest.gone)} withdrawn, {len(manifest.moved)} moved"
        self.stdout.write(f"Edition {manifest.number}: {counts}.")
