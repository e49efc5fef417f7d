"""`manage.py edition`: build the edition now, instead of waiting for the server."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application

from newsroom.edition import storage
from newsroom.edition.build import Builder


class Command(BaseCommand):
    """Build an edition."""

    help = (
        "Make a new edition: the finished pages that are served before Django, and by nginx alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="render every page, not only those that changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Build an edition, and print its number and how many pages it holds."""
        try:
            with storage.build_lock(wait=True):
                builder = Builder(get_wsgi_application())
                made = builder.build(every_page=options["all"])
                while builder.is_due():
                    made = builder.build()
        except Exception as error:
            message = f"No edition was made ({type(error).__name__}). The one before goes on."
            raise CommandError(f"{message} See `{settings.MANAGE_COMMAND} doctor`.") from error
        storage.clear()
        files = [path for path in (made.folder / "pages").rglob("*") if path.is_file()]
        pages = sum(path.suffix not in (".gz", ".br") for path in files)
        self.stdout.write(f"Edition {made.folder.name}: {pages} pages.")
