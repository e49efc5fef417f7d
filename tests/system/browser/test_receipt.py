"""The receipt goes on, with scripts, to an entry of the history that has nothing of the tip, wherever it can be had."""

import re
import socket
from contextlib import ExitStack, contextmanager, suppress

import pytest
from django.conf import settings
from playwright.sync_api import Error, Route, expect

from core import languages
from tests.reports import pictures
from tests.system.browser.conftest import all_of, follow, press, send
from tests.system.browser.senders_browser import (
    BEGIN,
    TEXT,
    WRITES,
    files_with,
    kill,
    leave,
    turn,
    written,
)
from tests.system.browser.way import saying
from tests.system.harness.homes import Home
from tests.system.servers.doors import nginx

RECEIVED = "We have your tip. Keep these seven words."
NOTHING = re.compile("not received|not stored|do not have your tip|has not been sent")
CANNOT_ADD = "You cannot add pictures to this tip"
OF_TIPS = "**/report/words/"
TIME_TO_ANSWER = 1_000  # milliseconds after which what is fetched here has been answered


def typed(page, *, path="/report/", code=""):
    """Write a tip and check it."""
    say = saying(code)
    page.goto(path)
    page.get_by_label(say("What do you know?")).fill(TEXT)
    press(page, say("Check what you wrote"))
    return page


def answering(page, answer, *, to="fetch"):
    """Let what asks for the seven words once more, by a fetch or as a document, be answered so."""
    page.route(
        OF_TIPS,
        lambda route: answer(route) if route.request.resource_type == to else route.continue_(),
    )


def end_as(end, page, profile):
    """Stop in one of the ways in which senders stop."""
    if end == "written down":
        page.get_by_role("button", name="I have written them down").click()
    if end == "left":
        leave(page)
    page.wait_for_timeout(WRITES)
    if end == "killed":
        kill(profile)
    else:
        page.context.close()


@pytest.mark.promise("sender", control="test_control_a_receipt_that_stays_leaves_the_text")
@pytest.mark.parametrize("end", ["closed", "left", "killed", "written down"])
def test_no_file_has_the_text_however_its_sender_stops(whole, tmp_path, end):
    """With scripts on, no file of a browser has a tip's text, whether its sender closes, leaves or kills it."""
    page = written(whole().pages[0])
    send(page)
    assert len(all_of(page, ".receipt-card li", 7)) == 7
    page.wait_for_timeout(WRITES)
    end_as(end, page, tmp_path)
    assert files_with(tmp_path, "/report/receipt/"), "the control: the addresses are there"
    assert files_with(tmp_path, TEXT.rstrip(".")) == set()


