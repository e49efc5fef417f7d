"""`manage.py prepare`: make an empty or older state folder ready to serve, in one process."""

import io
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

BEFORE_0_2 = ("reports", "0002_roles")  # a migration that only versions before 0.2 had


class Command(BaseCommand):
    """Migrate, collect static files, load the seeds; in a demonstration also make its desk."""

    help = "Bring the database and the pages up to date; in a demonstration, make its desk."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do every step; a step with nothing to do is quick. A demonstration prints only what a newcomer needs."""
        if BEFORE_0_2 in MigrationRecorder(connection).applied_migrations():
            self._begin_anew()
        self.stdout.write(_("Preparing the database, the articles and the pages ..."))
        self.stdout.flush()
        steps = io.StringIO() if settings.DEMO else self.stdout
        call_command("migrate", verbosity=0)
        if not settings.DEMO:  # a demonstration serves static files from where they are written
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_articles", stdout=steps)
        if settings.DEMO:
            call_command("demo_desk", stdout=self.stdout)
        call_command("tend", stdout=steps)
        call_command("edition", stdout=steps)

    def _begin_anew(self) -> None:
        """Move a demonstration's state folder aside and start again; refuse for any other folder."""
        state: Path = settings.STATE_DIR
        if not (settings.DEMO and (state / "demo.txt").exists() and connection.vendor == "sqlite"):
            raise CommandError(
                _(
                    "This database was made by a version before 0.2, which this version cannot continue: stay with "
                    "that version, or set STATE_DIR to a new folder (and DATABASE_URL, where it is set, to an empty "
                    "database) to begin again; nothing was changed."
                )
            )
        connection.close()
        try:
            new_path = _free_name(state)
            state.rename(new_path)
        except OSError as error:  # a volume of its own, or a name that is too long
            raise CommandError(
                _("This demonstration was made by a version before 0.2 and cannot be moved: move %(folder)s yourself.")
                % {"folder": state}
            ) from error
        self.stdout.write(
            _("This demonstration was made by a version before 0.2: it was moved to %(folder)s, and a new one is made.")
            % {"folder": new_path}
        )
        self.stdout.flush()
        # The secret key of this process went with the folder: a new process makes its own.
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the same command again


def _free_name(state: Path) -> Path:
    """Return an unused path beside the state folder."""
    path, number = state.with_name(f"{state.name}.before-0.2"), 1
    while path.exists():
        number += 1
        path = state.with_name(f"{state.name}.before-0.2-{number}")
    return path
