"""Pages for anonymous visitors: no browser stores them, and other sites cannot post in a visitor's name."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

type View = Callable[..., HttpResponse]


def anonymous(view: View) -> View:
    """Mark a view as not to be stored, and without CSRF cookie: that would stay on the sender's device for a year."""
    return csrf_exempt(cache_control(no_store=True)(require_http_methods(["GET", "HEAD", "POST"])(view)))


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
