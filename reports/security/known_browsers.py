"""Browsers in which a member has signed in before, by a signed cookie of the desk.

Strangers can fail to sign in under any name, and be made to wait for it. A browser that its member has used is counted
apart, so that nobody closes the desk to those who work there. The cookie lets nobody in.
"""

import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

AGE = 90 * 24 * 3600  # seconds after the last sign-in there
SALT = "streetlight known browser"


def name(user: User) -> str:
    """Return the name of the cookie by which a browser is known as this member's."""
    return f"{_prefix()}{user.pk}"


def _prefix() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-was-here-"


def known_as(request: HttpRequest, user: User) -> str:
    """Return the random name of the browser if this member has signed in there before; "" for a stranger."""
    value = request.get_signed_cookie(name(user), "", salt=SALT, max_age=AGE) or ""
    whose, _, browser = value.partition(" ")
    if whose == str(user.pk):
        return browser
    return ""


def is_known(request: HttpRequest) -> bool:
    """Return whether any member has signed in in the request's browser before; it asks no database."""
    cookies = [cookie for cookie in request.COOKIES if cookie.startswith(_prefix())]
    return any(request.get_signed_cookie(cookie, "", salt=SALT, max_age=AGE) for cookie in cookies)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let the browser be known as this member's from now on."""
    value = f"{user.pk} {known_as(request, user) or secrets.token_hex(8)}"
    response.set_signed_cookie(
        name(user),
        value,
        salt=SALT,
        max_age=AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )
