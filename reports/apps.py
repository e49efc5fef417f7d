"""The reports app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Tips, the desk and its record."""

    name = "reports"
    verbose_name = _("Tips and the desk")

    def ready(self) -> None:
        """Register the checks that tell an operator of mistakes."""
        from reports import checks  # noqa: F401, PLC0415 - registration is the import's purpose
