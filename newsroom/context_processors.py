"""Context for every template."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext


def site(request: HttpRequest) -> dict[str, object]:
    """Return the place in the page's language, whether this is a demonstration, and the site's origin."""
    return {"place": settings.PLACE.translated(gettext), "demo": settings.DEMO, "origin": settings.SITE_ORIGIN}
