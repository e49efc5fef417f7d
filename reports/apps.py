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
        """Register the checks that tell an operator of mistakes, and what every migration must leave standing."""
        from reports import checks  # noqa: F401, PLC0415 - registration is the import's purpose

        post_migrate.connect(_guard_the_record, sender=self)


def _guard_the_record(**_: Any) -> None:
    """Put the record's triggers up again: SQLite drops them when a migration rebuilds the table."""
    from reports.domain.record import guard  # noqa: PLC0415 - models are there by now

    guard.put_up()
