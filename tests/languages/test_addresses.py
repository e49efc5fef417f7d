"""The address alone decides the language, and everything that goes by addresses knows it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from core import languages
from core.languages import named, plain
from newsroom.domain import public_pages
from newsroom.edition import paths
from tests.project.test_docs import ROOT

pytestmark = pytest.mark.django_db
HERE = (
    "/",
    "/report/",
    "/report/exit/",
    "/report/languages/",
    "/mailbox/",
    "/about/",
    "/about/privacy/",
    "/about/staying-safe/",
)
NOWHERE = (
    "/PL/report/",
    "/pl-PL/report/",
    "/en-gb/report/",
    "/zz/report/",
    "/pl/news/",
    "/pl/admin/",
    "/pl/outcomes/",
)
COMPARED = re.compile(
    r"request\.path(?:\.startswith|\.endswith|\.partition| (?:not )?in | ?[=!]=)|[=!]= request\.path"
)


@pytest.mark.parametrize("code", languages.NAMES)
def test_each_page_of_a_resident_is_there_in_each_language(code, offered, client):
    for path in HERE:
        page = client.get(f"/{code}{path}", headers={"Accept-Language": "en"})
        assert page.status_code == 200, path
        rtl = ' dir="rtl"' if code in languages.RIGHT_TO_LEFT else ""
        assert f'<html lang="{code}"{rtl}>' in page.text
        assert not page.cookies
        assert "language" not in page.headers.get("Vary", "").lower()
        assert page.headers.get("Content-Language") is None


def test_no_other_address_speaks_a_language(offered, client):
    assert [client.get(path).status_code for path in NOWHERE] == [404] * len(NOWHERE)
    assert client.get("/pl", headers={"Accept-Language": "pl"})["Location"] == "/pl/"
    for header in ("pl", "ur;q=0.9"):
        assert (
            '<html lang="en-gb">'
            in client.get("/report/", headers={"Accept-Language": header}).text
        )
    assert (
        '<html lang="pl">' in client.get("/pl/news/").text
    )  # a page that is missing is missing in that language


def test_a_language_that_is_not_offered_has_no_address(client):
    assert [client.get(f"/{code}/report/").status_code for code in languages.NAMES] == [404] * len(
        languages.NAMES
    )
    assert "tongues" not in client.get("/report/").text


@given(st.text("abz/PL-.é", max_size=12))
def test_plain_takes_away_one_language_at_most_and_nothing_else(rest):
    path = f"/{rest}"
    assert path in (plain(path), f"/{named(path)}{plain(path)}", f"/{named(path)}")
    assert plain(path).startswith("/")
    assert not named(path) or re.fullmatch("[a-z]{2}", named(path))


def test_no_english_address_begins_like_a_language():
    firsts = {str(pattern.pattern).partition("/")[0] for pattern in get_resolver().url_patterns}
    assert not {first for first in firsts if re.fullmatch("[a-z]{2}", first)}
    assert not {path for path in public_pages.FIXED if named(path)}


def test_no_edition_has_a_file_of_what_is_typed():
    private = [
        f"/{code}{path}"
        for code in ("pl", "zz")
        for path in ("/report/", "/mailbox/", "/report/receipt/")
    ]
    assert [path for path in private if paths.is_address(path)] == []
    assert paths.is_address("/pl/about/privacy/")


def test_a_path_is_compared_only_without_its_language():
    """Whatever asks where a request goes asks `plain` or `named`; the team area has no language."""
    files = [
        path for room in ("core", "newsroom", "reports") for path in (ROOT / room).rglob("*.py")
    ]
    asking = {
        (str(path.relative_to(ROOT)), line.strip())
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if COMPARED.search(line)
    }
    assert {path for path, line in asking if "DESK" not in line and "admin:" not in line} == set()
    assert len(asking) > 2  # of the team area


def test_pages_about_this_site_are_finished_in_each_language(offered, client, settings):
    everywhere = {page.path: page for page in public_pages.all_pages()}
    for code in languages.NAMES:
        assert everywhere[f"/{code}/about/privacy/"].list_path == f"/{code}/"
        assert f"/{code}/about/privacy/" in public_pages.listed()
        there = f'<link rel="alternate" hreflang="{code}" href="{settings.SITE_ORIGIN}/{code}/about/privacy/">'
        assert there in client.get("/about/privacy/").text
    settings.DEMO = True  # what nobody has checked is for nobody who searches
    assert not [path for path in public_pages.listed() if named(path)]
    page = client.get("/pl/about/privacy/").text
    assert 'content="noindex"' in page
    assert 'hreflang="pl" href="http' not in page


def test_robots_are_told_of_every_language(client):
    robots = client.get("/robots.txt").text
    assert "Disallow: /*/mailbox/\n" in robots
    assert "Disallow: /*/report/check/\n" in robots


def test_nginx_takes_long_tips_in_every_language():
    rules = Path(settings.BASE_DIR, "deploy", "nginx.conf").read_text(encoding="utf-8")
    found = re.findall(r"location ~ (\^\S+)", rules)
    kinds = [
        next(one for one in found if re.match(one, path))
        for path in ("/ur/report/photos/", "/ur/report/")
    ]
    assert [kind.endswith("photos/$") for kind in kinds] == [True, False]
    assert all(
        any(re.match(one, path) for one in found)
        for path in ("/report/", "/mailbox/", "/pl/mailbox/reply/")
    )
