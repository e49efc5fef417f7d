"""A real browser on a real server that serves the demonstration, as `./dev run` leaves it.

One server and one demonstration serve all tests of a process: each test tells its own tips, and puts back what others
would mind.
"""

import contextlib
import os
import re
import shutil
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Error,
    expect,
    sync_playwright,
)

from tests.settings import SHARED
from tests.system.harness import homes
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

# The first has no windows of its own, and a page costs it a quarter.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
# Chromium without windows keeps no page whole for Back, and no session for the next start.
WITH_WINDOWS = next((path for name in NAMES[1:] if (path := shutil.which(name))), None)
QUIET = [
    f"--{flag}"
    for flag in (
        *(
            "no-sandbox",
            "disable-gpu",
            "disable-quic",
            "no-first-run",
            "disable-background-networking",
        ),
        *("disable-component-update", "disable-sync"),
    )
]
# News of every kind, all older than the demonstration's own story.
NEWS = """
from newsroom.domain import search
from newsroom.models import Article
from tests.newsroom.articles import HOUR, NOON, make_article, make_whole
make_whole("a-story")
make_article("gone", status="withdrawn", withdrawn_at=NOON, withdrawn_note="A court order.")
for number in range(30):
    make_article(f"story-{number}", publish_at=NOON - number * HOUR)
for article in Article.objects.all():
    search.reindex(article=article)
"""


class Demonstration:
    """A running demonstration and how to sign in to it."""

    def __init__(self, home, port):
        """Read the sign-in from where `./dev run` leaves it."""
        text = (home.state / "demo.txt").read_text(encoding="utf-8")
        found = re.search(r"Password: +(?P<password>.+)\n +Six words: +(?P<passphrase>.+)\n", text)
        assert found is not None
        self.home, self.port, self.address = home, port, f"http://127.0.0.1:{port}"
        self.password, self.passphrase = found["password"], found["passphrase"]

    def shell(self, code):
        """Run a script on its machine and return what it printed."""
        return self.home.python(
            "manage.py", "shell", "-v", "0", "-c", code, within=("env", "DEMO=1")
        )

    def tell(self, what, **answers):
        """Send a tip and return the seven words."""
        return Resident(self.port).tell({"what": what, **answers}).words


def follow(link):
    """Click what leads to another page, and return when that page has loaded: asked sooner, the old one answers.

    A page that replaces its entry of the history navigates too, and loads nothing.
    """
    with link.page.expect_event("load"):
        link.click()


def press(page, name, *, exact=True):
    """Press a button that leads to another page."""
    follow(page.get_by_role("button", name=name, exact=exact).first)


