"""How pages treat a visitor whom nobody knows: nothing is kept, and other sites' pages cannot send in their name."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

type View = Callable[..., HttpResponse]


def anonymous(view: View) -> View:
    """Make a page that nobody keeps; no CSRF cookie either: it would lie on the sender's device for a year."""
    return csrf_exempt(cache_control(no_store=True)(require_http_methods(["GET", "HEAD", "POST"])(view)))


def is_foreign(request: HttpRequest) -> bool:
    """Return whether another site's page sent this; browsers that say nothing, or "null", are believed."""
    if request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        return True
    origin: str = request.META.get("HTTP_ORIGIN", "null")
    if origin == "null":
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.get_host().lower()
    except ValueError:
        return True
