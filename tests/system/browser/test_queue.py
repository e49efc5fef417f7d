"""The queue in a real browser, with scripts and without: tick all, the bar above the rows, first lines, the order."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import follow
from tests.system.browser.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]
QUEUE = "/admin/reports/tip/"


@pytest.mark.parametrize("scripts", [True, False])
def test_all_rows_are_ticked_at_once_and_the_bar_stands_above_them(queue: Callable[..., Page], scripts: bool) -> None:
    page = queue(scripts=scripts)
    boxes = page.locator(".field-chosen input")
    shown = boxes.count()
    bar = page.locator(".bulk").bounding_box()
    first = page.locator("#result_list tbody tr").first.bounding_box()
    assert bar is not None
    assert first is not None
    assert bar["y"] + bar["height"] <= first["y"], "no need to scroll past all rows"
    page.get_by_role("link", name=f"Tick all {shown} that are shown").click()
    expect(page.locator(".field-chosen input:checked")).to_have_count(shown)
    if scripts:
        expect(page.locator("[data-ticked]")).to_have_text(f"Ticked: {shown}")
        assert "tick=all" not in page.url
        assert not violations(page)
    boxes.first.uncheck()
    follow(page.get_by_role("button", name="Label", exact=True))
    expect(page.get_by_text(f"{shown - 1} tips labelled")).to_be_visible()
    expect(page.locator(".field-chosen input:checked")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_first_lines_come_after_a_press_and_go_with_the_page(queue: Callable[..., Page], scripts: bool) -> None:
    page = queue(scripts=scripts)
    expect(page.locator("#result_list q")).to_have_count(0)
    follow(page.get_by_role("button", name="Show first lines"))
    expect(page.locator("#result_list q").first).to_be_visible()
    assert not scripts or not violations(page)
    follow(page.get_by_role("link", name="Hide first lines"))
    expect(page.locator("#result_list q")).to_have_count(0)
    follow(page.get_by_role("link", name="Oldest first"))
    expect(page.get_by_role("link", name="Oldest first")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("width", [320, pytest.param(390, marks=pytest.mark.whole)])
def test_queue_fits_a_phone(queue: Callable[..., Page], width: int) -> None:
    page = queue(width=width)
    expect(page.get_by_role("button", name="Give")).to_be_hidden()
    page.locator(".bulk-fold").click()
    expect(page.get_by_role("button", name="Give")).to_be_visible()
    assert page.evaluate("(bar => bar.scrollWidth <= bar.clientWidth)(document.querySelector('.bulk'))")
    for address in (QUEUE, "/admin/", "/admin/reports/auditevent/", "/admin/dashboard/", "/admin/people/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert not violations(page), address
