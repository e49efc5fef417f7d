"""The ceremony of a passkey, from the page that asks a browser for it to the browser's answer."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from reports.domain.people import passkeys

CEREMONY = "passkey-ceremony"


def offer_passkey(request: HttpRequest, ask: Callable[..., str], *, user: User | None = None) -> dict[str, object]:
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
