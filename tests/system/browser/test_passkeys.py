"""Passkeys in a real browser with a virtual authenticator: made while joining, then shown to sign in."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect

from reports.domain.people import joining
from tests.factories import make_user
from tests.system.browser.conftest import Demonstration, follow
from tests.system.browser.test_axe import violations
from tests.system.browser.test_joining import invited, newcomers, press, start  # noqa: F401 - a fixture
from tests.system.browser.test_story import all_of

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(page: Page) -> None:
    """Give the page's browser an authenticator whose owner is there and says yes."""
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable", {"enableUI": False})
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


@pytest.mark.parametrize(("width", "dark"), [(390, False), pytest.param(1280, True, marks=pytest.mark.whole)])
@pytest.mark.usefixtures("newcomers")
def test_a_newcomer_joins_with_a_virtual_passkey(
    chromium: Browser, sign_in: Callable[..., Page], demonstration: Demonstration, width: int, dark: bool
) -> None:
    code = invited(sign_in(), f"nia-passkey-{width}", demonstration.phrase)
    home = demonstration.address.replace("127.0.0.1", "localhost")  # a browser takes no number for a passkey's home
    scheme = "dark" if dark else "light"
    nia = chromium.new_page(base_url=home, viewport={"width": width, "height": 900}, color_scheme=scheme)
    blocked: list[str] = []
    nia.on("console", lambda message: message.type == "error" and blocked.append(message.text))
    with_authenticator(nia)
    nia.goto("/admin/join/")
    start(nia, f"nia-passkey-{width}", code)
    expect(nia.get_by_role("heading", level=1)).to_have_text("An app or a passkey")
    wrong = violations(nia)
    press(nia, "Make a passkey")
    expect(nia.locator(".codes li")).to_have_count(8)
    press(nia, "I have written them down")
    press(nia, "Show me my six words")
    words = " ".join(all_of(nia, ".words-card li", 6))
    follow(nia.get_by_role("link", name="I have written them down"))
    nia.get_by_label("Type your six words back").fill(words)
    press(nia, "Go on")
    expect(nia.locator(".fingerprint")).to_have_text(re.compile(r"^\d{5}( \d{5}){4}$"))
    nia.goto("/admin/factors/")
    expect(nia.locator(".factors")).to_contain_text("passkey, since")
    wrong += violations(nia)
    nia.close()
    assert (wrong, blocked) == ([], [])


@pytest.fixture
def site(live_server: Any, roles: None) -> Iterator[str]:
    """Serve the desk as it is outside a demonstration; return its address under the name that passkeys want."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    with override_settings(OTP_WEBAUTHN_ALLOWED_ORIGINS=[address]):
        yield address


def sign_in_as(page: Page, user: User, **code: str) -> None:
    page.goto("/admin/login/")
    page.get_by_label("User name").fill(user.get_username())
    page.get_by_label("Password", exact=True).fill(f"{user.get_username()}-password")
    page.get_by_label("Code").fill(code.get("code", ""))
    press(page, "Sign in")


@pytest.mark.django_db(transaction=True)
def test_a_member_adds_a_passkey_and_signs_in_with_it(chromium: Browser, site: str) -> None:
    user = make_user("olu", "Officer")
    code = joining.recovery_codes(user=user)[0]
    page = chromium.new_page(base_url=site, viewport={"width": 390, "height": 900})
    with_authenticator(page)
    sign_in_as(page, user, code=code)
    page.goto("/admin/factors/")
    page.get_by_label("A name for it").fill("Phone")
    page.locator("[data-passkey]").get_by_label("Your password").fill("olu-password")
    press(page, "Make a passkey")
    expect(page.locator(".factors strong").first).to_have_text("Phone")
    wrong = violations(page)

    page.locator("[data-passkey]").get_by_label("Your password").fill("olu-password")
    page.get_by_role("button", name="Make a passkey").click()  # the device holds one already
    expect(page.get_by_role("alert")).to_contain_text("No passkey came.")

    page.context.clear_cookies()
    sign_in_as(page, user)
    expect(page.get_by_role("heading", level=1)).to_have_text("Show your passkey")
    wrong += violations(page)
    press(page, "Use my passkey")
    expect(page.get_by_text("Desk locked").first).to_be_visible()
    page.close()
    assert wrong == []
