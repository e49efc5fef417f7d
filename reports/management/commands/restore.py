"""`manage.py restore`: make the desk that was, from a backup and the recovery sheet."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.domain import state_files
from reports.domain.backup import restoration
from reports.domain.backup.backups import Manifest
from reports.domain.errors import Refused
from reports.management import recovery_sheet

SINCE = 4  # the exit code by which deploy/restore knows that it has to ask


class Command(BaseCommand):
    """Restore into an empty state folder and database; print what a team lead needs to sign in, once."""

    help = "Restore a backup on an empty server, with the printed recovery sheet."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="source",
            required=True,
            metavar="PATH",
            help="a backup, or the folder with the backups",
        )
        parser.add_argument(
            "--team-lead", metavar="NAME", help="the account that gets access again"
        )
        parser.add_argument(
            "--check",
            choices=["all", "files"],
            help="only say whether it could be restored, once this desk's files or all of it are moved away",
        )
        parser.add_argument(
            "--stdin", action="store_true", help="read the sheet's line from the standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything that can be refused first; then put it in place, and say what comes next."""
        source = Path(options["source"])
        try:
            if not options["check"]:
                restoration.require_empty()
            elif options["check"] == "files":
                restoration.require_empty_database()
            restoration.require_room(source=source)
            if state_files.is_restoring():
                self.stdout.write("An earlier restore was interrupted. This one begins again.")
            identity = recovery_sheet.ask_for_sheet(
                sys.stdin.readline if options["stdin"] else None
            )
            if options["check"]:
                self._check(source, identity)
                return
            manifest, known = restoration.put_in_place(source=source, identity=identity)
            self.stdout.write(f"Backup {manifest.number} of {_when(manifest)} is in place.")
            call_command("migrate", verbosity=0)
            done = restoration.settle(manifest=manifest, known=known, identity=identity)
            self._tell(done)
            self._let_in(options["team_lead"], identity)
            line = state_files.sheet_line(state_files.public_key())
            self.stdout.write(
                f"If this line is not on the recovery sheet, write it there:\n  {line}"
            )
            if not options["stdin"]:  # deploy/restore asks and goes on by itself
                recovery_sheet.ask_if_written()
                self.stdout.write(
                    f"\nNext: {state_files.command('prepare')}, then start the service."
                )
        except Refused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise CommandError(
                f"The backup cannot be read or restored: {where}{error.strerror or error}."
            ) from error

    def _check(self, source: Path, identity: str) -> None:
        """Say that it can be restored; exit with SINCE where what came after the backup is in this database alone."""
        with restoration.laid_out(source=source, identity=identity) as (manifest, *_, tags):
            self.stdout.write(f"Backup {manifest.number} of {_when(manifest)} can be restored.")
            tips, since = restoration.came_since(tags)
        if since:
            self.stdout.write(
                f"The database here has {tips} tips, this backup has {manifest.tips}.\n"
                f"Tips and messages that came after this backup: {since}. "
                "They will be missing afterwards, unless a second disk has them."
            )
            sys.exit(SINCE)

    def _tell(self, done: restoration.Restored) -> None:
        self.stdout.write(
            f"{done.tips} tips. Deleted again: {done.deleted}. Seven words stopped again: {done.stopped}. "
            f"The restore is event {done.event} of the audit log."
        )
        if done.strays:
            self.stdout.write(
                f"{done.strays} keys of people who joined later can open the key file. See “People”."
            )
        if restoration.needs_secret_key():
            self.stdout.write(
                "SECRET_KEY in the settings is different. Remove it there, so that STATE_DIR/secret_key is used."
            )
        self.stdout.write(
            f"The old server's settings are in STATE_DIR/{restoration.SETTINGS}. Compare them, then delete the file."
        )

    def _let_in(self, name: str | None, identity: str) -> None:
        user = None
        if name:
            user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            self.stdout.write(
                f"Team leads: {', '.join(restoration.team_leads())}. They sign in as before. "
                f"Only for one who has lost their words or phone: {state_files.command('desk_recover NAME --sign-in')}"
            )
        else:
            words, code = restoration.let_in(user=user, identity=identity)
            self.stdout.write(
                f"\nFor {name} only, shown only once:\n  Code for /admin/join/:  {code}\n  New six words:  {words}"
            )


def _when(manifest: Manifest) -> str:
    """Return the day and the hour of a backup, by this machine's clock."""
    return f"{timezone.localtime(datetime.fromisoformat(manifest.taken_at)):%Y-%m-%d, %H:%M}"
