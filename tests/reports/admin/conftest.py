"""Members who have signed in, with their second factor and, where a test asks for it, with an unlocked desk."""

import json
import os
import secrets
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client, RequestFactory
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice

from reports.admin.pages import lock
from reports.domain.keys import keyholders
from reports.domain.people import second_factors, session_files
from reports.domain.tips import opening
from reports.models import Member
from reports.security.sessions import row_key
from tests.factories import CHEAP

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(user):
    """Return a browser in which this user is signed in with a second factor."""
    device, _ = StaticDevice.objects.get_or_create(user=user, name="test", confirmed=True)
    client = Client()
    client.force_login(user, backend=BACKEND)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def said(response):
    """Return the messages at the top of a page."""
    return [str(message) for message in response.context["messages"]]


def tiles(client):
    """Return how many wait on each tab of the first screen, and for each duty of the member."""
    context = client.get("/admin/").context
    lines = [line for part in ("tabs", "duties") for line in context.get(part, [])]
    return {line["name"]: line["waits"] for line in lines}


def file_of(client):
    """Return the file with which the desk is open in a browser."""
    return settings.RUN_DIR / row_key(client.cookies["staff"].value)


def set_back(client, *, seen=0, since=0):
    """Let the last request in a browser be `seen` seconds ago, and its unlock `since` seconds."""
    path, now = file_of(client), time.time()
    facts = json.loads(path.read_bytes())
    path.write_text(json.dumps(facts | {"since": now - since}), encoding="ascii")
    os.utime(path, (now - seen, now - seen))


@contextmanager
def undone(client):
    """Undo what is done meanwhile: in the database, in a browser's cookies, and to the files of unlocked desks."""
    cookies = client.cookies.copy()
    files = {
        settings.RUN_DIR / row: (settings.RUN_DIR / row).read_bytes()
        for row in session_files.rows()
    }
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies
    for path, data in files.items():
        path.write_bytes(data)


def unlock_with(client, keys):
    """Unlock the desk in a browser, as if its member had typed words that give these keys."""
    request = RequestFactory().get("/admin/")
    request.session = client.session
    lock._hold(request, keys)
    request.session.save()
    client.cookies["staff"] = str(request.session.session_key)


def reauthentication(user):
    """Return what a team lead without a key types, for one act, to show that it is them.

    Password and a recovery code.
    """
    device, _ = StaticDevice.objects.get_or_create(user=user, name="test", confirmed=True)
    code = secrets.token_hex(5)
    device.token_set.create(token=second_factors._hash(user.pk, code))
    return {"own_password": f"{user.username}-password", "own_code": code}


@pytest.fixture
def let_in(caseworker, passphrase):
    """Return a function that gives somebody a key to the desk, and their browser with an unlocked desk."""

    def with_key(user):
        Member.objects.filter(user=user).delete()
        words = keyholders.enrol(user=user, costs=CHEAP)
        founder = User.objects.get(pk=caseworker.pk)
        founder.is_superuser = True  # for the object at hand alone: only a team lead lets others in
        member = Member.objects.get(user=user)
        keyholders.grant(
            member=member, compared=member.recipient, by=founder, passphrase=passphrase
        )
        client = sign_in(user)
        assert client.post("/admin/unlock/", {"passphrase": words}).status_code == 302
        return client

    return with_key


@pytest.fixture
def signed_in(caseworker):
    """Return the caseworker's browser, with a locked desk."""
    return sign_in(caseworker)


@pytest.fixture
def unlock(passphrase):
    """Return a function that unlocks the desk in a browser of the caseworker."""

    def unlock_desk(client):
        response = client.post("/admin/unlock/", {"passphrase": passphrase})
        assert response.status_code == 302

    return unlock_desk


@pytest.fixture
def unlocked(signed_in, unlock):
    """Return the caseworker's browser, with an unlocked desk."""
    unlock(signed_in)
    return signed_in


@pytest.fixture
def tips(send, unlocked, caseworker, keys):
    """Return three tips that are being read, and that the queue has shown."""
    sent = [send() for _ in range(3)]
    while opening.left():  # a page opens as many as it has time for
        unlocked.get("/admin/reports/tip/")
    for tip in sent:
        opening.read(tip=tip, by=caseworker, keys=keys)
    return sent
