"""`deploy/manage database_roles`: write what public machines may do in PostgreSQL."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from reports.domain import state_files
from reports.domain.storage import database_roles


class Command(BaseCommand):
    """Grant on the desk's machine."""

    help = "Give the database login of public servers exactly its rights."

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "Only PostgreSQL has roles, and servers can share a database only with PostgreSQL."
            )
        if settings.SITE_ROLE == "public":
            raise CommandError(
                f"Run this on the desk’s server. Here, {state_files.command('doctor')} lists what is wrong."
            )
        role = database_roles.name()
        if not database_roles.exists():
            command = f"sudo -u postgres createuser --pwprompt {role}"
            raise CommandError(f"There is no role {role}. Make it on the database’s server, then run this again:\n"
                               f"    {command}")  # fmt: skip
        database_roles.grant()
        self.stdout.write(f"The role {role} has the rights of a public server, and no others.")
