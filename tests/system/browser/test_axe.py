"""Every page made so far, as an accessibility checker sees it: no violation, on a phone and wide, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Demonstration, follow

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

PUBLIC = (
    "/",
    "/news/",
    "/news/milton-keynes-drug-warrants/",
    *("/topics/", "/topics/drug-supply/", "/areas/", "/authors/", "/appeals/", "/search/?q=warrants", "/about/"),
    *(
        f"/about/{page}/"
        for page in ("who-we-are", "how-it-works", "privacy", "staying-safe", "accessibility", "corrections")
    ),
    "/outcomes/",
    "/report/?appeal=milton-keynes-drug-warrants",
    "/mailbox/",
    "/nothing-here/",
    "/admin/login/",
)
STAFF = (
    "/admin/",
    "/admin/unlock/",
    "/admin/reports/tip/",
    "/admin/search/",
    "/admin/searches/",
    "/admin/dashboard/",
    "/admin/reports/tip/deletions/",
    "/admin/reports/tip/calls/",
    "/admin/reports/tip/danger/",
    "/admin/reports/tip/record/",
    "/admin/reports/tip/recusals/",
    "/admin/reports/enquiry/",
    "/admin/reports/enquiry/begin/",
    "/admin/reports/label/",
    "/admin/reports/label/add/",
    "/admin/reports/replytemplate/",
    "/admin/reports/replytemplate/add/",
    "/admin/reports/pack/",
    "/admin/reports/partner/",
    "/admin/reports/partner/add/",
    "/admin/reports/auditevent/",
    "/admin/reports/auditevent/verify/",
    "/admin/reports/member/",
    "/admin/auth/user/",
    "/admin/people/",
    "/admin/people/invite/",
    "/admin/people/rotate/",
    "/admin/people/retire/",
    "/admin/people/strays/",
    "/admin/appeals/",
    "/admin/reports/outcome/",
    "/admin/sessions/",
    "/admin/factors/",
    "/admin/login/passkey/",
    "/admin/newsroom/article/",
    "/admin/newsroom/article/add/",
    "/admin/newsroom/article/scheduled/",
    "/admin/newsroom/image/",
    "/admin/newsroom/appeal/",
)
LOOKS = [(390, False), pytest.param(1280, True, marks=pytest.mark.whole)]


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it stands, and whether it can be scrolled sideways.

    The page must have scripts: without them axe's promise is never kept, and this would wait for ever.
    """
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    wrong = [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
    sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wrong + ([f"{page.url} scrolls sideways"] if sideways else [])


def of_the_record(page: Page) -> list[str]:
    """Return what is wrong with a record that was verified, a mark that is none, and an account."""
    page.goto("/admin/reports/auditevent/verify/?mark=none")
    wrong = violations(page)
    follow(page.get_by_role("button", name="Verify"))
    wrong += violations(page)
    page.goto("/admin/auth/user/")
    follow(page.locator("#result_list th a").first)
    wrong += violations(page)
    page.get_by_label("First name").fill("Dee")
    follow(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Type your six words.")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Dee")
    wrong += violations(page)
    follow(page.get_by_role("link", name="Lost password or phone"))
    return wrong + violations(page)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_public_pages_have_no_violation(visit: Callable[..., Page], width: int, dark: bool) -> None:
    page = visit("/", width=width, dark=dark)
    wrong = []
    for path in PUBLIC:
        page.goto(path)
        wrong += violations(page)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_way_of_a_tip_has_no_violation(visit: Callable[..., Page], width: int, dark: bool) -> None:
    page = visit("/report/", width=width, dark=dark)
    follow(page.get_by_role("button", name="Check what you wrote"))
    wrong = violations(page)
    page.get_by_label("What do you know?").fill("My neighbour sells from his car. Call me on 07700 900123.")
    page.get_by_label("I am under 18").check()
    follow(page.get_by_role("button", name="Check what you wrote"))
    wrong += violations(page)
    page.get_by_text("Phone about to die?").click()
    wrong += violations(page)
    follow(page.get_by_role("button", name="Send this tip"))
    wrong += violations(page)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_desk_has_no_violation_locked_and_unlocked(
    sign_in: Callable[..., Page], demonstration: Demonstration, width: int, dark: bool
) -> None:
    page = sign_in(width=width, dark=dark)
    wrong = []
    for path in STAFF:
        page.goto(path)
        wrong += violations(page)
    page.goto("/admin/unlock/")
    page.get_by_label("Your six words").fill("not these six words at all")
    follow(page.get_by_role("button", name="Unlock", exact=False).first)
    wrong += violations(page)
    page.get_by_label("Your six words").fill(demonstration.phrase)
    follow(page.get_by_role("button", name="Unlock", exact=False).first)
    for path in ("/admin/", "/admin/reports/tip/", "/admin/next/"):
        page.goto(path)
        wrong += violations(page)
    page.goto("/admin/search/")
    wrong += violations(page)
    page.get_by_label("Words, a number plate").fill("car")
    follow(page.get_by_role("button", name="Search", exact=True))
    wrong += violations(page)
    wrong += of_the_record(page)
    page.goto("/admin/reports/enquiry/")
    follow(page.get_by_role("link", name="quiet lantern"))
    wrong += violations(page)
    follow(page.locator("#tips a.ref").first)
    follow(page.get_by_role("link", name="Look for related tips"))
    wrong += violations(page)
    page.goto("/admin/reports/tip/")  # any tip: others of this run may have read everything that waits
    follow(page.locator(".field-reference a").first)
    page.locator("#own-words summary").first.click()
    page.get_by_label("The same in our words").fill("My neighbour knows of a grey car.")
    follow(page.get_by_role("button", name="Save and check"))
    wrong += violations(page)
    follow(page.get_by_role("button", name="Draft a pack"))
    wrong += violations(page)
    assert not wrong, "\n".join(wrong)


def test_the_checker_finds_a_page_that_is_wrong(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.evaluate("document.body.append(document.createElement('img'))")
    assert any("image-alt" in one for one in violations(page))
