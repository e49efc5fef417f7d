"""`manage.py edition`: make the edition now, without waiting for the server to do it."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application

from newsroom.domain import reading
from newsroom.edition import proof, shelf
from newsroom.edition.build import Builder
from newsroom.edition.fingerprint import fingerprint


class Command(BaseCommand):
    """Write the pages that readers get as files."""

    help = "Make a new edition: the finished pages that are served before Django, and by nginx alone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether to render every page."""
        parser.add_argument("--thorough", action="store_true", help="render every page, not only those that changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say what it holds; an edition that is current already is left alone."""
        try:
            self._make(Builder(get_wsgi_application(), reading), thorough=options["thorough"])
        except Exception as error:
            raise CommandError(f"No edition was made ({type(error).__name__}). The one before goes on.") from error
        made = shelf.current()
        if made:
            counts = f"{len(made.pages)} pages, {len(made.gone)} withdrawn, {len(made.moved)} moved"
            self.stdout.write(f"Edition {made.number}: {counts}.")

    def _make(self, builder: Builder, *, thorough: bool) -> None:
        """Make the edition; of the first one every page is rendered anyway."""
        began, code = time.monotonic(), fingerprint()
        with shelf.turn(wait=True):
            first = shelf.current() is None
            made = builder.build()
            if first and made:
                proof.record(number=made.number, code=code, took=time.monotonic() - began)
        shelf.clear()
        if thorough and not first:
            with shelf.lock(proof.LOCK, wait=True):
                proof.prove(builder, code=code)
