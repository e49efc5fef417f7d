"""Guessing at the desk, all of it behind one address: limits hold, and whoever works here is let in all the same."""

import re
import secrets
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice

from reports.admin import sign_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db

MEMBERS, GUESSES = 12, 8
SIGN_IN = "/admin/login/?next=/admin/"


def code_of(user: User) -> str:
    """Return a new recovery code."""
    device, _made = StaticDevice.objects.get_or_create(user=user, name="Codes", confirmed=True)
    return str(device.token_set.create(token=secrets.token_hex(5)).token)


def comes_in(user: User, browser: Client) -> bool:
    """Return whether a member signs in, in this browser."""
    typed = {"username": user.username, "password": f"{user.username}-password", "code": code_of(user)}
    browser.post(SIGN_IN, typed)
    return browser.get("/admin/").status_code == 200


@pytest.fixture
def staff(roles: None) -> dict[User, Client]:
    """Return members, each with the browser in which they worked yesterday."""
    found = {make_user(f"member{number}", "Officer"): Client() for number in range(MEMBERS)}
    for user, browser in found.items():
        assert comes_in(user, browser)
        for cookie in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
            browser.cookies.pop(cookie, None)
    return found


def guess(name: str) -> list[tuple[int, str]]:
    """Return what a stranger is answered at each guess: status and page, but for the name and the form's own mark."""
    stranger, told = Client(), []
    for _ in range(GUESSES):
        response = stranger.post(SIGN_IN, {"username": name, "password": "wrong", "code": "123456"})
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        told.append((response.status_code, page.replace(name, "")))
    return told


def let_in(staff: dict[User, Client]) -> int:
    """Let a stranger guess at every name, then all members come to work; return how many are let in."""
    for user in staff:
        assert [status for status, _page in guess(user.username)][-1] == 429, "the stranger is paused"
        assert not comes_in(user, Client()), "as is everybody in a browser that nobody knows"
    return sum(comes_in(user, browser) for user, browser in staff.items())


def test_nobody_who_signed_in_before_is_locked_out(
    staff: dict[User, Client], record_property: Callable[[str, object], None]
) -> None:
    count = let_in(staff)
    record_property("figure", f"{count} of {MEMBERS} members let in")
    assert count == MEMBERS


def test_control_where_browsers_are_not_known_everybody_is(
    staff: dict[User, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "known_browser", lambda request, name: "")
    assert let_in(staff) == 0


def differences() -> int:
    """Return at how many guesses a name that exists is answered otherwise than one that does not."""
    make_user("qwxknown", "Officer")
    pairs = zip(guess("qwxknown"), guess("qwxnobody"), strict=True)
    return sum(known != unknown for known, unknown in pairs)


def test_no_answer_tells_a_name_that_exists_from_one_that_does_not(
    roles: None, record_property: Callable[[str, object], None]
) -> None:
    found = differences()
    record_property("figure", f"{found} of {GUESSES} answers differ between names")
    assert found == 0


def test_control_where_only_known_names_are_counted_the_answers_tell(
    roles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sign_in.name_to_keep

    def only_known(request: object, credentials: dict[str, str]) -> str:
        name = kept(request, credentials)  # type: ignore[arg-type]
        return secrets.token_hex(8) if name.startswith("unknown ") else name

    monkeypatch.setattr(sign_in, "name_to_keep", only_known)
    assert differences() > 0
