"""The ceremony of a passkey, and the page of signing in that asks for one after the password."""

import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.rights import EVERYBODY, needs
from core.sent import sent_text
from reports.admin.pages import carried, lock
from reports.admin.people import sign_in
from reports.domain.errors import Refused
from reports.domain.people import passkeys
from reports.security import known_browsers

CEREMONY = "passkey-ceremony"
WAITS = "password-shown"  # the session's slot for who has shown their password, and when
WAITS_FOR = 5 * 60  # seconds


def offer_passkey(
    request: HttpRequest, ask: Callable[..., str], *, user: User | None = None
) -> dict[str, object]:
    """Begin a ceremony and return what its form needs; where no browser takes passkeys, only where one would."""
    if not takes_passkeys(request):
        return {"passkey_home": settings.OTP_WEBAUTHN_ALLOWED_ORIGINS[0]}
    state = passkeys.new_state(user=user)
    request.session[CEREMONY] = state
    return {"passkey_options": ask(state=state)}


def takes_passkeys(request: HttpRequest) -> bool:
    """Return whether a browser takes the site's passkeys under the address at which it opened the desk."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    domain = settings.OTP_WEBAUTHN_RP_ID
    return host == domain or host.endswith(f".{domain}")


def take_ceremony(request: HttpRequest) -> dict[str, str] | None:
    """Take the ceremony's state out of the session, for one answer; None when there is none."""
    state: dict[str, str] | None = request.session.pop(CEREMONY, None)
    return state


def wait_for_passkey(request: HttpRequest, user: User) -> None:
    """Note that this browser has shown a member's password, and has to show their passkey next."""
    request.session[WAITS] = {"user": user.pk, "since": time.time()}


@needs(EVERYBODY)
def passkey_step(request: HttpRequest) -> HttpResponse:
    """Ask who has shown their password for a passkey of theirs, and sign them in with it."""
    user = _who_waits(request)
    problem = ""
    if request.method == "POST" and user and not (problem := _show(request, user)):
        carried_text = carried.again(request)
        response = (carried_text and carried.adopt(request, carried_text)) or redirect(
            _onward(request)
        )
        known_browsers.remember(request, response, user)
        return response
    return passkey_page(request, problem)


def passkey_page(request: HttpRequest, problem: str = "") -> HttpResponse:
    """Return the page that asks for a passkey, with what the page before carried."""
    user = _who_waits(request)
    onward = _onward(request)
    context = lock.page(request, title="Show your passkey") | {"problem": problem, "next": onward}
    context |= {"carried": carried.again(request)}
    if user:
        context |= offer_passkey(request, partial(passkeys.to_show, user=user), user=user)
    return TemplateResponse(
        request, "admin/reports/people/sign_in/passkey.html", context | {"waits": user is not None}
    )


def _show(request: HttpRequest, user: User) -> str:
    """Sign the member in with the passkey that their browser shows; return why not, if not."""
    state = take_ceremony(request)
    if state is None:
        return "That took too long. Press the button again."
    try:
        device = passkeys.prove(user=user, state=state, answer=sent_text(request.POST, "answer"))
    except Refused as refusal:
        return str(refusal)
    request.session.pop(WAITS, None)
    sign_in.sign_in(request, user, device)
    return ""


def _who_waits(request: HttpRequest) -> User | None:
    waiting = request.session.get(WAITS)
    if waiting is None or time.time() - waiting["since"] > WAITS_FOR:
        return None
    return User.objects.filter(pk=waiting["user"], is_active=True, is_staff=True).first()


def _onward(request: HttpRequest) -> str:
    return lock.safe_next(request, default=reverse("admin:index"))
