"""The ceremony of a passkey between two requests: what the page offers, and the state that one answer uses up."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from reports.domain.people import passkeys

SLOT = "passkey-ceremony"
LASTS = 10 * 60  # seconds: enough for a phone that lies in the next room


def offer(request: HttpRequest, ask: Callable[..., str], *, user: User | None = None) -> dict[str, object]:
    """Begin a ceremony and return what its form needs; where no browser takes passkeys, only where one would."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    domain = settings.OTP_WEBAUTHN_RP_ID
    if host != domain and not host.endswith(f".{domain}"):
        return {"passkey_home": settings.OTP_WEBAUTHN_ALLOWED_ORIGINS[0]}
    state = passkeys.begin(user=user)
    request.session[SLOT] = {"state": state, "since": time.time()}
    return {"passkey_options": ask(state=state)}


def taken(request: HttpRequest) -> dict[str, str] | None:
    """Take the ceremony's state out of the session, for one answer; None when there is none or it is too old."""
    held = request.session.pop(SLOT, None)
    if held is None or time.time() - held["since"] > LASTS:
        return None
    state: dict[str, str] = held["state"]
    return state
