"""Every public news page in a real browser: clean by axe, as wide as a phone, no cookie and no foreign request."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from newsroom.domain import search
from newsroom.models import Article
from tests.newsroom.articles import HOUR, NOON, make_article, make_whole

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_engine,
    pytest.mark.django_db(transaction=True),
    # The live server's threads leave their connections to the test's database in memory to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PATHS = (
    "/", "/news/", "/news/2024/03/", "/topics/drug-supply/", "/areas/olney/", "/authors/sam-example/",
    "/about/corrections/", "/news/a-story/", "/news/gone/", "/news/unknown/", "/search/", "/search/?q=headlin",
    "/search/?q=zzzz",
)  # fmt: skip


# Over a gradient and beside drawn lamps axe cannot tell; tests/newsroom/test_look.py counts the gradient in.
PLAIN = "main, .masthead { background-image: none !important } ::before, ::after { content: none !important }"
MORE = [pytest.param(look, marks=pytest.mark.whole) for look in ((1280, "dark"), (1280, "light"), (390, "dark"))]


@pytest.fixture(params=[(390, "light"), *MORE], ids=str)
def page(request: pytest.FixtureRequest, transactional_db: None, chromium: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    yield context.new_page()
    context.close()
    gc.collect()  # now, where the warning about those connections is expected, not when the run ends


def test_news_pages_are_clean_fit_the_screen_and_keep_to_themselves(page: Page, live_server: Any) -> None:
    for slug in ("a-story", "b-story"):
        make_whole(slug)
    for number in range(30):
        make_article(f"story-{number}", publish_at=NOON - number * HOUR)
    make_article("gone", status="withdrawn", withdrawn_at=NOON, withdrawn_note="A court order.")
    for article in Article.objects.all():
        search.reindex(article=article)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PATHS:
        page.goto(live_server.url + path)
        found = [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
        assert (path, found) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.add_style_tag(content=PLAIN)
        contrast = Axe().run(page, options={"runOnly": ["color-contrast"]}).response
        assert (path, [one["nodes"][0]["html"] for one in contrast["violations"] + contrast["incomplete"]]) == (
            path,
            [],
        )
    assert [url for url in asked if not url.startswith(live_server.url)] == []
    assert page.context.cookies() == []
