"""Servers that break a promise on purpose: the controls that show that a proof can fail. gunicorn calls one by name."""

import contextlib
import functools
import io
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterable

MOMENTS = 2  # times that a server passes the moment at which it will die
LATE = 0.4  # seconds between the receipt and the storing of what it claims
TOLD = 2  # seconds in which whoever sent has the receipt, on a busy machine too

STOCK = {
    "reports.security.middleware.DeskSessions": "django.contrib.sessions.middleware.SessionMiddleware",
    "reports.security.middleware.DeskUsers": "django.contrib.auth.middleware.AuthenticationMiddleware",
}

type Wsgi = Callable[..., Iterable[bytes]]


def _application():
    from config.wsgi import application

    return application


def weakened[**Given](weaken):
    """Make an application of what weakens the site: Django is loaded before it."""

    @functools.wraps(weaken)
    def app(*given, **more):
        application = _application()
        weaken(*given, **more)
        return application

    return app


@weakened
def acknowledges_first():
    """Say "received" and store a moment later, as a write without fsync or a queue in memory does."""
    from reports.domain.intake import outbox

    store = outbox.put
    outbox.put = lambda arrival: threading.Timer(LATE, store, [arrival]).start()


@weakened
def stores_twice():
    """Give every sending a tag of its own, so that the same content sent again is stored again."""
    from reports.sealing import receipts

    receipts.tag = lambda token, content: secrets.token_hex(16)


@weakened
def dies_when(moment):
    """Kill its whole group at a moment between the outbox and the database, soon after something was received."""
    from reports.domain.intake import outbox
    from reports.domain.storage import mirror

    place, name, after = {
        "stored": (outbox, "put", True),  # acknowledged to nobody yet
        "draining": (outbox, "drain", False),
        "ingesting": (outbox, "_store", True),  # the rows are written, and not committed
        "committed": (mirror, "keep", True),  # and no file is removed
        "removing": (outbox, "_cleared", True),
    }[moment]
    store, left = outbox.put, iter(range(MOMENTS, -1, -1))
    received = threading.Event()

    def put(arrival):
        store(arrival)
        received.set()

    def dying(*given, **more):
        done = act(*given, **more) if after else None
        if received.is_set() and next(left, 0) == 0:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        return done if after else act(*given, **more)

    outbox.put = put
    act = getattr(place, name)
    setattr(place, name, dying)


@weakened
def removes_first():
    """Remove what is drained before it is stored, and die between the two, once its sender has the receipt."""
    from reports.domain.intake import outbox

    def store(arrivals):
        for arrival in arrivals:
            (outbox.folder() / arrival.name).unlink()
        time.sleep(TOLD)
        os.killpg(os.getpgrp(), signal.SIGKILL)
        return set()

    outbox._store = store


@weakened
def drains_once():
    """Try the database after each receipt, and never again when it failed, as a request of a stock site does."""
    from django.db import DatabaseError

    from reports.domain.intake import outbox

    drain = outbox.drain

    def once(*, wait=False):
        with contextlib.suppress(DatabaseError):
            return drain(wait=wait)
        return 0

    outbox.drain = once


def hashes_for_everybody_at_once():
    """Check passwords as Django does: at its own cost, and for all who ask at once."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    application = _application()
    from django.conf import settings

    from reports.admin.people import sign_in

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    sign_in.strangers.take = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    return application


@weakened
def sets_nothing_at_end():
    """Let what a program sends rank with people's."""
    from reports.domain.intake import receiving

    receiving.is_program = lambda suspect: False


@weakened
def hides_a_full_disk():
    """Say "received" although storing failed."""
    from reports.domain.errors import NotReceived
    from reports.domain.intake import outbox

    store = outbox.put

    def put(arrival):
        with contextlib.suppress(NotReceived):
            store(arrival)

    outbox.put = put


def looks_up_the_visitor():
    """Have sessions on every page, as a stock site has, and ask who is signed in, as a template may."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    settings.MIDDLEWARE = [
        *(STOCK.get(name, name) for name in settings.MIDDLEWARE),
        "tests.system.proofs.broken.look_up",
    ]
    return _application()


def look_up(get_response):
    """Be the middleware that does it."""

    def middleware(request):
        request.looked_up = request.user.is_authenticated
        return get_response(request)

    return middleware


def reads_pictures_as_django_does(get_response):
    """Be the middleware that leaves pictures to the handlers in the settings."""
    from reports.security import uploads

    uploads.read = lambda request: len(request.POST)
    return get_response


def fails_on_purpose():
    """Raise an error that quotes the tip, where a tip asks for it: a fault of ours that no test foresaw."""
    application = _application()
    from reports.domain.intake import receiving

    accept = receiving.accept

    def failing(*, token, answers, **facts):
        if FAULT in answers.get("when", ""):
            raise ValueError(f"{token} {answers}")
        return accept(token=token, answers=answers, **facts)

    receiving.accept = failing
    return application


FAULT = "make a fault"


def fails_outside_django():
    """Fail before Django sees the request, with an error that quotes its address."""
    _application()  # loaded, as a worker expects, and not called

    def fails(environ, start_response):
        if (
            environ["PATH_INFO"] == "/healthz"
        ):  # by which the test knows that the server has started
            start_response("200 OK", [])
            return [b""]
        raise RuntimeError(environ["PATH_INFO"])

    return fails


@weakened
def expects_good_text():
    """Fail at a NUL, as a database does, and store texts without what is not ASCII, as a careless import does."""
    from reports import forms

    read = forms.Words.to_python

    def careless(self, value):
        if "\0" in str(value):
            raise ValueError("a NUL")
        return read(self, value).encode("ascii", "ignore").decode()

    forms.Words.to_python = careless


@weakened
def decodes_by_itself():
    """Decode pictures in the server's own process, and keep what a camera wrote beside them."""
    from PIL import Image

    from newsroom.imaging import decode

    def rebuilt(raw, *_arguments, timeout):
        picture, out = Image.open(io.BytesIO(raw)), io.BytesIO()
        picture.convert("RGB").save(out, "JPEG", exif=picture.getexif())
        return out.getvalue()

    decode.rebuilt = rebuilt
