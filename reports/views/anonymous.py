"""Pages for anonymous visitors: no browser stores them, and other sites cannot post in a visitor's name."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reports.security import uploads

type View = Callable[..., HttpResponse]


def anonymous(view: View) -> View:
    """Mark a view as not to be stored, and without CSRF cookie: that would stay on the sender's device for a year."""
    return csrf_exempt(cache_control(no_store=True)(require_http_methods(["GET", "HEAD", "POST"])(view)))


def takes_pictures(view: View) -> View:
    """Let a view's pictures be read by `uploads.read`; no decorator around this one may read the form."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        uploads.read(request)
        return view(request)

    return wrapped
