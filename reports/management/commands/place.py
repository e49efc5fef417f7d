"""`manage.py place take FOLDER`: check the folder of what is local, and copy it for the next start."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from core.languages import NAMES
from core.place import PlaceError
from newsroom.domain.front_matter import SeedError
from reports.domain import place
from reports.domain.errors import Refused


class Command(BaseCommand):
    """Take the folder of a place."""

    help = "Check a folder with what is local (names, numbers, areas, stories), and copy it for the next start."
    requires_system_checks = []  # one of them asks for a place

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["take"])
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"].absolute()
        try:
            taken = place.take(source=folder)
        except PlaceError as error:
            raise CommandError(f"{folder}/{error}\nNothing was changed.") from error
        except (SeedError, Refused, OSError) as error:
            said = str(error).replace(
                str(place.folder().with_name("place.new")), str(folder)
            )  # the copy is gone
            raise CommandError(f"{said}\nNothing was changed.") from error
        except DatabaseError as error:
            raise CommandError(
                f"The database does not answer ({error}). Nothing was changed."
            ) from error
        for code, counted in place.checked(taken, place.folder()).items():
            self.stdout.write(counted.in_words(NAMES[code]))
        self.stdout.write(
            f"Taken: {taken}, with {len(taken.areas)} areas. Restart the service: it reads this at start."
        )
