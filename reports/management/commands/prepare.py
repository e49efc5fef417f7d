"""`manage.py prepare`: make an empty or older state folder ready to serve, in one process."""

import hashlib
import io
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from core import catalogues
from core.place import PlaceError, at_start
from newsroom.domain.front_matter import SeedError
from reports.domain import place, state_files
from reports.domain.errors import DeskBroken, Refused
from reports.domain.storage import lost_database

LOST = 3  # this command's end where the database is gone: what receives tips may start all the same


class Command(BaseCommand):
    """Take the place, migrate, collect static files; in a demonstration also make its desk."""

    requires_system_checks = []  # some of them open the database, which this command makes first
    help = "Bring the database and the pages up to date; in a demonstration, make its desk."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--place", type=Path, metavar="FOLDER", help="take this folder of what is local first"
        )
        parser.add_argument(
            "--static-files", action="store_true", help="only collect the static files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do every step; a step with nothing to do is quick. A demonstration prints only what a newcomer needs."""
        if options["static_files"]:
            self._static_files()
            return
        desk_is_here = settings.SITE_ROLE != "public"
        self._database()
        self._place(options["place"])
        self.check()
        if not desk_is_here:
            self._require_migrated()
        self.stdout.write("Preparing the database, the articles and the pages ...")
        self.stdout.flush()
        steps = io.StringIO() if settings.DEMO else self.stdout
        if desk_is_here:
            call_command("migrate", verbosity=0)
        if not settings.DEMO:  # a demonstration serves static files from where they are written
            self._static_files()
        self._store_place()
        if settings.DEMO:
            call_command("demo_desk", stdout=self.stdout)
        self._languages()
        if state_files.has_file("desk.pub"):  # else nothing is as it should be yet
            with suppress(
                CommandError
            ):  # what is wrong with the site it has said, and an update goes on
                call_command("run_maintenance", stdout=steps)
        call_command("edition", stdout=steps)

    def _database(self) -> None:
        """Make SQLite's file in a folder that never had a desk; end with LOST beside a desk whose database is gone.

        A database that another version made is left as it is.
        """
        try:
            lost_database.require()
            lost_database.create()
            connection.ensure_connection()
        except lost_database.DatabaseLost as error:
            raise CommandError(str(error), returncode=1 if settings.DEMO else LOST) from error
        except (DeskBroken, lost_database.OtherVersion) as error:
            raise CommandError(str(error)) from error

    def _place(self, folder: Path | None) -> None:
        """Take a folder, or in a demonstration without any the example; then begin again, as it is read at start."""
        if folder is None and settings.DEMO and settings.PLACE.problem:
            folder = settings.BASE_DIR / "seeds" / "place"
        if folder is None:
            return
        before = settings.PLACE.digest
        try:
            call_command("place", "take", str(folder), stdout=io.StringIO())
        except CommandError as error:
            if settings.PLACE.problem:
                raise
            self.stderr.write(
                f"{error} The place that was taken before stays."
            )  # what serves goes on serving
        if at_start(place.folder()).digest != before:
            sys.stdout.flush()
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the same command again

    def _store_place(self) -> None:
        """Bring the database into line with the place; a public machine's must be the one of the desk's machine."""
        try:
            place.store(settings.PLACE, articles=place.folder() / "articles")
        except Refused as error:  # this machine is a public one: its form is open all the same
            self.stderr.write(str(error))
        except (PlaceError, SeedError) as error:
            raise CommandError(str(error)) from error

    def _languages(self) -> None:
        """Compile what residents read in other languages; on a real desk, English where it must be checked first."""
        codes = settings.PLACE.pages_in(demo=settings.DEMO)
        where = {"place": place.folder(), "to": settings.LOCALE_PATHS[0]}
        catalogues.write(codes, texts=place.texts(), demo=settings.DEMO, **where)

    def _static_files(self) -> None:
        """Collect the static files, unless they lie there: collecting takes each away for a moment.

        A server that starts at that moment, or looks for one, would not find it.
        """
        mark = Path(settings.STATIC_ROOT) / ".collected"
        digest = _digest_of_static_files()
        if not (
            mark.is_file() and mark.read_text(encoding="ascii") == digest
        ):  # what was interrupted has none
            mark.unlink(missing_ok=True)
            before = os.umask(0o022)  # nginx, another user, reads these
            try:
                call_command("collectstatic", interactive=False, verbosity=0)
            finally:
                os.umask(before)
            mark.write_text(digest, encoding="ascii")

    def _require_migrated(self) -> None:
        """Refuse to go on where the desk's machine has not migrated yet: a public one's login cannot."""
        first = (
            f"Run `{settings.MANAGE_COMMAND} prepare` and `{settings.MANAGE_COMMAND} database_roles` on the "
            "desk’s server first."
        )
        try:
            executor = MigrationExecutor(connection)
        except DatabaseError as error:
            raise CommandError(f"This server cannot read the database yet. {first}") from error
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError(f"The database is older than this version. {first}")


def _digest_of_static_files() -> str:
    """Return the digest (64 hex digits) of what collecting depends on: each file, and the versions of who does it.

    Not their times: an upgrade brings the older release's files, and these have newer ones than what it lays.
    """
    digest = hashlib.sha256(
        f"{django.get_version()} {version('whitenoise')} {settings.STORAGES}".encode()
    )
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                digest.update(f"{path} {hashlib.sha256(file.read()).hexdigest()}\n".encode())
    return digest.hexdigest()
