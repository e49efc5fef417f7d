"""Every page as an accessibility checker sees it: no violation, on a small phone in light and wide in dark."""

from itertools import chain

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core import languages
from reports.views import submit
from tests.system.browser.conftest import find, follow, press, unfold, violations
from tests.system.browser.way import refusals, way
from tests.system.harness.homes import Home
from tests.system.harness.server import free_port
from tests.system.servers.doors import nginx

ABOUT = tuple(f"/about/{page}/" for page in submit.ABOUT)
PUBLIC = (
    "/",
    *(
        "/news/",
        "/news/2024/03/",
        "/news/milton-keynes-drug-warrants/",
        "/news/a-story/",
        "/news/gone/",
    ),
    *("/areas/olney/", "/authors/sam-example/", "/search/", "/search/?q=zzzz"),
    *(
        "/topics/",
        "/topics/drug-supply/",
        "/areas/",
        "/authors/",
        "/appeals/",
        "/search/?q=warrants",
        "/about/",
    ),
    *("/about/corrections/", *ABOUT, "/outcomes/"),
    "/report/?appeal=milton-keynes-drug-warrants",
    "/mailbox/",
    "/nothing-here/",
    *(
        "/ur/",
        "/pl/",
        "/ur/report/",
        "/pl/mailbox/",
        "/ur/about/privacy/",
        "/pl/about/staying-safe/",
    ),
    "/ur/nothing-here/",
    "/admin/login/",
)
OF_RESIDENTS = (
    "/",
    "/report/",
    "/report/exit/",
    "/report/languages/",
    "/mailbox/",
    "/nothing-here/",
    "/about/",
    *ABOUT,
)
IN_LANGUAGES = tuple(f"/{code}{path}" for code in languages.NAMES for path in OF_RESIDENTS)
SPOKEN = (
    "",
    "ur",
    *(pytest.param(code, marks=pytest.mark.whole) for code in languages.NAMES if code != "ur"),
)
STAFF = (
    *("/admin/", "/admin/unlock/", "/admin/search/", "/admin/searches/", "/admin/dashboard/"),
    *("/admin/sessions/", "/admin/factors/", "/admin/login/passkey/"),
    *("/admin/reports/tip/", "/admin/reports/tip/deletions/"),
    *("/admin/reports/tip/danger/", "/admin/reports/tip/record/", "/admin/reports/tip/recusals/"),
    *("/admin/reports/enquiry/", "/admin/reports/label/"),
    *(
        "/admin/reports/label/add/",
        "/admin/reports/replytemplate/",
        "/admin/reports/replytemplate/add/",
    ),
    *("/admin/reports/referral/", "/admin/reports/recipient/", "/admin/reports/recipient/add/"),
    *("/admin/reports/auditevent/", "/admin/reports/auditevent/verify/"),
    *("/admin/people/", "/admin/people/invite/", "/admin/people/rotate/", "/admin/people/retire/"),
    *("/admin/people/strays/", "/admin/reports/outcome/", "/admin/newsroom/article/"),
    *("/admin/newsroom/article/add/", "/admin/newsroom/image/"),
    "/admin/newsroom/appeal/",
)
LOOKS = pytest.mark.parametrize(("width", "dark"), [(320, False), (1280, True)])
# Over a gradient and beside drawn lamps axe cannot tell; tests/newsroom/test_look.py counts the gradient in.
PLAIN = "main, .masthead { background-image: none !important } ::before, ::after { content: none !important }"


def contrast(page):
    """Return the parts of the page whose colours are too near to each other, or cannot be told by axe."""
    page.add_style_tag(content=PLAIN)
    found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response
    return [
        f"{page.url} contrast: {one['nodes'][0]['html']}"
        for one in found["violations"] + found["incomplete"]
    ]


def all_wrong(page, pages):
    """Return all that is wrong with the page wherever it stands in turn."""
    return "\n".join(problem for _ in pages for problem in violations(page))


