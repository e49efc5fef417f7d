"""The control's app: nobody looks whether a database is this desk's."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class Unguarded(AppConfig):
    """Takes the guard away once the app that put it up is ready."""

    name = "tests.system.proofs.unguarded"

    def ready(self):
        """Let every connection through, and call nothing lost."""
        from reports.domain.storage import lost_database

        connection_created.disconnect(lost_database.refuse)
        lost_database.is_lost = lambda: False
