"""Context for every template."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Return the place, whether this is a demonstration, and the site's origin."""
    return {"place": settings.PLACE, "demo": settings.DEMO, "origin": settings.SITE_ORIGIN}
