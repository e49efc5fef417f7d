"""Every public page fits a narrow screen and large text: it never scrolls sideways, and can be read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.system.browser.conftest import CHROMIUM, QUIET, Demonstration
from tests.system.browser.test_axe import PUBLIC
from tests.system.browser.way import way

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Look(NamedTuple):
    """A width of the screen, and how a reader makes text larger: in the browser, by a style, or on a phone."""

    width: int = 390
    browser: int = 16
    style: str = ""
    phone: bool = False


LOOKS = {
    "a phone of 320, which is 1280 at 400%": Look(width=320),
    "the browser's text at 200%": Look(browser=32),
    "a phone's text at 200%": Look(style="html { text-size-adjust: 200% !important }", phone=True),
    "the root's text at 200% on a wide screen": Look(width=1280, style="html { font-size: 200% !important }"),
}


@contextmanager
def opened(chromium: Browser, demonstration: Demonstration, look: Look) -> Iterator[Callable[[], Page]]:
    """Open the demonstration in a browser that looks so; each call of the result styles the page that stands there."""
    flags = [*QUIET, f"--blink-settings=defaultFontSize={look.browser}"]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=flags)
    view = {"width": look.width, "height": 844}
    context = browser.new_context(base_url=demonstration.address, viewport=view, bypass_csp=True, is_mobile=look.phone)
    page = context.new_page()

    def styled() -> Page:
        page.wait_for_load_state()
        if look.style:
            page.add_style_tag(content=look.style)
        return page

    page.goto("/")
    yield styled
    browser.close()


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_no_public_page_scrolls_sideways(chromium: Browser, demonstration: Demonstration, look: Look) -> None:
    wide = []
    with opened(chromium, demonstration, look) as styled:
        page = styled()
        for path in (path for path in PUBLIC if not path.startswith("/admin/")):
            page.goto(path)
            wide += [path] if styled().evaluate(SIDEWAYS) else []
        for name in way(page):
            wide += [name] if styled().evaluate(SIDEWAYS) else []
    assert wide == []


def test_a_page_that_is_too_wide_is_found(chromium: Browser, demonstration: Demonstration) -> None:
    with opened(chromium, demonstration, Look(style="h1 { width: 391px }")) as styled:
        assert styled().evaluate(SIDEWAYS)


def test_names_on_the_map_are_readable_on_a_phone_and_fit_their_tiles(visit: Callable[..., Page]) -> None:
    page = visit("/outcomes/", width=320)
    names = page.locator(".map .tile-name")
    assert names.count() > 19
    scale = page.evaluate("(map => map.getScreenCTM().a)(document.querySelector('.map svg'))")
    sizes = names.evaluate_all(
        "names => names.map(name => [parseFloat(getComputedStyle(name).fontSize), name.getBBox().width])"
    )
    assert min(size * scale for size, _ in sizes) >= 11
    assert max(width for _, width in sizes) <= 88


def test_the_mastheads_parts_stand_apart_on_a_phone(visit: Callable[..., Page]) -> None:
    page = visit("/", width=320)
    town, button = (page.locator(f".masthead {part}").bounding_box() for part in (".brand small", ".button"))
    assert town
    assert button
    beside = town["x"] + town["width"] <= button["x"]
    below = town["y"] + town["height"] <= button["y"]
    assert beside or below
    assert button["height"] >= 44
    assert min(link.bounding_box()["height"] for link in page.locator(".site-nav a").all()) >= 44


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/news/milton-keynes-drug-warrants/", ["Tell us what you know"]),
        ("/", ["What tips led to", "Who we are"]),
    ],
)
def test_what_matters_most_is_in_the_first_two_screens_of_a_phone(
    visit: Callable[..., Page], path: str, names: list[str]
) -> None:
    page = visit(path, width=390)
    for name in names:
        link = page.locator("main").get_by_role("link", name=name).first.bounding_box()
        assert link
        assert link["y"] + link["height"] <= 2 * 844


def test_a_storys_address_and_its_appeals_are_on_paper_alone(visit: Callable[..., Page]) -> None:
    page = visit("/news/milton-keynes-drug-warrants/")
    assert not page.locator(".on-paper").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".on-paper").is_visible()
    assert not page.locator(".appeal").is_visible()
