"""The few facts that every page shows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Give templates the town, whether this is a demonstration, and the site's own address."""
    return {"town": settings.TOWN, "demo": settings.DEMO, "origin": settings.SITE_ORIGIN}
