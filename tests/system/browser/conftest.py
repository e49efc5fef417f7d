"""A real browser on a real server that serves the demonstration, as `./dev run` leaves it."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.settings import SHARED
from tests.system.harness import home as homes
from tests.system.harness.home import Home
from tests.system.harness.server import Server

# The first has no windows of its own, and a page costs it a quarter.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
QUIET = [
    f"--{flag}"
    for flag in (
        *("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"),
        *("disable-component-update", "disable-sync"),
    )
]


class Demonstration:
    """A running demonstration and how to sign in to it."""

    def __init__(self, home: Home, address: str) -> None:
        """Read the sign-in from where `./dev run` leaves it."""
        text = (home.state / "demo.txt").read_text(encoding="utf-8")
        found = re.search(r"Password: +(?P<password>.+)\n +Unlock phrase: +(?P<phrase>.+)\n", text)
        assert found is not None
        self.home, self.address = home, address
        self.password, self.phrase = found["password"], found["phrase"]


def follow(link: Locator) -> None:
    """Click what leads to another page, and return when that page has loaded: asked sooner, the old one answers."""
    with link.page.expect_navigation():
        link.click()


@pytest.fixture(scope="module")
def demonstration(migrated: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Serve a fresh demonstration for the tests of one file, whichever others ran before in this process."""
    made = homes.shared(SHARED / "demonstration", lambda path: homes.with_demonstration(homes.copy(migrated, path)))
    own = homes.copied(made, tmp_path_factory.mktemp("demonstration") / "home")
    with own as home, Server(home, DEMO="1") as server:
        yield Demonstration(home, f"http://127.0.0.1:{server.port}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Chromium once; skip in one line where there is none, which CI does not accept."""
    if CHROMIUM is None:
        assert "CI" not in os.environ, "CI must have a browser"
        pytest.skip("no Chromium here: the browser tests are skipped (on Debian: apt install chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, demonstration: Demonstration) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in a browser of its own; no page may ask another site for anything."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", *, scripts: bool = True, width: int = 1280, dark: bool = False) -> Page:
        context = chromium.new_context(
            base_url=demonstration.address,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: request.is_navigation_request() or asked.append(request.url))
        page.goto(path)
        return page

    asked: list[str] = []
    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((demonstration.address, "data:"))] == []


@pytest.fixture
def sign_in(visit: Callable[..., Page], demonstration: Demonstration) -> Callable[..., Page]:
    """Return a function that opens the desk signed in, locked."""

    def signed_in(**how: object) -> Page:
        page = visit("/admin/", **how)
        page.get_by_label("User name").fill("demo")
        page.get_by_label("Password", exact=True).fill(demonstration.password)
        follow(page.get_by_role("button", name="Sign in"))
        return page

    return signed_in


@pytest.fixture
def unlock(demonstration: Demonstration) -> Callable[[Page, str], None]:
    """Return a function that unlocks the desk in a browser, and waits until an address has loaded."""

    def unlock_desk(page: Page, address: str) -> None:
        page.goto(f"/admin/unlock/?next={address}")
        if page.get_by_label("Your six words").count():
            page.get_by_label("Your six words").fill(demonstration.phrase)
            follow(page.get_by_role("button", name="Unlock", exact=True))
        expect(page).to_have_url(re.compile(rf"^[^?]*{re.escape(address)}"))

    return unlock_desk


@pytest.fixture
def queue(sign_in: Callable[..., Page], unlock: Callable[[Page, str], None]) -> Callable[..., Page]:
    """Return a function that opens the queue on an unlocked desk."""

    def opened(**how: object) -> Page:
        page = sign_in(**how)
        unlock(page, "/admin/reports/tip/")
        return page

    return opened
