"""What the public pages of a tip never do, and what they show to whom."""

import gzip
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse

from config.static_files import with_imports
from reports.domain.intake import outbox
from reports.models import Tip
from reports.views import submit
from tests.reports.markup import Page, assert_wired, hidden, slip
from tests.reports.views.conftest import stored

APPEAL = {"title": "Twelve warrants", "prompt": "Did you see <b>cars</b>?", "open": True}
FIRST_VIEW = 14 * 1024  # bytes, compressed


def every_page(client):
    """Visit every page of the way, with and without errors."""
    yield client.get("/report/?appeal=story")
    yield client.head("/report/")
    yield client.post("/report/", {"what": "A van", "change": "place"})
    yield client.post("/report/check/", {"what": ""})
    check = client.post(
        "/report/check/", slip(client, "?appeal=story") | {"what": "A van", "danger": "yes"}
    )
    yield check
    yield client.post(
        "/report/receipt/", hidden(check), headers={"Origin": "http://elsewhere.example"}
    )
    yield client.post("/report/receipt/", hidden(check))
    yield client.post("/report/words/", hidden(check))
    yield client.post("/report/photos/", hidden(check))
    yield client.get("/report/receipt/")
    yield client.get("/report/exit/?appeal=story")
    yield client.get("/report/languages/?appeal=story")
    yield client.put("/report/")


@pytest.mark.promise("sender")
def test_no_page_sets_a_cookie_or_is_kept(client, key_file, form_json):
    """No page of the form sets a cookie or may be kept by a browser."""
    form_json(story=APPEAL)
    client.cookies[settings.SESSION_COOKIE_NAME] = "s" * 32
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    seen = []
    for response in every_page(client):
        seen.append(response.status_code)
        assert response.cookies == {}
        assert response["Cache-Control"] == "no-store"
        assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert seen == [200, 200, 200, 200, 200, 200, 200, 200, 200, 302, 200, 200, 405]


@pytest.mark.promise("sender")
def test_no_page_asks_the_database(
    client,
    key_file,
    form_json,
    monkeypatch,
):
    """No page of the form asks the database.

    The tip is received while every use of the database fails, a stale staff cookie and an appeal included.
    """

    def fail(*args, **kwargs):
        raise AssertionError("the database was asked")

    for name in ("connect", "ensure_connection", "cursor", "_cursor"):
        monkeypatch.setattr(BaseDatabaseWrapper, name, fail)
    with pytest.raises(
        (AssertionError, RuntimeError)
    ):  # the control: this is what asking looks like
        Tip.objects.count()
    form_json(story=APPEAL)
    client.cookies[settings.SESSION_COOKIE_NAME] = "s" * 32
    assert [response.status_code for response in every_page(client)][:9] == [200] * 9
    assert len(outbox.waiting()) == 1


def test_every_page_is_wired_and_can_be_left_at_once(client, key_file):
    for response in list(every_page(client))[:9]:
        if not response.content:
            continue  # HEAD
        page = Page(response.text)
        assert_wired(page)
        first = page.all("a", "button", "input", "textarea")[0]
        assert (first["href"], first["rel"]) == (
            "https://www.bbc.co.uk/weather",
            "nofollow noreferrer",
        )
        assert "target" not in first


def test_no_title_says_what_the_page_is_about(client, key_file):
    for response in list(every_page(client))[:9]:
        title = response.text.partition("<title>")[2].partition("</title>")[0]
        assert re.findall("drug|dealing|crime|tip|report|police", title.lower()) == []


def test_form_shows_the_numbers_to_call_first_and_explains_the_exit_once(client):
    text = client.get("/report/").text
    start = text[: text.index("<form")]
    for number in ("999", "101", "0800555111"):
        assert f'href="tel:{number}"' in start
    assert text.count("It does not erase your browser’s history.") == 1
    assert text.index("It does not erase") < text.index("Check what you wrote"), "above the button"
    assert "Childline" in text
    assert 'href="tel:08001111"' in text


def test_how_to_leave_says_what_a_browser_may_keep(client):
    text = " ".join(client.get("/report/exit/").text.split())
    assert (
        "If your connection is slow or fails when you press Send, your browser may keep what you wrote"
        in text
    )
    assert (
        "If you close your browser, or it crashes, while it shows your seven words, it may show them again"
        in text
    )


def test_form_gives_each_visitor_a_token_of_their_own_on_the_same_page(client):
    first, second = client.get("/report/"), client.get("/report/")
    fields, others = hidden(first), hidden(second)
    assert fields["token"] != others["token"]
    same = (
        first.text.replace(fields["token"], "T")
        .replace(fields["mark"], "M")
        .replace(fields["issued"], "I")
    )
    assert same == second.text.replace(others["token"], "T").replace(others["mark"], "M").replace(
        others["issued"], "I"
    )
    assert not [gap for gap in submit.GAPS if gap and gap in first.text]


def test_form_is_packed_for_those_who_take_it_and_its_first_view_is_small(client):
    plain, packed = (
        client.get("/report/"),
        client.get("/report/", headers={"Accept-Encoding": "gzip, br"}),
    )
    assert packed["Content-Encoding"] == "gzip"
    assert not plain.has_header("Content-Encoding")
    unpacked = HttpResponse(gzip.decompress(packed.content))
    assert hidden(unpacked).keys() == hidden(plain).keys()
    assert hidden(unpacked)["token"] != hidden(plain)["token"]
    assert len(unpacked.content) == len(plain.content)
    linked = [
        path for path in ("css/site.css", "css/report.css", "js/exit.js") if path in plain.text
    ]
    files = [
        gzip.compress(with_imports((settings.BASE_DIR / "static" / path).read_bytes()))
        for path in linked
    ]
    assert len(files) == 3
    assert len(packed.content) + sum(map(len, files)) < FIRST_VIEW


