"""`deploy/manage database_roles`: write what public machines may do in PostgreSQL, or look at what one may."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from reports.domain import database_roles


class Command(BaseCommand):
    """Grant on the desk's machine; compare on a public one."""

    help = "Give the database login of public servers exactly its rights. On a public server, compare them."

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles, and servers can share a database only with PostgreSQL.")
        if settings.SITE_ROLE == "public":
            self._compare()
            return
        role = database_roles.name()
        if not database_roles.exists():
            command = f"sudo -u postgres createuser --pwprompt {role}"
            raise CommandError(f"There is no role {role}. Make it on the database’s server, then run this again:\n"
                               f"    {command}")  # fmt: skip
        database_roles.grant()
        self.stdout.write(f"The role {role} has the rights of a public server, and no others.")

    def _compare(self) -> None:
        """Say how this machine's login differs from what it must be."""
        more, less = database_roles.compare()
        for line in more:
            self.stdout.write(f"too much: {line}")
        for line in less:
            self.stdout.write(f"missing:  {line}")
        if more or less:
            again = f"`{settings.MANAGE_COMMAND} database_roles`"
            raise CommandError(f"Run {again} on the desk’s server, and let this server use the role that it names.")
        self.stdout.write("This login has the rights of a public server, and no others.")
