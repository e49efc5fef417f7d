"""What the pages of a tip and of a mailbox share: no browser stores them, and what could not be stored is said."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reports.domain import errors, intake
from reports.forms import PhotoForm
from reports.security import uploads

type View = Callable[..., HttpResponse]

UNSTORED = (errors.NotReceived, errors.DeskBroken)
NOT_STORED = format_lazy(
    _(
        "We could not store this, so we do not have it. Press Send again in a minute, or call the police on {police}."
        " To stay anonymous, call {anonymous}."
    ),
    **settings.PLACE.numbers,
)


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


def send_pictures(form: PhotoForm, *, token: str, answer: bool = False) -> int:
    """Send the good pictures and return their number; problems are in the form's errors."""
    form.is_valid()
    try:
        if form.pictures:
            intake.send_photos(token=token, pictures=form.pictures, answer=answer)
    except UNSTORED:
        form.add_error("photos", str(NOT_STORED))
        return 0
    return len(form.pictures)