def send(page, name="Send this tip"):
    """Send a tip, with scripts on, and return when its seven words stand in an entry that has nothing of it."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_url("**/report/words/")


def unfold(page, *folds):
    """Open folds, the outer one first, by how their summaries begin, where they are not open yet."""
    for text in folds:
        fold = page.locator(
            "details", has=page.locator("> summary", has_text=re.compile(rf"^[\s✓]*{text}"))
        ).first
        if fold.get_attribute("open") is None:
            fold.locator("> summary").click()


class TypedUntilKilled:
    """Types into a page of a browser of its own, by a clock that stands still between keys, then kills the browser."""

    EACH = 500  # milliseconds of the page's clock from key to key

    def __init__(self, page):
        """Stop the clock of a page that is still to be loaded."""
        self.page, self._asked = page, 0
        page.on("request", lambda _request: self._count(1))
        page.on("requestfinished", lambda _request: self._count(-1))
        page.on("requestfailed", lambda _request: self._count(-1))
        page.clock.install()

    def _count(self, by):
        self._asked += by

    def stop_clock(self):
        """Let the clock stand still from here on."""
        self.page.clock.pause_at(
            datetime.fromtimestamp(self.page.evaluate("Date.now()") // 1000 + 60, UTC)
        )

    def run(self, milliseconds):
        """Let the clock run, and wait until the server has answered what the page asks."""
        self.page.clock.run_for(milliseconds)
        self.page.wait_for_timeout(30)
        while self._asked > 0:
            self.page.wait_for_timeout(10)

    def type(self, count):
        """Type so many letters, with no pause among them."""
        for _letter in range(count):
            self.page.keyboard.type("x")
            self.run(self.EACH)

    def kill(self):
        """End the browser as a power cut would: no page hears of it."""
        browser = self.page.context.browser
        assert browser is not None
        with contextlib.suppress(Error):
            browser.new_browser_cdp_session().send("Browser.crash")


UNTIL = """() => new Promise((done, fail) => {
    const holds = CONDITION, began = Date.now();
    const look = () => holds() ? done() : Date.now() - began > 20_000 ? fail("it never held") : setTimeout(look, 50);
    look();
})"""


def wait_until(page, condition):
    """Wait until a condition in JavaScript holds; Playwright's own way is forbidden by the pages' policy."""
    page.evaluate(UNTIL.replace("CONDITION", f"() => {condition}"))


def all_of(page, what, count):
    """Return the texts of that many elements, once they are all there: a page that still loads shows a part of them."""
    expect(page.locator(what)).to_have_count(count)
    return [text.strip() for text in page.locator(what).all_inner_texts()]


def violations(page):
    """Return what axe finds wrong with the page as it stands, and whether it can be scrolled sideways.

    The page must have scripts: without them axe's promise is never kept, and this would wait for ever.
    """
    page.wait_for_load_state()
    # Without this axe reads each imported style through a style element, which our pages forbid.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    wrong = [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
    sideways = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wrong + ([f"{page.url} scrolls sideways"] if sideways else [])


def find(desk, text):
    """Open the tip with this text on an unlocked desk, by a search, as soon as it has come in."""
    until = time.monotonic() + 30
    desk.goto("/admin/search/")
    while not desk.locator(".hits a.ref").count():
        assert time.monotonic() < until, f"no tip says {text!r}"
        desk.locator(".search-form [name=words]").fill(f'"{text}"')
        press(desk, "Search")
    follow(desk.locator(".hits a.ref").first)
    expect(desk.get_by_text(text).first).to_be_visible()


@pytest.fixture(scope="session")
def demonstration(migrated, tmp_path_factory):
    """Serve a demonstration with much news to all tests of this process."""

    def make(path):
        home = homes.with_demonstration(homes.copy(migrated, path))
        home.python("manage.py", "shell", "-v", "0", "-c", NEWS, within=("env", "DEMO=1"))
        return home

    made = homes.shared(SHARED / "demonstration", make)
    own = homes.copied(made, tmp_path_factory.mktemp("demonstration") / "home")
    # One worker: with two, a page that one has already taken from the newest edition may come from the other's old one.
    with own as home, Server(home, DEMO="1", WORKERS="1") as server:
        yield Demonstration(home, server.port)


@pytest.fixture(scope="session")
def chromium():
    """Start Chromium once; skip in one line where there is none, which CI does not accept."""
    if CHROMIUM is None:
        assert "CI" not in os.environ, "CI must have a browser"
        pytest.skip(
            "no Chromium here: the browser tests are skipped (on Debian: apt install chromium-headless-shell)"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, demonstration):
    """Return a function that opens a page in a browser of its own; no page may ask another site for anything."""
    contexts = []

    def open_page(path="/", *, scripts=True, width=1280, dark=False, **more):
        context = chromium.new_context(
            base_url=demonstration.address,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request", lambda request: request.is_navigation_request() or asked.append(request.url)
        )
        page.goto(path)
        return page

    asked = []
    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((demonstration.address, "data:"))] == []


@pytest.fixture
def whole(chromium, demonstration, tmp_path):
    """Return a function that starts a browser which keeps pages whole for Back, and its session in `tmp_path`."""
    if WITH_WINDOWS is None:
        assert "CI" not in os.environ, "CI must have a browser with windows"
        pytest.skip("no Chromium with windows here (on Debian: apt install chromium)")

    def start(*flags):
        context = chromium.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=WITH_WINDOWS,
            headless=False,
            args=[*QUIET, "--headless=new", *flags],
            ignore_default_args=["--disable-back-forward-cache"],
            base_url=demonstration.address,
        )
        closing.callback(end, context)
        context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Weather"))
        return context

    def end(context):
        with contextlib.suppress(Error):  # a test has killed it
            context.close()

    with ExitStack() as closing:
        yield start


@pytest.fixture
def doomed(chromium, demonstration):
    """Return a function that opens a page of the desk, unlocked, in a browser of its own that a test may kill."""
    browsers = []

    def open_page(path):
        browsers.append(chromium.browser_type.launch(executable_path=CHROMIUM, args=QUIET))
        page = browsers[-1].new_context(base_url=demonstration.address).new_page()
        typist = TypedUntilKilled(page)
        page.goto("/admin/")
        page.get_by_label("Username").fill("demo")
        page.get_by_label("Password", exact=True).fill(demonstration.password)
        press(page, "Sign in")
        page.goto(f"/admin/unlock/?next={path}")
        page.get_by_label("Your six words").fill(demonstration.passphrase)
        press(page, "Unlock")
        typist.stop_clock()
        return typist

    yield open_page
    for browser in browsers:
        with contextlib.suppress(Error):
            browser.close()


@pytest.fixture
def sign_in(visit, demonstration):
    """Return a function that opens the desk signed in, locked: the demonstration's own member's unless told."""

    def signed_in(name="demo", password="", **how):
        page = visit("/admin/", **how)
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password", exact=True).fill(password or demonstration.password)
        press(page, "Sign in")
        return page

    return signed_in


@pytest.fixture
def unlock(demonstration):
    """Return a function that unlocks the desk in a browser, and waits until an address has loaded."""

    def unlock_desk(page, address):
        page.goto(f"/admin/unlock/?next={address}")
        if page.get_by_label("Your six words").count():
            page.get_by_label("Your six words").fill(demonstration.passphrase)
            press(page, "Unlock")
        expect(page).to_have_url(re.compile(rf"^[^?]*{re.escape(address)}"))

    return unlock_desk


@pytest.fixture
def queue(sign_in, unlock):
    """Return a function that opens the queue on an unlocked desk."""

    def opened(**how):
        page = sign_in(**how)
        unlock(page, "/admin/reports/tip/")
        return page

    return opened
