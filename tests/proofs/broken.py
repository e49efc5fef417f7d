"""Servers that break a promise on purpose: the controls that show that a proof can fail. gunicorn calls one by name."""

import contextlib
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any

LATE = 0.4  # seconds between the receipt and the storing of what it claims

STOCK = {
    "reports.security.middleware.DeskSessions": "django.contrib.sessions.middleware.SessionMiddleware",
    "reports.security.middleware.DeskUsers": "django.contrib.auth.middleware.AuthenticationMiddleware",
}

type Wsgi = Callable[..., Iterable[bytes]]


def _application() -> Wsgi:
    from config.wsgi import application

    return application


def acknowledges_first() -> Wsgi:
    """Say "received" and store a moment later, as a write without fsync or a queue in memory does."""
    application = _application()
    from reports.domain.intake import outbox

    store = outbox.put
    outbox.put = lambda arrival: threading.Timer(LATE, store, [arrival]).start()
    return application


def stores_twice() -> Wsgi:
    """Give every sending a tag of its own, so that the same content sent again is stored again."""
    application = _application()
    from reports.sealing import receipts

    receipts.tag = lambda token, content: secrets.token_hex(16)
    return application


def hides_a_full_disk() -> Wsgi:
    """Say "received" although storing failed."""
    application = _application()
    from reports.domain.errors import NotReceived
    from reports.domain.intake import outbox

    store = outbox.put

    def put(arrival: outbox.OutboxEntry) -> None:
        with contextlib.suppress(NotReceived):
            store(arrival)

    outbox.put = put
    return application


def looks_up_the_visitor() -> Wsgi:
    """Have sessions on every page, as a stock site has, and ask who is signed in, as a template may."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    settings.MIDDLEWARE = [*(STOCK.get(name, name) for name in settings.MIDDLEWARE), "tests.proofs.broken.look_up"]
    return _application()


def look_up(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Be the middleware that does it."""

    def middleware(request: Any) -> Any:
        request.looked_up = request.user.is_authenticated
        return get_response(request)

    return middleware


def fails_on_purpose() -> Wsgi:
    """Raise an error that quotes the tip, where a tip asks for it: a fault of ours that no test foresaw."""
    application = _application()
    from reports.domain import intake

    accept = intake.accept

    def failing(*, token: str, answers: dict[str, Any], suspect: Any = ()) -> intake.Receipt:
        if FAULT in answers.get("when", ""):
            raise ValueError(f"{token} {answers}")
        return accept(token=token, answers=answers, suspect=suspect)

    intake.accept = failing
    return application


FAULT = "make a fault"