@pytest.mark.promise("everybody", control="test_the_checker_finds_a_page_that_is_wrong")
@LOOKS
def test_public_pages_have_no_violation(visit, width, dark, whole):
    """No violation that axe can find on the public pages."""
    page, wrong = visit("/", width=width, dark=dark, bypass_csp=True), []
    for path in (*(IN_LANGUAGES if whole else ()), *PUBLIC):
        if path == "/admin/login/":
            assert page.context.cookies() == [], "the pages before set none"
        page.goto(path)
        wrong += violations(page)
        if path != "/admin/login/":
            wrong += contrast(page)
    assert not wrong, "\n".join(wrong)


@LOOKS
@pytest.mark.parametrize("code", SPOKEN)
def test_the_way_of_a_tip_its_mailbox_and_what_refuses_it_have_no_violation(
    visit, demonstration, width, dark, code
):
    page = visit("/", width=width, dark=dark)
    assert not all_wrong(page, chain(way(page, code), refusals(page, demonstration.home, code)))


@LOOKS
def test_what_nginx_says_by_itself_has_no_violation(visit, tmp_path, width, dark):
    page, wrong = visit("/", width=width, dark=dark), []
    with nginx(Home(tmp_path), application=free_port()) as door:
        for path in ("/report/", "/%zz", f"/search/?q={'x' * 9000}"):
            page.goto(f"http://127.0.0.1:{door.port}{path}")
            wrong += violations(page)
    assert not "\n".join(wrong)


def of_the_record(page):
    """Stand on a record that was verified, a mark that is none, and an account."""
    page.goto("/admin/reports/auditevent/verify/?mark=none")
    yield
    press(page, "Check the audit log", exact=False)
    yield
    page.goto("/admin/people/")
    follow(page.get_by_role("link", name="Change role or account").first)
    yield
    page.get_by_label("First name").fill("Dee")
    press(page, "Save", exact=False)
    expect(page.get_by_text("Type your six words.")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Dee")
    yield
    follow(page.get_by_role("link", name="Reset sign-in"))
    yield


def of_posters(page):
    """Stand on an appeal, and on what can be printed for it."""
    page.goto("/admin/newsroom/appeal/?q=milton-keynes-drug-warrants")
    follow(page.locator("#result_list a[href*=change]").first)
    yield
    follow(page.get_by_role("link", name="Posters and a link for other sites"))
    yield


def unlocked(page, passphrase):
    """Try wrong words and then the right ones, and stand on what an unlocked desk alone shows."""
    page.goto("/admin/unlock/")
    page.get_by_label("Your six words").fill("not these six words at all")
    press(page, "Unlock", exact=False)
    yield
    page.get_by_label("Your six words").fill(passphrase)
    press(page, "Unlock", exact=False)
    for path in ("/admin/", "/admin/reports/tip/", "/admin/next/", "/admin/search/"):
        page.goto(path)
        yield
    page.get_by_label("Words, a number plate").fill("car")
    press(page, "Search")
    yield
    page.goto("/admin/reports/enquiry/")
    follow(page.get_by_role("link", name="quiet lantern"))
    yield
    follow(page.locator("#tips a.ref").first)
    follow(page.get_by_role("link", name="Look for related tips"))
    yield


def of_a_referral(page):
    """Draft a police referral of the tip that is open."""
    unfold(
        page,
        "Messages",
        "Police",
        "Our wording",
        "In a police referral",
        "Record a call",
        "History",
    )
    page.get_by_label("Our wording for the police").fill("My neighbour knows of a grey car.")
    press(page, "Save and check")
    yield
    unfold(page, "Police", "In a police referral")
    press(page, "Draft a police referral")
    yield


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_the_desk_has_no_violation_locked_and_unlocked(sign_in, demonstration, width, dark):
    text = f"My neighbour sells from a grey car, seen {width} times."
    demonstration.tell(text)
    page, wrong = sign_in(width=width, dark=dark), []
    for path in STAFF:
        page.goto(path)
        wrong += violations(page)
    for pages in (unlocked(page, demonstration.passphrase), of_the_record(page), of_posters(page)):
        wrong += [all_wrong(page, pages)]
    find(page, text)
    wrong += [all_wrong(page, of_a_referral(page))]
    assert not "\n".join(filter(None, wrong))


def test_the_checker_finds_a_page_that_is_wrong(visit):
    page = visit("/")
    page.evaluate("document.body.append(document.createElement('img'))")
    assert any("image-alt" in one for one in violations(page))
