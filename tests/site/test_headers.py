"""Every answer to everybody: the whole list of headers, and on the public side no cookie or third party."""

import re
from dataclasses import replace

import pytest

from newsroom.edition import headers
from tests.site.conftest import everybody
from tests.site.walk import NOBODY, STATES, TEAM_LEAD

KEEPABLE = {
    "Cache-Control",
    "Cross-Origin-Resource-Policy",
}  # stories and feeds may be kept, and shown, by everybody
LOADING = r"<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?(?:src|srcset|data)=\"([^\"]*)\""
LINKING = r"<link\b[^>]*rel=\"(?:stylesheet|icon|preload|preconnect|dns-prefetch)[^\"]*\"[^>]*href=\"([^\"]*)\""
LOADED = (re.compile(LOADING), re.compile(LINKING))


def wrong(answer):
    """Return what is wrong with an answer."""
    wanted = headers.every(https=False)
    if answer.url.startswith("/admin/"):
        wanted |= {"Cache-Control": "no-store"}
        found = [
            name for name, value in wanted.items() if value not in answer.headers.get(name, "")
        ]
    else:
        found = [
            name
            for name, value in wanted.items()
            if name not in KEEPABLE and answer.headers.get(name) != value
        ]
        found += [name for name in KEEPABLE if not answer.headers.get(name)]
        found += [f"cookie {cookie}" for cookie in answer.cookies]
    loaded = [
        address for part in LOADED for address in part.findall(answer.body.decode(errors="replace"))
    ]
    found += [one for one in loaded if one.startswith("//") or not one.startswith(("/", "data:"))]
    return found


@pytest.mark.parametrize(("role", "state"), everybody("nobody", *STATES))
@pytest.mark.proof(
    "headers", goal="every address, role, method and status; 0 cookies, 0 third parties"
)
def test_every_answer_has_every_header_and_nothing_of_a_third_party(
    role, state, walked, record_property
):
    """Every answer to everybody has the whole list of headers; the public side has no cookie and no third party."""
    answers = walked(role, state)
    found = {str(answer): said for answer in answers if (said := wrong(answer))}
    statuses = sorted({answer.status for answer in answers})
    record_property(
        "figure", f"{role} {state}: {len(answers)} answers with {statuses}, {len(found)} wrong"
    )
    assert found == {}


def test_public_answers_have_every_status(walked):
    answers = [answer for answer in walked(*NOBODY) if not answer.name]
    assert {200, 301, 404, 405} <= {answer.status for answer in answers}
    urdu = {
        answer.url: answer.status
        for answer in answers
        if b'<html lang="ur" dir="rtl">' in answer.body
    }
    assert (urdu["/ur/report/"], urdu["/ur/about/privacy/"]) == (200, 200)


def test_every_cookie_of_the_desk_is_for_the_desk_alone(walked):
    cookies = {
        cookie
        for who in (TEAM_LEAD, NOBODY)
        for answer in walked(*who)
        for cookie in answer.cookies
    }
    ours = ("HttpOnly", "Path=/admin/", "SameSite=Strict")
    assert [
        cookie
        for cookie in cookies
        if "Max-Age=0" not in cookie and not all(part in cookie for part in ours)
    ] == []
    assert {cookie.partition("=")[0] for cookie in cookies} == {"staff", "staff-form"}


@pytest.mark.proof("headers", control=True)
def test_an_answer_without_a_header_is_found(walked):
    answer = walked(*TEAM_LEAD)[0]
    bare = replace(answer, headers={})
    assert {"X-Frame-Options", "Cache-Control", "Content-Security-Policy"} <= set(wrong(bare))
    assert wrong(answer) == []


@pytest.mark.proof("headers", control=True)
def test_control_a_page_with_a_cookie_and_a_strangers_picture_is_caught(walked):
    page = next(answer for answer in walked(*NOBODY) if not answer.name)
    picture = b'<img alt="" src="https://elsewhere.example/x.png">'
    caught = wrong(replace(page, cookies=("seen=1",), body=picture))
    assert caught == ["cookie seen=1", "https://elsewhere.example/x.png"]
