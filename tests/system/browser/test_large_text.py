"""Every public page fits a narrow screen and large text: it never scrolls sideways, and can be read."""

from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

import pytest

from core import languages
from tests.system.browser.conftest import CHROMIUM, QUIET
from tests.system.browser.test_axe import IN_LANGUAGES, PUBLIC
from tests.system.browser.way import refusals, way

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
    "the root's text at 200% on a wide screen": Look(
        width=1280, style="html { font-size: 200% !important }"
    ),
}


@contextmanager
def opened(chromium, demonstration, look):
    """Open the demonstration in a browser that looks so; each call of the result styles the page that stands there."""
    flags = [*QUIET, f"--blink-settings=defaultFontSize={look.browser}"]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=flags)
    view = {"width": look.width, "height": 844}
    context = browser.new_context(
        base_url=demonstration.address, viewport=view, bypass_csp=True, is_mobile=look.phone
    )
    page = context.new_page()

    def styled():
        page.wait_for_load_state()
        if look.style:
            page.add_style_tag(content=look.style)
        return page

    page.goto("/")
    yield styled
    browser.close()


@pytest.mark.promise("everybody", control="test_a_page_that_is_too_wide_is_found")
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_no_public_page_scrolls_sideways(chromium, demonstration, look, whole):
    """No public page scrolls sideways on a phone of 320 pixels, at 400% zoom or with text of twice the size."""
    wide = []
    with opened(chromium, demonstration, look) as styled:
        page = styled()
        for path in (
            *(path for path in PUBLIC if not path.startswith("/admin/")),
            *(IN_LANGUAGES if whole else ()),
        ):
            page.goto(path)
            wide += [path] if styled().evaluate(SIDEWAYS) else []
        for code in ("", *(languages.NAMES if whole else ("pl", "ur"))):
            for name in chain(way(page, code), refusals(page, demonstration.home, code)):
                wide += [f"{code} {name}"] if styled().evaluate(SIDEWAYS) else []
    assert wide == []


def test_a_page_that_is_too_wide_is_found(chromium, demonstration):
    with opened(chromium, demonstration, Look(style="h1 { width: 391px }")) as styled:
        assert styled().evaluate(SIDEWAYS)
