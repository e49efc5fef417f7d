"""Members who have signed in, with their second factor and, where a test asks for it, with an unlocked desk."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(user: User) -> Client:
    """Return a browser in which this user is signed in with a second factor."""
    device, _ = StaticDevice.objects.get_or_create(user=user, name="test", confirmed=True)
    client = Client()
    client.force_login(user, backend=BACKEND)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


@pytest.fixture
def signed_in(officer: User) -> Client:
    """Return the officer's browser, with a locked desk."""
    return sign_in(officer)


@pytest.fixture
def unlock(phrase: str) -> Callable[[Client], None]:
    """Return a function that unlocks the desk in a browser of the officer."""

    def unlock_desk(client: Client) -> None:
        response = client.post("/admin/unlock/", {"phrase": phrase})
        assert response.status_code == 302

    return unlock_desk


@pytest.fixture
def unlocked(signed_in: Client, unlock: Callable[[Client], None]) -> Client:
    """Return the officer's browser, with an unlocked desk."""
    unlock(signed_in)
    return signed_in
