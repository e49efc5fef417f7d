"""The reports app."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ReportsConfig(AppConfig):
    """Tips, the desk and its audit log."""

    name = "reports"
    verbose_name = "Tips and the desk"

    def ready(self) -> None:
        """Register the system checks, guard connections, and set triggers and roles after every migration.

        The roles need permissions of `django.contrib.auth` and `newsroom`: both stand before this app in
        INSTALLED_APPS, so Django has made them by then.
        """
        from reports import checks  # noqa: F401, PLC0415 - registration is the import's purpose
        from reports.domain.storage import lost_database  # noqa: PLC0415 - models are there by now

        connection_created.connect(lost_database.refuse)
        post_migrate.connect(_after_migrate, sender=self)


def _after_migrate(**_: Any) -> None:
    """Put up the audit log's triggers and the roles' rights, and renew what the login of public machines may do.

    SQLite drops the triggers when a migration rebuilds the table; on PostgreSQL it makes tables and columns anew.
    """
    from reports.domain.audit import triggers  # noqa: PLC0415
    from reports.domain.people import roles  # noqa: PLC0415
    from reports.domain.storage import database_roles  # noqa: PLC0415 - models are there by now

    triggers.put_up()
    roles.ensure_roles()
    database_roles.grant()
