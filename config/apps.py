"""Which admin site the project uses."""

from django.contrib.admin.apps import SimpleAdminConfig


class StreetlightAdmin(SimpleAdminConfig):
    """The stock admin with Streetlight's sign-in and first screen, and with our rooms alone.

    Not every app's, which Django would look for by itself: they would show secrets and staff's addresses.
    """

    default_site = "reports.admin.site.DeskSite"

    def ready(self) -> None:
        """Open the newsroom's rooms; the desk's own are the site's."""
        super().ready()
        import newsroom.admin  # noqa: F401, PLC0415 - registration is the import's purpose
