"""The admin site of this project."""

from django.contrib.admin.apps import SimpleAdminConfig


class StreetlightAdmin(SimpleAdminConfig):
    """Django's admin with Streetlight's sign-in and first screen, and with the pages of newsroom and reports only.

    Django would find the admin pages of every app, which show secrets and the addresses of staff.
    """

    default_site = "reports.admin.site.TeamSite"

    def ready(self) -> None:
        """Register the newsroom's admin pages; TeamSite registers those of reports."""
        super().ready()
        import newsroom.admin  # noqa: F401, PLC0415 - registration is the import's purpose
