"""Joining in a real browser: with a passkey, to the first sign-in; with an app and scripts off, to the fingerprint."""

import base64
import re

import pytest
from django_otp.oath import totp
from playwright.sync_api import expect

from tests.system.browser.conftest import all_of, follow, press, violations
from tests.system.harness.server import Server

PASSWORD = "eleven lamps burn"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(page):
    """Give the page's browser an authenticator whose owner is there and says yes."""
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable", {"enableUI": False})
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def name_and_password(page, name, password):
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(password)


def invited(team_lead, passphrase):
    """Invite Nia and return the code that she is to be told."""
    follow(team_lead.get_by_role("link", name="People", exact=True))
    follow(team_lead.get_by_role("link", name="Invite a team member"))
    team_lead.get_by_label("Username").fill("nia")
    team_lead.get_by_label(re.compile("^Caseworker")).check()
    team_lead.get_by_label("Your own six words").fill(passphrase)
    press(team_lead, "Make a code")
    return team_lead.locator("dd.ref").last.inner_text()


def start(page, code):
    """Show the code and choose a password."""
    page.get_by_label("Username").fill("nia")
    page.get_by_label("Code", exact=True).fill(code)
    press(page, "Continue")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    press(page, "Continue")


def take_words(page, looked=lambda: None):
    """Write down codes and words, type the words back, wrongly first; return them. On each page it calls `looked`."""
    all_of(page, ".codes li", 8)
    looked()
    press(page, "I have written them down")
    looked()
    press(page, "Show me my six words")
    words = " ".join(all_of(page, ".words-card li", 6))
    looked()
    follow(page.get_by_role("link", name="I have written them down"))
    page.get_by_label("Type your six words").fill("six words that are quite wrong")
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_contain_text("Those are not the words that we showed you.")
    looked()
    page.get_by_label("Type your six words").fill(words)
    press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Access from a team lead")
    return words


def give_access(team_lead, passphrase, fingerprint):
    """Compare the fingerprint and let Nia in; return what axe finds on the way."""
    team_lead.goto("/admin/people/")
    wrong = violations(team_lead)
    follow(team_lead.get_by_role("link", name=re.compile("Give access.*nia")))
    wrong += violations(team_lead)
    team_lead.get_by_label("Last five digits").fill(fingerprint[-5:])
    team_lead.get_by_label("Your own six words").fill(passphrase)
    press(team_lead, "Give access")
    expect(team_lead.get_by_text("You have given nia access.")).to_be_visible()
    return wrong


@pytest.mark.promise("team")
def test_a_newcomer_joins_with_a_passkey_is_given_access_and_signs_in(chromium, home):
    """A newcomer joins with a passkey in a real browser, under a strict content policy."""
    with Server(home) as server:
        site = f"http://localhost:{server.port}"  # a browser takes no number for a passkey's home
        team_lead, nia = (
            chromium.new_page(base_url=site, viewport={"width": 390, "height": 900})
            for _ in range(2)
        )
        blocked = []
        nia.on("console", lambda message: message.type == "error" and blocked.append(message.text))
        team_lead.goto("/admin/")
        name_and_password(team_lead, "lena", home.desk["password"])
        team_lead.get_by_label("Code").fill(home.desk["codes"][0])
        press(team_lead, "Sign in")
        code, wrong = invited(team_lead, home.desk["passphrase"]), violations(team_lead)
        with_authenticator(nia)
        nia.goto("/admin/join/")
        wrong += violations(nia)
        start(nia, code)
        expect(nia.get_by_role("heading", level=1)).to_have_text("Two-step sign-in")
        wrong += violations(nia)
        press(nia, "Make a passkey")
        words = take_words(nia, lambda: wrong.extend(violations(nia)))
        fingerprint = nia.locator(".fingerprint").inner_text()
        assert re.fullmatch(r"\d{5}( \d{5}){4}", fingerprint)
        wrong += violations(nia) + give_access(team_lead, home.desk["passphrase"], fingerprint)

        nia.context.clear_cookies()
        nia.goto("/admin/login/")
        name_and_password(nia, "nia", PASSWORD)
        press(nia, "Sign in")
        expect(nia.get_by_role("heading", level=1)).to_have_text("Show your passkey")
        wrong += violations(nia)
        press(nia, "Use my passkey")
        nia.get_by_label("Your six words").fill(words)
        press(nia, "Only unlock")
        expect(nia.get_by_text("The desk is unlocked.")).to_be_visible()
        nia.goto("/admin/factors/")
        expect(nia.locator(".factors")).to_contain_text("passkey, since")
        wrong += violations(nia)
        team_lead.close()
        nia.close()
    assert (wrong, blocked) == ([], [])


def digits_of(page):
    """Return what an app would show that has read the key from the page."""
    typed = page.locator(".key").inner_text().replace(" ", "")
    return f"{totp(base64.b32decode(typed)):06d}"


def test_joining_with_an_app_works_with_scripts_off(visit, sign_in, demonstration):
    code = invited(sign_in(scripts=False), demonstration.passphrase)
    page = visit("/admin/join/", scripts=False, width=390)
    start(page, code)
    page.get_by_label("Six digits").fill(digits_of(page))
    press(page, "Continue")
    take_words(page)
    demonstration.shell(
        "from django.contrib.auth.models import User; User.objects.filter(username='nia').update(is_active=False)"
    )
