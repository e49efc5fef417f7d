"""nginx and the application behind it in a real browser: what becomes of what was typed while it was down."""

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import press
from tests.system.harness.server import Server
from tests.system.servers.doors import nginx

TEXT = "A blue van comes at nine and leaves before anybody is out."


def sent(chromium, port):
    """Return a page of a phone on which the form is filled in, before it is sent."""
    page = chromium.new_context(
        base_url=f"http://127.0.0.1:{port}", viewport={"width": 390, "height": 844}
    ).new_page()
    page.goto("/report/")
    page.get_by_label("What do you know?").fill(TEXT)
    return page


@pytest.mark.promise("receiving", control="test_control_the_back_button_brings_an_empty_form")
def test_what_was_sent_while_the_application_was_down_goes_with_a_reload(chromium, home):
    """What was sent while the application was down goes with a reload."""
    with Server(home) as server, nginx(home, application=server.port) as door:
        page = sent(chromium, door.port)
        server.kill()
        press(page, "Check what you wrote")
        expect(page.get_by_role("heading", level=1)).to_have_text("We cannot show this page now")
        expect(page.get_by_role("link", name="Exit this page")).to_be_visible()
        expect(page.get_by_text("should still be there")).to_have_count(0)
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.exit')).backgroundColor")
            == "rgb(11, 74, 122)"
        )
        server.start()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check what you wrote")
        expect(page.get_by_text(TEXT)).to_be_visible()
        page.context.close()


def test_control_the_back_button_brings_an_empty_form(chromium, home):
    """This is why no page promises it: with no page kept whole, nothing else keeps what was typed."""
    with Server(home) as server, nginx(home, application=server.port) as door:
        page = sent(chromium, door.port)
        press(page, "Check what you wrote")
        expect(page.get_by_role("heading", level=1)).to_have_text("Check what you wrote")
        page.go_back()
        assert page.get_by_label("What do you know?").input_value() == ""
        page.context.close()
