"""`manage.py backup`: make a sealed backup, or verify the newest."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from reports.domain import state_files
from reports.domain.backup import backups, check
from reports.domain.errors import Refused
from reports.domain.storage import lost_database
from reports.management import recovery_sheet


class Command(BaseCommand):
    """Make or verify a backup; nothing of a backup's content is ever printed, but counts."""

    help = "Make a backup that only the recovery sheet opens, or verify one: the newest, or another with its sheet."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", default="make", choices=["make", "verify"])
        parser.add_argument("--to", metavar="FOLDER", help="the folder to write it to")
        parser.add_argument(
            "--keep",
            type=int,
            default=0,
            metavar="N",
            help="how many to keep in the folder (default: all)",
        )
        parser.add_argument("--from", dest="source", metavar="FILE", help="which backup to verify")
        parser.add_argument(
            "--sheet", action="store_true", help="ask for the recovery sheet's AGE-SECRET-KEY line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in a sentence why not."""
        try:
            getattr(self, f"_{options['what']}")(options)
        except Refused as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            if lost_database.is_lost():
                raise CommandError(lost_database.sentence()) from error
            raise CommandError(
                f"The database does not answer ({type(error).__name__}). No backup was made."
            ) from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise CommandError(
                f"The backup could not be read or written: {where}{error.strerror or error}."
            ) from error

    def _make(self, options: dict[str, Any]) -> None:
        if not options["to"]:
            raise CommandError("Name the folder for the backup with --to FOLDER.")
        to = Path(options["to"])
        name = backups.make(to=to, keep=max(0, options["keep"]))
        self.stdout.write(f"{to / name}\nVerify it now: {state_files.command('backup verify')}")

    def _verify(self, options: dict[str, Any]) -> None:
        source = Path(options["source"]) if options["source"] else None
        content = check.verify(
            path=source, identity=recovery_sheet.ask_for_sheet() if options["sheet"] else ""
        )
        if options["sheet"]:
            (state_files.folder() / state_files.SHEET_UNCHECKED).unlink(missing_ok=True)
        self.stdout.write(
            f"Backup {content.number} of {content.taken_at[:16].replace('T', ' ')} opens and is complete: "
            f"{content.tips} tips, {content.entries} entries, {content.events} events of the audit log."
        )
