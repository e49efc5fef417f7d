"""In a language that nobody speaks, no page that residents read holds a plain word; the team's are in English."""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from core.languages import named, plain
from tests.languages.plain import plain_page
from tests.site import walk


def leads(path, urls):
    """Return whether a path leads to a view of these addresses."""
    try:
        resolve(path, urls)
    except Resolver404:
        return False
    return True


def is_for_residents(answer):
    """Return whether a page is one of those that have an address in each language: no story, and not the front page."""
    path = urlsplit(answer.url).path
    is_news = not named(path) and leads(path, "newsroom.urls")
    return answer.is_page and not is_news and leads(plain(path), "reports.urls")


def test_no_page_of_a_resident_holds_plain_text(strange, db):
    pages = {
        str(answer): answer.body.decode()
        for answer in walk.kept_plain()
        if is_for_residents(answer)
    }
    assert len(pages) > 40
    found = {name: plain_page(page) for name, page in pages.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}
