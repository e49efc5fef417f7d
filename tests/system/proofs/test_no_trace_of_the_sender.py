"""Nothing that a sender's machine says about itself is kept: no address, no browser, no page before."""

import time

import pytest

from tests.reports import pictures
from tests.system.harness.home import Home, marker
from tests.system.harness.member import Member
from tests.system.harness.resident import AGED, Page, Resident
from tests.system.harness.server import Server
from tests.system.proofs.broken import FAULT
from tests.system.proofs.hunt import Find
from tests.system.proofs.leftovers import finds_in, listed
from tests.system.proofs.walk import raw, too_large

APP = "tests.system.proofs.broken:fails_on_purpose()"
ADDRESS = "127.0.0.77"  # the sender's own; members come from 127.0.0.1, which is kept for a while
FORWARDED = ("203.0.113.177", "198.51.100.178", "192.0.2.179")  # as proxies write it


def sent(home: Home, *arguments: str, **environment: str) -> tuple[list[Page], set[Find]]:
    """Send a tip and all kinds of trouble from a machine that tells about itself; return pages and what was found."""
    agent, before, language, since = marker(), marker(), marker(), time.time()
    first, second, third = FORWARDED
    headers = {
        "X-Forwarded-For": f"{first}, {second}",
        "X-Real-IP": second,
        "Forwarded": f"for={third}",
        "User-Agent": f"Mozilla/5.0 {agent}",
        "Referer": f"https://elsewhere.example/{before}",
        "Accept-Language": f"en, x-{language}",
    }
    with Server(home, *arguments, app=APP, **environment) as server:
        resident = Resident(server.port, source=ADDRESS, headers=headers)
        pages = talked(resident)
        raw(server.port, f"GET /report/ HTTP/1.1\r\nno colon {agent}\r\n\r\n", source=ADDRESS)
        member = Member(server.port, home.desk)
        member.open_desk()
        assert [member.get(address).status for address in member.tips()] == [200]
    told = {"address": ADDRESS, "forwarded": FORWARDED, "browser": agent, "page before": before, "language": language}
    return pages, finds_in(home, told, since=since)


def talked(resident: Resident) -> list[Page]:
    """Send a tip with a picture, and what is refused, too large, nowhere or makes our own code fail."""
    form = resident.open_form()
    time.sleep(AGED)  # a form sent sooner is offered no pictures
    page = resident.tell({"what": "a grey van"}, form=form)
    return [
        page,
        resident.show(page, [("one.jpg", pictures.telling_jpeg("one")), ("two.jpg", b"not a picture")]),
        resident.send(resident.start({"what": "a fault", "when": FAULT})),
        resident.get("/nowhere/"),
        resident.post("/report/check/", {"what": too_large("too large ")}),
        resident.ask("GET", "/report/", headers={"Host": "elsewhere.example"}),
        resident.get("/admin/"),
        (mailbox := resident.open_mailbox(page.words)),
        resident.answer(mailbox, "at night"),
        resident.open_mailbox("seven wrong words"),
    ]


@pytest.mark.proof("sender", "No address, browser or page before of a sender is in any log or file", goal="0 finds")
def test_nothing_of_the_sender_is_kept(home: Home) -> None:
    pages, finds = sent(home)
    assert [page.status for page in pages] == [200, 200, 500, 404, 413, 400, 302, 200, 200, 200]
    assert not finds, f"{len(finds)} finds:\n{listed(finds)}"
    assert [page.cookies for page in pages] == [()] * len(pages), "the sender's browser was given something to keep"


@pytest.mark.proof("sender", control=True)
def test_with_stock_logging_the_same_hunt_finds_the_sender(home: Home) -> None:
    _, finds = sent(home, "--access-logfile", "-", DJANGO_SETTINGS_MODULE="tests.system.proofs.stock_settings")
    assert {find.secret for find in finds} == {"address", "forwarded", "browser", "page before", "language"}, listed(
        finds
    )
    assert {find.place for find in finds} == {str(home.log)}
