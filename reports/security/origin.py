"""Where a request comes from: our own page, or another site's."""

from urllib.parse import urlsplit

from django.http import HttpRequest


def is_foreign(request: HttpRequest) -> bool:
    """Return whether another site's page sent this; no Origin header, or "null", counts as our own."""
    if request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return True
    origin: str = request.META.get("HTTP_ORIGIN", "null")
    if origin == "null":
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.get_host().lower()
    except ValueError:
        return True
