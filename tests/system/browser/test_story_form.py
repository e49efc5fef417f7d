"""The editor's form in a real browser: what is typed is kept, shown beside the text, and pictures are put in."""

import io
import re
from collections.abc import Callable
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import follow

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]
KEPT = 20_000  # milliseconds in which a busy machine must have kept what was typed
NUMBERS = count(1)
LIVE = "/news/milton-keynes-drug-warrants/"


@pytest.fixture
def write(sign_in: Callable[..., Page]) -> Callable[..., Page]:
    """Return a function that opens the form of a draft, which it makes, or another page of an editor's."""

    def opened(path: str = "", **how: object) -> Page:
        page = sign_in(**how)
        page.goto(path or "/admin/newsroom/article/add/")
        if not path:
            page.fill("[name=headline]", f"A van stood there {next(NUMBERS)}")
            page.fill("[name=body]", "A van stood there.")
            follow(page.locator("#story >> text=Save >> nth=0"))
            expect(page.locator(".messagelist")).to_be_visible()
        return page

    return opened


def live(page: Page) -> str:
    """Return the address of the form of the story that is out."""
    page.goto("/admin/newsroom/article/?status__exact=published")
    address = page.locator("#result_list tbody th a").last.get_attribute("href")
    return str(address).split("?")[0]


def wrong(page: Page) -> list[str]:
    """Return what axe finds, and whether the page scrolls sideways; it must have scripts."""
    page.wait_for_load_state()
    found = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in Axe().run(page).response["violations"]]
    sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return found + ["sideways"] * sideways


def keep(page: Page) -> None:
    """Wait until what was typed is kept."""
    expect(page.locator("#kept")).to_contain_text("Kept at", timeout=KEPT)


def test_what_is_typed_is_kept_and_stands_there_after_a_crash_of_the_browser(write: Callable[..., Page]) -> None:
    page = write()
    page.fill("[name=headline]", "Half a head")
    keep(page)
    address = page.url
    page.context.close()
    again = write(address)
    assert again.input_value("[name=headline]") == "Half a head"
    assert "Not saved yet: what demo typed here" in again.inner_text(".copy-note")
    follow(again.locator("#story >> text=Save >> nth=0"))
    assert (again.inner_text("h1"), again.locator(".copy-note").count()) == ("Half a head", 0)


def test_a_live_story_is_saved_for_the_editors_alone(write: Callable[..., Page]) -> None:
    page = write(LIVE)
    page.goto(live(page))
    page.fill("[name=headline]", "Zebrafinch")
    follow(page.locator("#story >> text=Save >> nth=0"))
    assert "Saved as a working copy. Readers see nothing of it yet." in page.inner_text(".messagelist")
    expect(page.frame_locator(".look iframe").locator("h1")).to_have_text("Zebrafinch", timeout=KEPT)
    assert "Zebrafinch" not in page.request.get(LIVE).text()
    follow(page.locator(".ways >> text=Drop the changes").first)
    follow(page.locator("#content button[type=submit]").first)
    assert page.input_value("[name=headline]") != "Zebrafinch"


def test_leaving_with_text_that_is_not_kept_asks_first(write: Callable[..., Page]) -> None:
    page, asked = write(), []
    page.route("**/keep/", lambda route: route.abort())
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click("[name=headline]")
    page.keyboard.type("More")
    expect(page.locator("#unkept")).to_contain_text("could not be kept", timeout=KEPT)
    page.goto(page.url.replace("change/", "revisions/"))
    assert asked == ["beforeunload"]


