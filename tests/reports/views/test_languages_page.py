"""The page beside the form: languages without pages of their own, and other ways to tell the team."""

import re
from dataclasses import replace

import pytest

from reports.views import submit

WAYS = {"phone": "01632 960 101", "post": "1 Example Street", "counter": "the town hall"}
HEARS = "Whoever answers hears or sees you. Your phone keeps the call."


@pytest.fixture
def page(client, settings):
    """Return a function that gives the form and the page, as text, in a place with these ways and languages."""

    def of(ways, languages=("cy",)):
        settings.PLACE = replace(settings.PLACE, other_ways=ways, languages=languages)
        submit._shell.cache_clear()
        paths = ("/report/", "/report/languages/")
        return [" ".join(client.get(path).text.split()) for path in paths]

    yield of
    submit._shell.cache_clear()


def test_each_language_without_pages_has_its_lines_on_a_page_that_the_form_links(page):
    form, others = page({})
    assert "Cymraeg" not in form
    link = re.search(r'<a href="/report/languages/">(.*?)</a>', form)
    assert link is not None
    assert link[1].strip() == "Other languages"
    assert '<h2 id="cy">Cymraeg</h2>' in others
    assert "ffoniwch" in others


def test_the_ways_of_a_place_are_named_with_what_they_give_away(page):
    form, others = page(WAYS)
    assert "Other languages, and other ways to tell us" in form
    for text in (
        "By phone: 01632 960 101",
        "By letter: 1 Example Street",
        "In person: the town hall",
    ):
        assert text in others
    assert HEARS in others


def test_a_letter_alone_is_neither_heard_nor_seen(page):
    _form, others = page({"post": WAYS["post"]}, ())
    assert ("By letter: 1 Example Street" in others, HEARS in others) == (True, False)


def test_a_place_with_neither_has_no_link_and_no_page(page, client):
    form, _others = page({}, ())
    assert "/report/languages/" not in form
    assert client.get("/report/languages/")["Location"] == "/report/"


def test_after_an_error_no_link_leads_away_from_what_was_typed(client, page):
    page(WAYS)
    wrong = client.post("/report/check/", {"what": "", "place": "the garages"}).text
    assert "the garages" in wrong
    assert "/report/languages/" not in wrong


def test_the_page_leads_on_to_the_form_with_the_appeal(client, page, form_json):
    page(WAYS)
    form_json(story={"title": "Twelve warrants", "prompt": "Did you see cars?", "open": True})
    assert 'href="/report/languages/?appeal=story"' in client.get("/report/?appeal=story").text
    assert 'href="/report/?appeal=story"' in client.get("/report/languages/?appeal=story").text
