"""`manage.py edition_nginx`: write deploy/nginx.conf."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsroom.edition.nginx import Site, configuration


class Command(BaseCommand):
    """Write nginx's configuration from deploy/nginx.conf.in and the edition's headers."""

    help = "Write deploy/nginx.conf, or with other facts and --to another file (- prints it)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", default=str(settings.BASE_DIR / "deploy" / "nginx.conf"), metavar="FILE"
        )
        for field in fields(Site):
            parser.add_argument(f"--{field.name.replace('_', '-')}", default=field.default)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PLACE.problem:
            raise CommandError(settings.PLACE.problem)
        site = Site(**{field.name: options[field.name] for field in fields(Site)})
        text = configuration(settings.BASE_DIR / "deploy" / "nginx.conf.in", site)
        if options["to"] == "-":
            self.stdout.write(text, ending="")
        else:
            Path(options["to"]).write_text(text, encoding="utf-8")
            self.stdout.write(f"Written: {options['to']}")