def test_leaving_what_is_kept_asks_nothing(write: Callable[..., Page]) -> None:
    page, asked = write(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click("[name=headline]")
    page.keyboard.type("More")
    keep(page)
    page.goto(page.url.replace("change/", "revisions/"))
    assert asked == []


def test_a_new_story_is_kept_as_a_draft_before_it_is_saved(write: Callable[..., Page]) -> None:
    page = write("/admin/newsroom/article/add/")
    page.fill("[name=headline]", "A new story")
    page.fill("[name=body]", "One. Two.")
    keep(page)
    assert page.url.endswith("/change/")
    page.reload()
    assert (page.input_value("[name=headline]"), page.input_value("[name=body]")) == ("A new story", "One. Two.")
    follow(page.locator("#story >> text=Save >> nth=0"))
    assert page.inner_text(".standing .chip") == "Draft"
    assert page.locator("p.errornote:visible").count() == 0


def test_the_page_stands_beside_the_text_without_scripts_of_its_own(write: Callable[..., Page]) -> None:
    page = write()
    page.fill("[name=body]", "Four words are **here**.\n\n<script>alert(1)</script>")
    beside = page.frame_locator(".look iframe")
    expect(beside.locator(".story strong")).to_have_text("here", timeout=KEPT)
    assert page.get_attribute(".look iframe", "sandbox") == "allow-same-origin"  # and no scripts
    expect(beside.locator(".site-header")).to_be_hidden()  # by its styles, which the browser may refuse a frame
    expect(page.locator("#length")).to_have_text("5 words, 1 minute")
    page.fill("[name=headline]", "How it is shared")
    expect(page.locator("#share b")).to_have_text("How it is shared", timeout=KEPT)


def test_marks_and_pictures_come_into_the_text_by_buttons(write: Callable[..., Page]) -> None:
    page = write()
    page.locator("[name=body]").select_text()
    page.click("markdown-toolbar >> text=Bold")
    expect(page.locator("[name=body]")).to_have_value("**A van stood there.**")
    page.click("markdown-toolbar >> text=Picture")
    page.click("#picture >> text=Put it in")
    expect(page.locator("#picture [data-problem=alt]")).to_have_text("This field is required.")
    picture = io.BytesIO()
    Pillow.new("RGB", (800, 450), "navy").save(picture, "PNG")
    file = {"name": "van.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    page.set_input_files("#picture [type=file]", file)  # type: ignore[arg-type]
    page.fill("#picture [name=alt]", "A blue van")
    page.fill("#picture [name=caption]", "The van.")
    page.fill("#picture [name=credit]", "Us")
    assert wrong(page) == []
    page.click("#picture >> text=Put it in")
    expect(page.locator("#picture")).to_be_hidden(timeout=KEPT)
    expect(page.locator("[name=body]")).to_have_value(re.compile(r"\n\n!\[A blue van\]\(image:"))
    image = page.frame_locator(".look iframe").locator("figure img")
    expect(image).to_have_attribute("alt", "A blue van", timeout=KEPT)
    shown = "document.querySelector('.look iframe').contentDocument.querySelector('figure img')?.naturalWidth"
    page.wait_for_function(shown)


def test_a_picture_may_be_dropped_on_the_text(write: Callable[..., Page]) -> None:
    page = write()
    page.wait_for_selector("file-attachment")
    page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["x"], "van.png", { type: "image/png" }));
            const drop = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
            document.querySelector("file-attachment").dispatchEvent(drop);
        }"""
    )
    expect(page.locator("#picture")).to_be_visible()
    assert page.evaluate("document.querySelector('#picture [type=file]').files[0].name") == "van.png"
    assert page.evaluate("document.activeElement.name") == "alt"


def test_who_wrote_meanwhile_is_named_while_one_types(write: Callable[..., Page]) -> None:
    page = write()
    other = write(page.url)
    other.fill("[name=headline]", "Theirs")
    keep(other)
    page.fill("[name=headline]", "Mine")
    said = "Since you opened this story, demo has written here"
    expect(page.locator("#unkept")).to_contain_text(said, timeout=KEPT)
    assert page.input_value("[name=headline]") == "Mine"


@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (320, False), pytest.param(390, True, marks=pytest.mark.whole)]
)
def test_the_editors_pages_are_clean_and_fit(write: Callable[..., Page], width: int, dark: bool) -> None:
    page = write(LIVE, width=width, dark=dark)
    address = live(page)
    page.goto(address)
    expect(page.locator(".look")).to_be_visible(timeout=KEPT)
    for part in page.locator("#article_form details > summary").all():
        part.click()
    found, lists = wrong(page), "/admin/newsroom/article/"
    for path in (lists, f"{lists}scheduled/", address.replace("change/", "changes/"), "/admin/newsroom/image/"):
        page.goto(path)
        found += [f"{path} {problem}" for problem in wrong(page)]
    assert found == []


def test_without_scripts_nothing_is_shown_that_needs_them_and_all_is_done(write: Callable[..., Page]) -> None:
    page = write(LIVE, scripts=False, width=390)
    page.goto(live(page))
    assert [page.locator(place).is_visible() for place in ("markdown-toolbar", ".look", "#picture")] == [False] * 3
    page.fill("[name=headline]", "Zebrafinch")
    follow(page.locator("#story >> text=Publish these changes").first)
    assert page.inner_text("h1") == "Publish these changes now?"
    assert "Zebrafinch" in page.inner_text(".difference")
    follow(page.locator("text=Go back").first)
    follow(page.locator(".ways >> text=Drop the changes").first)
    follow(page.locator("#content button[type=submit]").first)
    assert "Zebrafinch" not in page.request.get(LIVE).text()