def test_control_a_receipt_that_stays_leaves_the_text(whole, tmp_path):
    script = (
        (settings.BASE_DIR / "static/js/receipt.js")
        .read_text()
        .replace("form[data-goes-on]", "form[data-none]")
    )
    context = whole()
    context.route(
        "**/js/receipt.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    page = written(context.pages[0])
    press(page, "Send this tip")
    page.wait_for_timeout(WRITES)
    end_as("closed", page, tmp_path)
    assert files_with(tmp_path, TEXT.rstrip(".")) != set()


@pytest.fixture
def picture(tmp_path_factory):
    """Return a picture whose name nothing else has."""
    path = tmp_path_factory.mktemp("pictures") / "quixotic-holdall.png"
    path.write_bytes(pictures.encode(pictures.gradient(), "PNG"))
    return path


def send_picture(page, picture, *, to):
    """Choose a picture, look at the page for as long as a browser takes to write what it keeps, and send it."""
    page.get_by_label("Choose pictures").set_input_files(picture)
    page.wait_for_timeout(WRITES)
    page.get_by_role("button", name="Send pictures").click()
    page.wait_for_url(to)
    expect(page.get_by_role("status").filter(has_text="We have your picture.")).to_be_visible()


@pytest.mark.parametrize("end", ["closed", "left", "killed", "written down"])
def test_no_file_says_where_a_picture_lies_that_followed(whole, picture, tmp_path, end):
    page = written(whole().pages[0])
    send(page)
    send_picture(page, picture, to=OF_TIPS)
    end_as(end, page, tmp_path)
    assert files_with(tmp_path, "/report/receipt/"), "the control: the addresses are there"
    assert files_with(tmp_path, picture.name) == set()


def test_the_next_start_shows_the_words_again_and_sends_no_tip(
    whole,
):
    context = whole()
    page = written(context.pages[0])
    send(page)
    words = all_of(page, ".receipt-card li", 7)
    page.wait_for_timeout(WRITES)
    context.close()
    started = whole("--restore-last-session")
    started.pages[0].wait_for_timeout(WRITES)  # by when it has opened again what was open
    (again,) = [page for page in started.pages if page.url != "about:blank"]
    posted = []
    again.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    again.reload()
    assert all_of(again, ".receipt-card li", 7) == words
    assert [url.partition("/report/")[2] for url in posted] == ["words/"]


def test_it_goes_on_once_and_keeps_still(visit):
    page = typed(visit("/report/"))
    asked = []
    page.on(
        "request", lambda request: request.method == "POST" and asked.append(request.resource_type)
    )
    held = []
    answering(page, held.append)
    press(page, "Send this tip")
    words, title, main = all_of(page, ".receipt-card li", 7), page.title(), page.locator("main")
    expect(main).to_have_attribute(
        "aria-busy", "true"
    )  # so that nobody begins to hear what comes again
    held[0].continue_()
    page.wait_for_url(OF_TIPS)
    assert (all_of(page, ".receipt-card li", 7), page.title()) == (words, title)
    expect(main).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate(
        "[document.activeElement.tagName, scrollY, document.querySelectorAll('h1').length]"
    ) == [
        "BODY",
        0,
        1,
    ]
    page.wait_for_timeout(TIME_TO_ANSWER)
    assert asked == ["document", "fetch", "document"]


REFUSALS = {
    "too many": lambda route: route.fulfill(status=429),
    "server down": lambda route: route.fulfill(status=503),
    "led elsewhere": lambda route: route.fulfill(status=302, headers={"Location": "/report/"}),
    "no network": lambda route: route.abort("internetdisconnected"),
    "never": lambda route: None,
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_where_it_cannot_be_had_the_receipt_stays_and_forgets_on_leaving(visit, refusal):
    page = typed(visit("/report/"))
    page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Weather"))
    answering(page, REFUSALS[refusal])
    press(page, "Send this tip")
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true", timeout=6_000)
    assert page.url.endswith("/report/receipt/")
    assert len(all_of(page, ".receipt-card li", 7)) == 7
    assert not NOTHING.search(page.locator("main").inner_text())
    leave(page)
    assert TEXT not in turn(page, "back", BEGIN)


def test_a_connection_that_ends_in_between_costs_no_words(visit):
    page = typed(visit("/report/"))
    answering(page, lambda route: route.abort("internetdisconnected"), to="document")
    page.get_by_role("button", name="Send this tip").first.click()
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.wait_for_url(OF_TIPS)
    page.unroute(OF_TIPS)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(RECEIVED)
    assert page.url.endswith("/report/words/")


def test_whoever_is_quicker_than_the_answer_is_left_alone(visit):
    page, held = typed(visit("/report/")), list[Route]()
    answering(page, held.append)
    press(page, "Send this tip")
    page.get_by_role("button", name="I have written them down").click()
    with suppress(Error):  # it is not waited for any more
        held[0].continue_()
    page.wait_for_timeout(TIME_TO_ANSWER)
    assert (page.url.rpartition("/report/")[2], page.locator(".receipt-card").count()) == (
        "receipt/",
        0,
    )


def test_exit_is_stronger_than_the_answer(visit):
    page, held, weather = typed(visit("/report/")), list[Route](), list[Route]()
    page.context.route("https://www.bbc.co.uk/**", lambda route: weather.append(route))  # noqa: PLW0108 - it is marked
    answering(page, held.append)
    press(page, "Send this tip")
    for _press in range(3):
        page.keyboard.press("Shift")
    held[0].continue_()
    page.wait_for_timeout(TIME_TO_ANSWER)
    weather[0].fulfill(body="Weather")
    page.wait_for_url("https://www.bbc.co.uk/weather")


@pytest.mark.parametrize("kind", ["suspect", "stale"])
def test_a_sender_whom_we_take_no_pictures_of_goes_on_too(visit, demonstration, kind):
    page = typed(visit("/report/"))
    token = page.locator("[name=token]").first.input_value()
    issued = demonstration.shell(
        "import time_machine; from datetime import timedelta; from reports.domain.intake import receiving\n"
        "with time_machine.travel(timedelta(days=-2)):\n"
        f"    form = receiving.issue(token={token!r})\n"
        "print(form.issued, form.mark)"
    )
    for name, value in zip(("issued", "mark"), issued.split(), strict=True):
        wanted = value if kind == "stale" else "0"
        page.locator(f"#tip [name={name}]").evaluate(
            "(field, value) => { field.value = value; }", wanted
        )
    send(page)
    expect(page.get_by_role("heading", name=CANNOT_ADD)).to_be_visible()
    old = page.get_by_text("The form was open for more than a day.")
    assert (old.count(), len(all_of(page, ".receipt-card li", 7))) == (int(kind == "stale"), 7)


@pytest.mark.parametrize("code", languages.NAMES)
def test_it_stands_in_each_language_with_the_box_for_danger(visit, code):
    say, page = saying(code), visit("/")
    page.goto(f"/{code}/report/")
    page.get_by_label(say("What do you know?")).fill(TEXT)
    page.locator("[name=danger][value=yes]").check()
    press(page, say("Check what you wrote"))
    send(page, say("Send this tip"))
    words = all_of(page, ".receipt-card li", 7)
    assert page.url.endswith(f"/{code}/report/words/")
    expect(page.get_by_role("heading", level=1)).to_have_text(say(RECEIVED))
    expect(page.locator(".urgent h2").get_by_role("link", name="999")).to_be_visible()
    press(page, "English")
    assert (page.url.rpartition(":")[2].partition("/")[2], all_of(page, ".receipt-card li", 7)) == (
        "report/words/",
        words,
    )
    expect(page.locator(".urgent h2").get_by_role("link", name="999")).to_be_visible()


def test_back_from_a_page_that_it_links_to_finds_the_words(
    whole,
):
    page = typed(whole().pages[0])
    send(page)
    words = all_of(page, ".receipt-card li", 7)
    follow(page.get_by_role("link", name="Your messages").first)
    turn(page, "back", RECEIVED)
    assert all_of(page, ".receipt-card li", 7) == words
    assert TEXT not in turn(page, "back", BEGIN)


@contextmanager
def slow_uploads(door, count):
    """Hold so many uploads of pictures that do not end, from as many addresses."""
    head = b"POST /report/photos/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nslow"
    with ExitStack() as stack:
        for number in range(count):
            source = (f"127.0.0.{10 + number}", 0)
            opened = socket.create_connection(
                ("127.0.0.1", door.port), timeout=10, source_address=source
            )
            stack.enter_context(opened).sendall(head)
        yield


@pytest.fixture
def door(demonstration, tmp_path):
    """Put nginx in front of the demonstration, where nobody has used anything up."""
    (tmp_path / "state").symlink_to(demonstration.home.state)
    with nginx(
        Home(tmp_path), application=demonstration.port, static=settings.BASE_DIR / "static"
    ) as door:
        yield door


def test_while_others_send_pictures_slowly_nobody_hears_that_their_tip_is_not_in(whole, door):
    site, page = f"http://127.0.0.1:{door.port}", whole().pages[0]
    with slow_uploads(door, 8):
        assert door.ask("/report/photos/", method="POST").status == 429, "the control"
        typed(page, path=f"{site}/report/")
        send(page)
        words = all_of(page, ".receipt-card li", 7)
        press(page, languages.NAMES["pl"])
        assert (page.url, all_of(page, ".receipt-card li", 7)) == (
            f"{site}/pl/report/words/",
            words,
        )
        assert not NOTHING.search(page.locator("main").inner_text())
