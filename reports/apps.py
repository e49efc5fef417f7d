"""The reports app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Tips, the desk and its record."""

    name = "reports"
    verbose_name = _("Tips and the desk")

    def ready(self) -> None:
        """Register the checks that tell an operator of mistakes, and what every migration must leave standing.

        Django makes the permissions of an app before it calls what is connected here: `django.contrib.auth` and
        `newsroom` stand before this app in INSTALLED_APPS.
        """
        from reports import checks  # noqa: F401, PLC0415 - registration is the import's purpose

        post_migrate.connect(_guard_the_record, sender=self)
        post_migrate.connect(_set_roles, sender=self)


def _guard_the_record(*, using: str, **_: Any) -> None:
    """Put the record's triggers up: SQLite drops them when a migration rebuilds the table."""
    from reports.domain.audit import triggers  # noqa: PLC0415 - models are there by now

    triggers.put_up(using=using)


def _set_roles(*, using: str, **_: Any) -> None:
    """Make the roles, or give them exactly their rights again."""
    from reports.domain.people import roles  # noqa: PLC0415

    roles.ensure_roles(using=using)
