"""Context for every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from core import catalogues


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what `of_the_site` does, and the site's origin."""
    return of_the_site() | {"origin": settings.SITE_ORIGIN}


def of_the_site() -> dict[str, Any]:
    """Return the place in the page's language, whether this is a demonstration, and whether that is unchecked."""
    unchecked = catalogues.is_unchecked(get_language() or "", settings.LOCALE_PATHS[0])
    return {
        "place": settings.PLACE.translated(gettext),
        "demo": settings.DEMO,
        "unchecked": unchecked,
    }
