"""Markup in every text that is stored, at every address of desk and site, in a browser that listens for script."""

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from tests.site.conftest import Walked, walked  # noqa: F401 - a fixture
from tests.site.marks import LINK, SCRIPT, SIGN
from tests.site.walk import NOBODY, TEAM_LEAD

EDITOR = ("Editor", "unlocked")
PAGES = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
SITE = "http://testserver"
MADE = f"""() => {{
    const leading = ['href', 'src', 'action', 'formaction'], script = /^\\s*(javascript|data|vbscript):/i;
    const runs = element => leading.some(name => script.test(element.getAttribute(name) || ''));
    const led = [...document.querySelectorAll('[href],[src],[action],[formaction]')].filter(runs);
    return [...document.querySelectorAll('[{SIGN}]'), ...led].map(element => element.outerHTML);
}}"""


class Listener:
    """A browser that is given pages as they were answered, but for the policy that would keep scripts from running."""

    def __init__(self, browser):
        self.context = browser.new_context()
        self.page = self.context.new_page()
        self.ran = []
        self._body, self._type = b"", ""
        self.page.expose_function("zz", lambda *_: self.ran.append("script ran"))
        self.page.on("dialog", lambda dialog: (self.ran.append(dialog.message), dialog.dismiss()))
        self.page.route("**/*", self._answer)

    def _answer(self, route):
        path = urlsplit(route.request.url).path
        static = finders.find(path.removeprefix("/static/")) if path.endswith(".js") else None
        if static:
            route.fulfill(
                body=Path(str(static)).read_bytes(),
                content_type=mimetypes.guess_type(path)[0] or "",
            )
        elif route.request.is_navigation_request():
            route.fulfill(body=self._body, content_type=self._type)
        else:
            route.fulfill(status=404, body="")

    def look(self, body, content_type="text/html"):
        """Show a page; return what of the markup has become a part of it, or has run."""
        self._body, self._type, before = body, content_type, len(self.ran)
        self.page.goto(f"{SITE}/shown/", wait_until="load")
        made = self.page.evaluate(MADE)
        return [what[:200] for what in [*made, *self.ran[before:]]]


@pytest.fixture
def listener(chromium):
    """Return such a browser."""
    listener = Listener(chromium)
    yield listener
    listener.context.close()


def is_shown(answer):
    """Return whether a browser makes a page of it that has the markup: what it only saves runs nowhere."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    return (
        SIGN.encode() in answer.body
        and kind in PAGES
        and "attachment" not in answer.headers.get("Content-Disposition", "")
    )


@pytest.mark.promise("machine", control="test_a_page_that_escapes_nothing_is_found")
@pytest.mark.proof("markup", goal="0 in a browser that keeps no policy")
def test_no_text_that_is_stored_becomes_markup_or_runs_anywhere(
    walked,  # noqa: F811
    listener,
    full,
    record_property,
):
    """No text that is stored, in any field, becomes markup or runs at any address of desk and site.

    What is answered to a POST holds the same texts, and what was typed: --full looks at these too.
    """
    answers = [answer for who in (TEAM_LEAD, EDITOR, NOBODY) for answer in walked(*who)]
    pages = {
        one.body: one for one in answers if is_shown(one) and (full or one.method == "GET")
    }.values()
    looked = {str(page): listener.look(page.body, page.headers["Content-Type"]) for page in pages}
    found = {name: lines for name, lines in looked.items() if lines}
    record_property(
        "figure", f"the markup is shown on {len(pages)} pages; ran or became a part of {len(found)}"
    )
    assert found == {}
    assert len(pages) > 80


@pytest.mark.proof("markup", control=True)
def test_a_page_that_escapes_nothing_is_found(listener):
    assert "script ran" in listener.look(f"<p>{SCRIPT}".encode())
    assert any(LINK in line for line in listener.look(f"<a href='{LINK}'>x</a>".encode()))
