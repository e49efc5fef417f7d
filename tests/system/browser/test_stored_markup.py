"""Markup in every text that is stored, at every address of desk and site, in a browser that listens for script."""

import itertools
import mimetypes
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from newsroom.models import Image
from reports.admin import roles
from reports.domain import desk as desk_domain
from reports.domain import outcomes
from reports.domain.triage import labels
from reports.models import Enquiry, Partner, ReplyTemplate
from reports.sealing import envelope, receipts
from tests.newsroom import articles, editors
from tests.reports.admin.conftest import undone
from tests.reports.admin.test_every_address import (
    Desk,
    boss,  # noqa: F401 - a fixture
    desk,  # noqa: F401 - a fixture
    unlocked,  # noqa: F401 - a fixture
)
from tests.reports.admin.test_roles import where
from tests.reports.handing import own_key
from tests.system.proofs import marking
from tests.system.proofs.marking import LINK, SCRIPT, SIGN

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db]

PAGES = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
# Copies and caches of what others hold, and what only separate machines have.
NOT_SHOWN = {"reports.Arrival", "reports.Segment", "reports.Digest", "reports.Confirmation", "reports.Draft"}
SITE = "http://testserver"
HREF = re.compile(r'href="(/[^"#]*)')
MADE = f"""() => {{
    const leading = ['href', 'src', 'action', 'formaction'], script = /^\\s*(javascript|data|vbscript):/i;
    const runs = element => leading.some(name => script.test(element.getAttribute(name) || ''));
    const led = [...document.querySelectorAll('[href],[src],[action],[formaction]')].filter(runs);
    return [...document.querySelectorAll('[{SIGN}]'), ...led].map(element => element.outerHTML);
}}"""
STARTS = ("/", "/news/", "/appeals/", "/search/?q=story", f"/search/?q={SCRIPT}", "/report/", "/feed/")
TYPED = ("what", "place", "people", "words", "website", "appeal", "token", "mark", "issued", "change")


class Shown(NamedTuple):
    """A page with the markup somewhere in it."""

    name: str
    response: HttpResponse

    @property
    def is_shown(self) -> bool:
        """Return whether a browser makes a page of it: what it only saves runs nowhere."""
        kind = self.response.get("Content-Type", "").partition(";")[0]
        return kind in PAGES and "attachment" not in self.response.get("Content-Disposition", "")


@pytest.fixture
def marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, officer: User, lead: User) -> Desk:
    """Return a desk and a newsroom with the markup in every text: sealed ones, those in clear, and people's names."""
    monkeypatch.setattr(envelope, "seal", marking.seal_marked)
    for user in (officer, lead):
        User.objects.filter(pk=user.pk).update(username=f"{user.username}{marking.SHORTER[1]}")
        user.refresh_from_db()
    found: Desk = request.getfixturevalue("desk")
    request.getfixturevalue("unguarded")
    fill_the_rest(found)
    return found


def fill_the_rest(found: Desk) -> None:
    """Make a row of each kind of text that the desk has none of yet."""
    article = articles.make_whole("a-story")
    article.areas.add(articles.make_area())
    editors.with_changes(article, typed={"headline": ["Half a headline"]})
    editors.revised(article)
    by = User.objects.get(pk=found.samples["user"])
    by.groups.set(Group.objects.all())
    enquiry = Enquiry.objects.get(pk=found.samples["enquiry"])
    outcomes.propose(enquiry=enquiry, article=article, sentence=f"{outcomes.OPENING} it.", by=by, own=own_key(by))
    labels.begin_with_the_usual(by=by)
    Image.objects.create(digest="a" * 32, alt="A van", caption="A van.", credit="Us", width=960, height=640)
    ReplyTemplate.objects.create(title="Thanks", text="Thank you for this.")
    Partner.objects.create(name="Police", recipient=receipts.tipster_recipient(receipts.new_token()))
    for model in admin.site._registry:
        room = f"{model._meta.app_label}/{model._meta.model_name}/"
        if not found.samples.get(room) and (row := model._default_manager.first()):
            found.samples[room] = row.pk


