"""What the pages of a tip and of a mailbox share.

No browser stores them; what could not be stored is said, and so is what could show who wrote.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.languages import ENGLISH
from reports.domain import errors
from reports.domain.intake import receiving
from reports.forms import PhotoForm
from reports.security import uploads
from reports.security.turns import Busy, Turns
from reports.text import identity_warnings, public_names

type View = Callable[..., HttpResponse]

# Looking through a text keeps a processor busy. Each on its own, or a flood of long ones would leave a fraction of it
# to whoever reads at the desk.
looking = Turns(at_work=1, waiting=15, seconds=3)

UNSTORED = (errors.NotReceived, errors.DeskBroken)
NOT_STORED = format_lazy(
    gettext_lazy(
        "We could not store this, so we do not have it. Press Send again in a minute, or call the police on {police}."
        " To stay anonymous, call {anonymous}."
    ),
    **settings.PLACE.numbers,
)


def anonymous(view: View) -> View:
    """Mark a view as not to be stored, and without CSRF cookie: that would stay on the sender's device for a year."""
    return csrf_exempt(
        cache_control(no_store=True)(require_http_methods(["GET", "HEAD", "POST"])(view))
    )


def takes_pictures(view: View) -> View:
    """Let a view's pictures be read by `uploads.read`; no decorator around this one may read the form."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        uploads.read(request)
        return view(request)

    return wrapped


def page_language() -> str:
    """Return the code of the language of the page that was sent; "" for English."""
    code = get_language()
    return "" if code == ENGLISH else code


def giveaways(answers: Mapping[str, Any]) -> tuple[identity_warnings.IdentityWarning, ...] | None:
    """Return what could show who the sender is; None where too much is being sent for us to look."""
    try:
        with looking.take():
            return identity_warnings.find(
                answers, helplines=public_names.numbers(settings.PLACE.helplines)
            )
    except Busy:
        return None


def posted_pictures(request: HttpRequest, *, token: str, proof: str) -> PhotoForm:
    """Return the form of pictures as it was posted; it takes from their limit only if it has a file to send."""
    has_file = bool(request.FILES) and "change" not in request.POST
    welcome = receiving.may_send_photos(token=token, mark=proof, has_file=has_file)
    return PhotoForm(request.POST, request.FILES, welcome=welcome, late=uploads.is_late(request))


def send_pictures(form: PhotoForm, *, token: str, mark: str, answer: bool = False) -> int:
    """Send the good pictures and return their number; problems are in the form's errors."""
    form.is_valid()
    try:
        if form.pictures:
            receiving.send_photos(token=token, pictures=form.pictures, answer=answer, mark=mark)
    except UNSTORED:
        form.add_error("photos", str(NOT_STORED))
        return 0
    return len(form.pictures)
