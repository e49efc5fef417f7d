"""Every public page is valid HTML by the Nu checker, which `tests/system/browser/valid_html/package-lock.json` pins."""

import json
import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from core import languages
from newsroom.domain import search, seeding
from newsroom.models import Article
from reports.domain import state_files
from reports.domain.figures import counting
from reports.management import demo
from reports.security import errors
from tests.languages.conftest import Speaking, offered  # noqa: F401 - a fixture
from tests.newsroom.articles import HOUR, NOON, make_article, make_whole
from tests.reports.mailboxes import enter, something_came_of, tell, write_to

pytestmark = pytest.mark.django_db

JAR = Path(__file__).parent / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
PATHS = (
    *(
        "/",
        "/news/",
        "/news/2024/03/",
        "/news/2024/03/2/",
        "/news/whole/",
        "/news/milton-keynes-drug-warrants/",
    ),
    *(
        "/news/gone/",
        "/news/unknown/",
        "/topics/",
        "/topics/drug-supply/",
        "/areas/",
        "/areas/olney/",
        "/authors/",
    ),
    *("/authors/sam-example/", "/appeals/", "/search/", "/search/?q=headline", "/search/?q=zzzz"),
    *(
        "/search/?q=%00%EF%BF%BE",
        "/about/",
        "/about/who-we-are/",
        "/about/how-it-works/",
        "/about/privacy/",
    ),
    *(
        "/about/staying-safe/",
        "/about/accessibility/",
        "/about/corrections/",
        "/outcomes/",
        "/mailbox/",
    ),
    *(
        "/report/",
        "/report/?appeal=milton-keynes-drug-warrants",
        "/ur/",
        "/ur/about/privacy/",
        "/pl/mailbox/",
    ),
)
WRITTEN = {
    "what": "My neighbour sells. Call me on 07700 900123.",
    "danger": "yes",
    "under_18": "yes",
}


@pytest.fixture
def check(tmp_path):
    """Return a function that returns what the checker finds wrong with pages, by their names."""
    java = shutil.which("java")
    if java is None or not JAR.exists():
        assert "CI" not in os.environ, "CI must have Java and the checker: see .ci/run"
        pytest.skip(
            "no Java or no checker here: no page is checked (apt install default-jre-headless; ./dev check --all)"
        )

    def found(pages):
        folder = tmp_path / "pages"
        folder.mkdir()
        for name, page in pages.items():
            (folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.html").write_bytes(page.content)
        command = [java, "-jar", JAR, "--format", "json", "--stdout", "--exit-zero-always", folder]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [
            f"{Path(message['url']).stem}: {message['message']} {message.get('extract', '').strip()}"
            for message in json.loads(said)["messages"]
            if message["type"] != "info"
        ]

    return found


@pytest.fixture
def town():
    """Fill the site with articles of every kind, and figures."""
    seeding.load(path=seeding.ARTICLES)
    whole = make_whole("whole")
    Article.objects.filter(pk=whole.pk).update(
        residents_least=5, residents_most=10, proceedings_active=True
    )
    for number in range(21):
        make_article(f"story-{number}", publish_at=NOON - number * HOUR)
    make_article("gone", status="withdrawn", withdrawn_at=NOON, withdrawn_note="A court order.")
    for article in Article.objects.all():
        search.reindex(article=article)
    demo.make_figures(today=date(2026, 11, 24))
    counting.publish()
    state_files.refresh_form()


@pytest.mark.promise("everybody", control="test_the_checker_finds_what_is_wrong")
@pytest.mark.usefixtures("town", "offered")
def test_every_page_of_the_news_and_about_it_is_valid(client, check):
    """Every public page is valid HTML."""
    assert check({path: client.get(path) for path in PATHS}) == []


@pytest.mark.usefixtures("offered")
@pytest.mark.parametrize("code", [languages.ENGLISH, "ur"])
def test_every_page_of_a_tip_of_its_mailbox_and_of_errors_is_valid(
    caseworker,
    keys,
    rf,
    check,
    code,
):
    client = Client() if code == languages.ENGLISH else Speaking(code)
    pages = {"mailbox with an error": enter(client, "not these words")}
    tip = tell()
    pages["mailbox, not read"] = enter(client)
    write_to(tip, caseworker, keys)
    pages["mailbox, asked"] = enter(client)
    something_came_of(tip)
    pages["mailbox, something came of it"] = enter(client)
    form = client.get("/report/").content.decode()
    slip = dict(re.findall(r'name="(token|issued|mark)" value="([^"]*)"', form))
    pages |= {
        "form with errors": client.post("/report/check/", slip | {"what": ""}),
        "check": client.post("/report/check/", slip | WRITTEN),
        "changed": client.post("/report/", slip | WRITTEN | {"change": "what"}),
        "receipt": client.post("/report/receipt/", slip | WRITTEN),
    }
    assert {name for name, page in pages.items() if page.status_code >= 500} == set()
    request = rf.get("/")
    with translation.override(code):
        pages |= {
            "500": errors.server_error(request),
            "400": errors.bad_request(request, Exception()),
        }
        pages |= {
            "403": errors.not_allowed(request, Exception()),
            "stale": errors.stale_form(request),
        }
    assert f'<html lang="{code}"' in pages["receipt"].text
    assert check(pages) == []


def test_the_checker_finds_what_is_wrong(
    check,
):
    wrong = '<input type="hidden" autocomplete="off"><p><div></div></p>'
    page = f'<!doctype html><html lang="en"><title>x</title>{wrong}</html>'
    assert len(check({"wrong": HttpResponse(page)})) == 2
