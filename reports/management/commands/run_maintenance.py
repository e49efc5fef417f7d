"""`manage.py run_maintenance`: maintenance of one machine, run every minute by a timer."""

import time
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from reports.domain.errors import DeskBroken, JobsFailed, TooManyRights
from reports.domain.maintenance import jobs


class Command(BaseCommand):
    """Drain the outbox, refresh what the form knows, send notices, clear what has expired."""

    # Django's checks open the database before handle() runs; without one, maintenance must still say so and go on.
    requires_system_checks = []

    help = "Run maintenance: bring in new tips, update the form, send emails that are due, delete what has expired."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an interval for machines without a timer."""
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="keep going, once every SECONDS"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do them once, or again and again until Ctrl-C."""
        every = options["every"]
        if not every:
            self._once()
            return
        with suppress(KeyboardInterrupt):
            while True:
                try:
                    self._once()
                except CommandError as error:
                    self.stderr.write(str(error))
                close_old_connections()
                time.sleep(every)

    def _once(self) -> None:
        try:
            jobs.run_all()
        except DatabaseError as error:
            problem = (
                f"The database does not answer ({type(error).__name__}). Tips wait in the outbox."
            )
            raise CommandError(problem) from error
        except OSError as error:
            raise CommandError(
                f"Maintenance cannot write any file ({error.strerror}). To see more, run `doctor`."
            ) from error
        except (DeskBroken, JobsFailed, TooManyRights) as error:
            raise CommandError(str(error)) from error