class Listener:
    """A browser that is given pages as they were answered, but for the policy that would keep scripts from running."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context()
        self.page: Page = self.context.new_page()
        self.ran: list[str] = []
        self._shown: Shown | None = None
        self.page.expose_function("zz", lambda *_: self.ran.append(self._shown.name if self._shown else ""))
        self.page.on("dialog", lambda dialog: (self.ran.append(dialog.message), dialog.dismiss()))
        self.page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        static = finders.find(path.removeprefix("/static/")) if path.endswith(".js") else None
        if static:
            route.fulfill(body=Path(str(static)).read_bytes(), content_type=mimetypes.guess_type(path)[0] or "")
        elif route.request.is_navigation_request() and self._shown:
            route.fulfill(body=self._shown.response.content, content_type=self._shown.response["Content-Type"])
        else:
            route.fulfill(status=404, body="")

    def look(self, shown: Shown) -> list[str]:
        """Show a page; return what of the markup has become a part of it, or has run."""
        self._shown, before = shown, len(self.ran)
        self.page.goto(f"{SITE}/shown/", wait_until="load")
        made = self.page.evaluate(MADE)
        return [f"{shown.name}: {what[:200]}" for what in [*made, *(["script ran"] * (len(self.ran) - before))]]


@pytest.fixture
def listener(chromium: Browser) -> Iterator[Listener]:
    """Return such a browser."""
    listener = Listener(chromium)
    yield listener
    listener.context.close()


def of_the_desk(client: Client, found: Desk, methods: Sequence[str]) -> Iterator[Shown]:
    """Yield what every address of the desk answers; whatever a request does is undone."""
    typed = found.typed | dict.fromkeys(("words", "reason", "text", "q", "name", "headline", "codename"), SCRIPT)
    client.raise_request_exception = False
    for address in roles.addresses():
        url = where(address, found.samples)
        for method in methods:
            with undone(client):
                response = client.get(url) if method == "GET" else client.post(url, typed)
            assert response.status_code != 500, f"{method} {url}"
            yield Shown(f"{method} {address.name} {url}", response)


def of_the_site(client: Client) -> Iterator[Shown]:
    """Yield every page that a reader comes to by links, and what is typed there and given back."""
    seen, waiting = (
        set[str](),
        ["/", "/news/", "/appeals/", "/search/?q=story", f"/search/?q={SCRIPT}", "/report/", "/feed/"],
    )
    while waiting:
        if (path := waiting.pop()) in seen:
            continue
        seen.add(path)
        response = client.get(path)
        yield Shown(f"GET {path}", response)
        if response.get("Content-Type", "").startswith("text/html"):
            waiting += [
                urlsplit(urljoin(path, to)).path for to in HREF.findall(response.text) if not to.startswith("/static")
            ]
    typed = dict.fromkeys(
        ("what", "place", "people", "words", "website", "appeal", "token", "mark", "issued", "change"), SCRIPT
    )
    for path in ("/report/", "/report/check/", "/report/receipt/", "/mailbox/", "/mailbox/reply/", "/mailbox/burn/"):
        yield Shown(f"POST {path}", client.post(path, typed))
        yield Shown(f"POST {path} with a token", client.post(path, typed | {"token": receipts.new_token()}))


def held(pages: Iterable[Shown]) -> list[Shown]:
    """Return the pages in which the markup stands, each once."""
    shown = (one for one in pages if one.is_shown and SIGN.encode() in one.response.content)
    return list({one.response.content: one for one in shown}.values())


def test_no_text_that_is_stored_becomes_markup_or_runs_anywhere(
    marked: Desk,
    unlocked: Client,  # noqa: F811
    listener: Listener,
    full: bool,
    record_property: Callable[[str, object], None],
) -> None:
    """What is answered to a POST holds the same texts, and what was typed: --full looks at these too."""
    done, without = marking.mark_everything()
    desk_domain.refresh_form()
    pages = held(
        itertools.chain(of_the_desk(unlocked, marked, roles.BOTH if full else ("GET",)), of_the_site(Client()))
    )
    found = [line for shown in pages for line in listener.look(shown)]
    figure = f"{len(done)} fields of text filled, and every sealed one; shown on {len(pages)} pages; ran {len(found)}"
    record_property("figure", figure)
    assert found == []
    assert without == [], "a text of a model stands nowhere: say in tests/system/proofs/marking.py why, or make a row"
    assert len(pages) > 60


def test_every_table_with_sealed_texts_has_one(marked: Desk) -> None:
    """The markup stands in each kind of sealed text, so that a page that shows it is seen."""
    sealed = [model for model in apps.get_models() if any(field.name == "sealed" for field in model._meta.fields)]
    empty = {model._meta.label for model in sealed if not model._base_manager.exists()}
    assert empty <= NOT_SHOWN


def test_a_page_that_escapes_nothing_is_found(marked: Desk, listener: Listener, settings: Any) -> None:
    marking.mark_everything()
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"OPTIONS": engine["OPTIONS"] | {"autoescape": False}}]
    found = listener.look(Shown("a story", Client().get("/news/a-story/")))
    assert any("script ran" in line for line in found)
    assert any(LINK in line for line in listener.look(Shown("a link", HttpResponse(f"<a href='{LINK}'>x</a>"))))
