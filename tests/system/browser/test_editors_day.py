"""An editor's day, alone, in a real browser: with scripts and without, in light and dark, and clean by axe."""

import gc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page

from newsroom.domain import images
from newsroom.models import Image, Topic
from tests.newsroom.admin.desk import make_editor
from tests.newsroom.domain.test_images import drawn
from tests.system.browser.conftest import follow

PHONE = {"width": 390, "height": 900}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # The live server's threads leave their connections to the test's database in memory to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def picture(settings: Any, transactional_db: None) -> Image:
    """Make an editor and a picture; before the browser, in whose loop the database would be opened anew."""
    settings.DEMO = True
    user = make_editor("view_article", "add_article", "change_article")
    user.set_password("ed-password")
    user.save()
    Topic.objects.create(slug="drug-supply", name="Drug supply")
    words = {"alt": "A van", "caption": "A van.", "credit": "Us"}
    return images.add(prepared=images.prepare(raw=drawn((1000, 500))), image=Image(**words))


@pytest.fixture(params=[(True, 1280, "light"), (False, 390, "dark")], ids=["scripts", "no scripts, phone, dark"])
def page(request: pytest.FixtureRequest, picture: Image, live_server: Any, chromium: Browser) -> Iterator[Page]:
    scripts, width, scheme = request.param
    size: Any = {"width": width, "height": 900}
    context = chromium.new_context(
        java_script_enabled=scripts, viewport=size, color_scheme=scheme, timezone_id="Europe/London"
    )
    # The live server's threads share one connection; what the script asks beside the page would be part of the same
    # transaction. Its own tests run on a server of their own.
    context.route("**/js/story.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    yield context.new_page()
    context.close()
    gc.collect()  # now, while the warning about the server's connections is let pass


def clean(page: Page) -> None:
    """Hold the page to axe, which needs scripts itself."""
    page.wait_for_load_state()
    if page.viewport_size == PHONE:
        return
    found = Axe().run(page).response["violations"]
    assert [(page.url, one["id"], one["nodes"][0]["html"]) for one in found] == []


def sign_in(page: Page, site: str) -> None:
    """Come to an empty story."""
    page.goto(f"{site}/admin/login/?next=/admin/newsroom/article/add/")
    page.fill("[name=username]", "ed")
    page.fill("[name=password]", "ed-password")
    follow(page.locator("[type=submit]").first)


def write(page: Page, picture: Image) -> None:
    """Write, with a figure, a date and a picture."""
    clean(page)
    page.fill("[name=headline]", "Ten held after twelve warrants")
    page.fill("[name=standfirst]", "Police were at twelve doors.")
    page.fill("[name=body]", f"Ten people were held.\n\n{picture.line}\n\n## Next\n\nCourt.")
    for part in page.locator("#article_form details > summary").all():
        part.click()
    page.fill("[name=byline]", "Newsroom")
    page.select_option("[name=topic]", label="Drug supply")
    page.fill("[name=facts-0-figure]", "10")
    page.fill("[name=facts-0-text]", "arrests")
    page.fill("[name=steps-0-date]", "2026-03-01")
    page.select_option("[name=steps-0-stage]", "arrest")
    page.fill("[name=steps-0-text]", "Arrests.")
    follow(page.locator("text=Save and preview").first)


def preview(page: Page, address: str) -> str:
    """See it as readers will, who do not see it yet; return the story's room."""
    assert page.title().startswith("Preview: Ten held after twelve warrants")
    assert page.inner_text("h1") == "Ten held after twelve warrants"
    assert page.get_attribute("figure img", "alt") == "A van"
    clean(page)
    room = page.url.removesuffix("preview/")
    assert page.request.get(address).status == 404
    follow(page.locator("text=Back to writing").first)
    return room


def publish(page: Page, address: str) -> None:
    """Schedule, then not wait."""
    clean(page)
    follow(page.locator("text=Save and schedule").first)
    clean(page)
    page.fill("[name=when]", (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"))
    follow(page.locator("main button[type=submit], #content button[type=submit]").first)
    assert page.inner_text(".standing .chip") == "Scheduled"
    assert page.request.get(address).status == 404
    follow(page.locator("text=Save and publish").first)
    follow(page.locator("#content button[type=submit]").first)
    assert page.inner_text(".standing .chip") == "Published"
    assert page.request.get(address).status == 200


def correct(page: Page, address: str) -> None:
    """Put a mistake right."""
    follow(page.locator(".ways >> text=Correct").first)
    page.fill("[name=text]", "We first wrote that ten people were held. It was nine.")
    page.fill("[name=body]", "Nine people were held.")
    follow(page.locator("#content button[type=submit]").first)
    page.goto(address)
    assert page.inner_text(".put-right p").endswith("We first wrote that ten people were held. It was nine.")
    assert page.inner_text(".story") == "Nine people were held."


def restore(page: Page, room: str, address: str) -> None:
    """Look at what changed, take it back, which readers do not see, and drop that again."""
    page.goto(f"{room}revisions/")
    clean(page)
    follow(page.locator("text=Begun").first)
    clean(page)
    follow(page.locator("text=Restore revision 1").first)
    assert "Brings back what a correction took out:" in page.inner_text(".brings-back")
    assert "Ten people were held." not in page.request.get(address).text()
    clean(page)
    follow(page.locator(".ways >> text=Publish these changes").first)
    clean(page)
    follow(page.locator("#content button[type=submit]").first)
    assert page.inner_text("[role=alert] li").startswith("Say that you mean it")
    clean(page)
    page.goto(f"{room}change/")
    assert page.input_value("[name=body]").startswith("Ten people were held.")
    clean(page)
    follow(page.locator(".ways >> text=Drop the changes").first)
    clean(page)
    follow(page.locator("#content button[type=submit]").first)
    assert page.input_value("[name=body]") == "Nine people were held."


def withdraw(page: Page, address: str) -> None:
    """Withdraw, which needs a sentence."""
    follow(page.locator(".ways >> text=Withdraw").first)
    clean(page)
    follow(page.locator("#content button[type=submit]").first)
    assert page.inner_text("[role=alert] li") == "Write the sentence that readers see in the story’s place."
    clean(page)
    page.fill("[name=note]", "It was about another town.")
    follow(page.locator("#content button[type=submit]").first)
    assert page.inner_text(".standing .chip") == "Withdrawn"
    assert page.request.get(address).status == 410


def test_an_editors_day(live_server: Any, picture: Image, page: Page) -> None:
    site = live_server.url
    address = f"{site}/news/ten-held-after-twelve-warrants/"
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    sign_in(page, site)
    write(page, picture)
    room = preview(page, address)
    publish(page, address)
    correct(page, address)
    restore(page, room, address)
    withdraw(page, address)
    assert [problem for problem in problems if "with a status of 422" not in problem] == []