def test_form_shell_is_rendered_once_and_again_when_the_form_changes(client, form_json):
    submit._shell.cache_clear()
    form_json(story=APPEAL)
    for query in ("?appeal=story", "?appeal=story", "", "?appeal=unknown", "?appeal=other"):
        client.get(f"/report/{query}")
    assert submit._shell.cache_info().misses == 2
    form_json(story=APPEAL | {"prompt": "Something new"})
    assert "Something new" in client.get("/report/?appeal=story").text
    assert submit._shell.cache_info().maxsize == 64


def test_form_shows_the_appeal_and_the_tip_carries_its_key(client, key_file, form_json):
    form_json(story=APPEAL)
    form = client.get("/report/?appeal=story")
    assert "Twelve warrants" in form.text
    assert "Did you see &lt;b&gt;cars&lt;/b&gt;?" in form.text
    check = client.post("/report/check/", hidden(form) | {"what": "A van"})
    assert "Twelve warrants" in client.post("/report/", hidden(check)).text
    client.post("/report/receipt/", hidden(check))
    assert [bundle.content["answers"] for bundle in stored(key_file)] == [
        {"what": "A van", "appeal": "story"}
    ]


def test_form_shows_what_the_appeal_asks(client, form_json):
    form_json(
        story=APPEAL | {"questions": ["Which <i>van</i> came?", "What was on fire?"]}, other=APPEAL
    )
    asked = client.get("/report/?appeal=story").text
    assert re.search(
        r"<li>Which &lt;i&gt;van&lt;/i&gt; came\?</li>\s*<li>What was on fire\?</li>", asked
    )
    assert asked.index("We would like to know") < asked.index("<form")
    for plain in (client.get("/report/?appeal=other").text, client.get("/report/").text):
        assert "We would like to know" not in plain


@pytest.mark.parametrize("key", ["gone", "closed", "<script>", ""])
def test_form_of_an_unknown_or_closed_appeal_is_plain(client, key_file, form_json, key):
    form_json(closed=APPEAL | {"open": False})
    fields = slip(client, f"?appeal={key}")
    assert fields["appeal"] == ""
    client.post("/report/receipt/", fields | {"what": "A van", "appeal": key})
    assert [bundle.content["answers"] for bundle in stored(key_file)] == [{"what": "A van"}]


def test_line_that_nobody_watches_says_so_and_still_takes_tips(client, form_json):
    assert "We have not read any tips" not in client.get("/report/").text
    form_json("unwatched")
    text = client.get("/report/").text
    assert text.index("We have not read any tips for several days.") < text.index("<form")
    assert "<form" in text


def test_line_that_is_closed_has_no_form_and_gives_back_what_was_written(
    client, key_file, form_json
):
    form_json("closed")
    page = client.get("/report/?appeal=story").text
    assert "<h1>We are not taking tips now</h1>" in page
    assert "<form" not in page
    assert all(
        f'href="tel:{number}"' in page
        for number in ("999", "101", "0800555111", "08001111", "08088005000")
    )
    for url in ("/report/", "/report/check/", "/report/receipt/"):
        text = client.post(url, {"what": "A <van>", "area": "olney"}).text
        assert '<p class="answer" dir="auto">A &lt;van&gt;</p>' in text
        assert '<p class="answer" dir="auto">Olney</p>' in text
    assert outbox.waiting() == []


def test_trap_and_haste_refuse_nothing_but_pictures(
    client,
    key_file,
    wait,
    time_machine,
):
    time_machine.move_to(None, tick=False)  # until `wait`, however slow the machine
    fields = slip(client) | {"what": "A van", "website": "http://spam.example"}
    trap = Page(client.get("/report/").text).by_id("website")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    hasty = client.post("/report/receipt/", fields)
    wait()
    assert "Our spam check could not confirm this message" in hasty.text
    trapped = client.post("/report/receipt/", fields | {"what": "Another van"})
    person = client.post("/report/receipt/", fields | {"what": "A third van", "website": ""})
    assert ["id_photos" in response.text for response in (hasty, trapped, person)] == [
        False,
        False,
        True,
    ]
    suspects = {
        bundle.content["answers"]["what"]: bundle.content["suspect"] for bundle in stored(key_file)
    }
    assert suspects == {
        "A van": ["filled-trap", "too-fast"],
        "Another van": ["filled-trap"],
        "A third van": [],
    }


def test_form_that_was_open_for_more_than_a_day_says_why_it_takes_no_pictures(
    client, key_file, time_machine
):
    fields = slip(client)
    time_machine.move_to(timedelta(hours=25))
    text = client.post("/report/receipt/", fields | {"what": "A van"}).text
    assert "The form was open for more than a day. We take pictures only with a newer form." in text
    assert "We have your tip" in text
    assert "id_photos" not in text


def test_what_explains_the_exit_leads_on_to_the_form_with_the_appeal(client, form_json):
    form_json(story=APPEAL)
    for key, team_leads in (
        ("story", "/report/?appeal=story"),
        ("gone", "/report/"),
        ("<b>", "/report/"),
    ):
        page = Page(client.get(f"/report/exit/?appeal={key}").text)
        assert team_leads in [attrs["href"] for attrs in page.all("a")]
    assert "The button does not erase your browser’s history." in client.get("/report/exit/").text
