"""Which admin site the project uses."""

from django.contrib.admin.apps import AdminConfig


class StreetlightAdmin(AdminConfig):
    """The stock admin with Streetlight's sign-in and first screen."""

    default_site = "reports.admin.site.DeskSite"
