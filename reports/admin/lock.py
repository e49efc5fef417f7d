"""The desk's lock: the only place that puts keys into a session and takes them out again.

The session's data is sealed under the cookie (reports/security/sessions.py), so the keys are at rest nowhere in clear.
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SLOT = "desk"
REFRESH_EVERY = 30  # seconds: writing the session at each request would let parallel ones overwrite each other


def keys_of(request: HttpRequest) -> Keys | None:
    """Return the session's keys and note that the member is there; None, and no keys left, once a limit has passed.

    The same when the desk has another key by now: these would open nothing that is new.
    """
    if not request.user.is_authenticated or SLOT not in request.session:
        return None
    keys, now = _held(request), time.time()
    if keys is None or not keys.still_open(now=now) or keys.outdated():
        if keys:
            keyholders.lock(user=request.user, keys=keys, alone=True)
        _drop(request)
        return None
    if now - keys.seen > REFRESH_EVERY:
        keys = replace(keys, seen=now)
        _hold(request, keys)
    return keys


def fresh_keys_of(request: HttpRequest) -> Keys | None:
    """Return the session's keys for a sensitive act: None, and the desk stays open, ten minutes after the phrase."""
    keys = keys_of(request)
    return keys if keys and keys.fresh(now=time.time()) else None


def renew(request: HttpRequest, keys: Keys) -> None:
    """Put the keys that an act on the ring gave into a session whose desk is open; a locked one stays locked."""
    if SLOT in request.session:
        _hold(request, keys)
        request.session.cycle_key()


def unlock(request: HttpRequest, *, phrase: str) -> Keys:
    """Unlock this session's desk with the member's phrase; raises Refused with what to do."""
    keys = keyholders.unlock(user=cast("User", request.user), phrase=phrase)
    _hold(request, keys)
    request.session.cycle_key()
    if keys.strays:
        messages.warning(request, _("The desk opens for a key that belongs to nobody here. Tell a lead today."))
    return keys


def lock(request: HttpRequest) -> None:
    """Lock this session's desk."""
    if SLOT in request.session:
        if keys := _held(request):
            keyholders.lock(user=cast("User", request.user), keys=keys)
        _drop(request)


def safe_next(request: HttpRequest, *, default: str) -> str:
    """Return the address in the request's `next` when it is one of the desk's own, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if here and wanted.startswith(reverse("admin:index")) else default


def _hold(request: HttpRequest, keys: Keys) -> None:
    vouchers = keys.vouchers or audit.Vouchers(())
    request.session[SLOT] = {
        "identities": list(keys.identities),
        "since": keys.since,
        "seen": keys.seen,
        "index": keys.index,
        "strays": list(keys.strays),
        "audit_keys": [(first, key.hex()) for first, key in vouchers.keys],
        "stood_at": vouchers.stood_at,
    }


def _held(request: HttpRequest) -> Keys | None:
    """Return the keys as the session holds them; None for what an older version of the program kept."""
    held = request.session[SLOT]
    if "audit_keys" not in held:
        return None
    stood_at = (int(held["stood_at"][0]), str(held["stood_at"][1])) if held["stood_at"] else None
    vouchers = audit.Vouchers(tuple((first, bytes.fromhex(key)) for first, key in held["audit_keys"]), stood_at)
    return Keys(
        tuple(held["identities"]),
        since=held["since"],
        seen=held["seen"],
        index=held["index"],
        strays=tuple(held["strays"]),
        vouchers=vouchers,
    )


def _drop(request: HttpRequest) -> None:
    """Take the keys out, under a new session: a slower request of the old one cannot write them back."""
    request.session.pop(SLOT, None)
    request.session.cycle_key()


def limits() -> tuple[int, int]:
    """Return after how many idle minutes, and after how many hours in all, the desk locks itself."""
    return settings.IDLE_LOCK // 60, settings.ABSOLUTE_LOCK // 3600
