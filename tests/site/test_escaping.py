"""Markup that is stored in any text, or typed, is shown as text at every address."""

from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.template import engines

from tests.site import marks
from tests.site.conftest import Walked, everybody
from tests.site.desk import Desk, markup_in_every_field
from tests.site.walk import LEAD

# Copies and caches of what others hold, and what only separate machines have.
NOT_SHOWN = {"reports.Arrival", "reports.Digest", "reports.Confirmation", "reports.Draft"}
LEADING, RUNNING = {"href", "src", "action", "formaction", "xlink:href"}, ("javascript:", "data:", "vbscript:")


class _Made(HTMLParser):
    """Collects the elements that came of the markup, and links that would run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        runs = any(name in LEADING and (value or "").strip().lower().startswith(RUNNING) for name, value in attrs)
        if runs or any(name == marks.SIGN or name.startswith("on") for name, _value in attrs):
            self.found.append(f"<{tag} {attrs}>"[:200])


def made(page: bytes) -> list[str]:
    """Return what of the markup has become a part of a page."""
    return _Made(page.decode()).found


@pytest.mark.parametrize(("role", "state"), everybody("unlocked", "nobody"))
@pytest.mark.proof("markup")
def test_no_text_that_is_stored_or_typed_becomes_markup_at_any_address(role: str, state: str, walked: Walked) -> None:
    pages = [one for one in walked(role, state) if one.is_page and marks.SIGN.encode() in one.body]
    assert {str(page): found for page in pages if (found := made(page.body))} == {}
    assert len({page.url for page in pages}) > (90 if (role, state) == LEAD else 10)


@pytest.mark.proof("markup")
def test_every_text_of_a_model_has_the_markup(desk: Desk) -> None:
    with markup_in_every_field() as (_done, without):
        assert without == [], "a text of a model stands nowhere: say in tests/site/marks.py why, or make a row"


@pytest.mark.proof("markup")
def test_every_table_with_sealed_texts_has_one(desk: Desk) -> None:
    """The markup stands in each kind of sealed text, so that a page that shows it is seen."""
    sealed = [model for model in apps.get_models() if any(field.name == "sealed" for field in model._meta.fields)]
    assert {model._meta.label for model in sealed if not model._base_manager.exists()} <= NOT_SHOWN


def test_a_page_that_escapes_nothing_is_found() -> None:
    page = "<textarea>{% autoescape off %}{{ text }}{% endautoescape %}</textarea><a href='{{ link }}'>x</a>"
    for source, count in ((page, 3), (page.replace("off", "on"), 1)):
        shown = engines["django"].from_string(source).render({"text": marks.SCRIPT, "link": marks.LINK})
        assert len(made(shown.encode())) == count
