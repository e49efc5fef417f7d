"""Joining in a real browser with scripts off: invited, password, app, codes, words, fingerprint, access."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Demonstration, follow
from tests.system.browser.test_axe import violations
from tests.system.browser.test_story import all_of

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

SHEET = [(390, False), pytest.param(1280, True, marks=pytest.mark.whole)]


def press(page: Page, name: str) -> None:
    follow(page.get_by_role("button", name=name))


def digits_of(page: Page) -> str:
    """Return what an app would show that has read the key from the page."""
    import base64

    typed = page.locator(".key").inner_text().replace(" ", "")
    return f"{totp(base64.b32decode(typed)):06d}"


def invited(lead: Page, name: str, phrase: str) -> str:
    follow(lead.get_by_role("link", name="People", exact=True))
    follow(lead.get_by_role("link", name="Invite a colleague"))
    lead.get_by_label("User name").fill(name)
    lead.get_by_label(re.compile("^Officer")).check()
    lead.get_by_label("Your own six words").fill(phrase)
    press(lead, "Make a code")
    return lead.locator("dd.ref").last.inner_text()


def start(page: Page, name: str, code: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Code", exact=True).fill(code)
    press(page, "Go on")
    page.get_by_label("Password", exact=True).fill("eleven lamps burn")
    page.get_by_label("The same again").fill("eleven lamps burn")
    press(page, "Go on")


def join(nia: Page, name: str, code: str) -> tuple[str, str, list[str]]:
    """Go the newcomer's whole way; return the words, the fingerprint, and what axe finds on the pages."""
    wrong = violations(nia)
    start(nia, name, code)
    wrong += violations(nia)
    nia.get_by_label("The six digits").fill(digits_of(nia))
    press(nia, "Go on")
    expect(nia.locator(".codes li")).to_have_count(8)
    wrong += violations(nia)
    press(nia, "I have written them down")
    wrong += violations(nia)
    press(nia, "Show me my six words")
    words = " ".join(all_of(nia, ".words-card li", 6))
    wrong += violations(nia)
    follow(nia.get_by_role("link", name="I have written them down"))
    nia.get_by_label("Type your six words back").fill("six words that are quite wrong")
    press(nia, "Go on")
    expect(nia.get_by_role("alert")).to_contain_text("Those are not the words that were shown.")
    wrong += violations(nia)
    nia.get_by_label("Type your six words back").fill(words)
    press(nia, "Go on")
    fingerprint = nia.locator(".fingerprint").inner_text()
    wrong += violations(nia)
    return words, fingerprint, wrong


@pytest.fixture
def newcomers(demonstration: Demonstration) -> Iterator[None]:
    """Leave the demonstration's desk as it was: its own member with access, nobody else."""
    yield
    demonstration.home.python(
        "-c",
        "import django; django.setup(); from django.contrib.auth.models import User;"
        "User.objects.filter(username__startswith='nia').update(is_active=False)",
        within=("env", "DEMO=1"),
    )


@pytest.mark.parametrize(("width", "dark"), SHEET)
@pytest.mark.usefixtures("newcomers")
def test_a_newcomer_joins_with_an_app_and_is_given_access(
    visit: Callable[..., Page],
    sign_in: Callable[..., Page],
    demonstration: Demonstration,
    width: int,
    dark: bool,
) -> None:
    name = f"nia-{width}"
    lead = sign_in(width=width, dark=dark, scripts=True)
    code = invited(lead, name, demonstration.phrase)
    wrong = violations(lead)

    nia = visit("/admin/join/", width=width, dark=dark)  # axe itself needs scripts; the next test goes without
    words, fingerprint, found = join(nia, name, code)
    wrong += found

    lead.goto("/admin/people/")
    wrong += violations(lead)
    follow(lead.get_by_role("link", name=re.compile(f"Give access.*{name}")))
    wrong += violations(lead)
    lead.get_by_label("The last five digits").fill(fingerprint[-5:])
    lead.get_by_label("Your six words").fill(demonstration.phrase)
    press(lead, "Give access")
    expect(lead.get_by_text(f"Now {name} has access.")).to_be_visible()
    follow(nia.get_by_role("link", name="Have they done it? Look again"))
    follow(nia.locator("#content").get_by_role("link", name="Unlock the desk"))
    nia.get_by_label("Your six words").fill(words)
    press(nia, "Unlock")
    expect(nia.get_by_text("The desk is unlocked.")).to_be_visible()
    nia.goto("/admin/sessions/")
    wrong += violations(nia)
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("newcomers")
def test_joining_works_with_scripts_off(
    visit: Callable[..., Page], sign_in: Callable[..., Page], demonstration: Demonstration
) -> None:
    name = f"nia-{int(time.time())}"
    code = invited(sign_in(scripts=False), name, demonstration.phrase)
    page = visit("/admin/join/", scripts=False, width=390)
    start(page, name, code)
    page.get_by_label("The six digits").fill(digits_of(page))
    press(page, "Go on")
    press(page, "I have written them down")
    press(page, "Show me my six words")
    words = " ".join(all_of(page, ".words-card li", 6))
    follow(page.get_by_role("link", name="I have written them down"))
    page.get_by_label("Type your six words back").fill(words)
    press(page, "Go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("A colleague lets you in")
