"""`manage.py edition_proof`: what the server starts by itself to render every page again."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application

from newsroom.domain import reading
from newsroom.edition import proof
from newsroom.edition.build import Builder


class Command(BaseCommand):
    """Prove the current edition, behind everything else that the machine does."""

    help = "Render every page again, behind everything else. The server starts this; by hand: edition --thorough."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the fingerprint of the code that asks."""
        parser.add_argument("code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; end early when the process that asked has ended."""
        server = os.getppid()
        builder = Builder(get_wsgi_application(), reading)
        try:
            proof.prove(builder, code=options["code"], stop=lambda: os.getppid() != server, behind=True)
        except proof.Stopped:
            return
        except Exception as error:
            raise CommandError(f"The edition was not proved ({type(error).__name__}).") from error
