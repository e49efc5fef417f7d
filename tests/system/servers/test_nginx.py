"""What nginx answers by itself, what it leaves to the application as it was asked for, and slow clients."""

import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import settings
from PIL import Image

from core import catalogues
from core.responses import OF_PICTURES
from newsroom.edition import headers
from tests.reports import pictures
from tests.system.harness.homes import Home
from tests.system.harness.resident import AGED, SENT, Resident
from tests.system.harness.server import Server, free_port
from tests.system.servers.doors import nginx

OWN = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
}
OF_PAGES = {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
KEPT = "public, max-age=31536000, immutable"
ITSELF = [  # what nginx answers by itself: the address, the status, and what differs from the list
    ("/news/a-story/", 200, OF_PAGES | {"Content-Type": "text/html; charset=utf-8"}),
    ("/feed/", 200, OF_PAGES | {"Content-Type": "application/atom+xml; charset=utf-8"}),
    ("/static/site.css", 200, {"Cache-Control": KEPT}),
    ("/static/js/receipt.0a1b.js", 200, {"Cache-Control": "no-store"}),
    ("/static/none.css", 404, {}),
    ("/media/images/a/b.jpg", 200, {"Cache-Control": KEPT} | OF_PICTURES),
    ("/media/images/a/none.jpg", 404, OF_PICTURES),
    (f"/search/?q={'x' * 9000}", 414, OWN),
    ("/%zz", 400, OWN),
]


def differing(said, own):
    """Return the headers of the list that an answer has otherwise."""
    wanted = headers.every(https=False) | own
    return {
        name: said.fields.get(name)
        for name, value in wanted.items()
        if said.fields.get(name) != value
    }


@pytest.mark.parametrize(("address", "status", "own"), ITSELF, ids=lambda value: str(value)[:30])
def test_what_nginx_answers_by_itself_has_every_header(door, address, status, own):
    said = door.ask(address)
    assert (said.status, differing(said, own)) == (status, {})
    assert status != 414 or b"try again with fewer words" in said.body


def test_what_nginx_says_while_the_application_is_down_has_every_header(machine, tmp_path):
    (tmp_path / "state").symlink_to(machine.state)
    with nginx(Home(tmp_path), application=free_port()) as door:
        said = door.ask("/report/")
    assert (said.status, said.fields["Retry-After"], differing(said, OWN)) == (503, "60", {})
    assert set(differing(said, {"X-New": "yes"})) == {
        "X-New",
        "Content-Security-Policy",
    }  # the control


@pytest.mark.parametrize("address", ["/report/words/", "/ur/report/words/"])
@pytest.mark.parametrize("fault", ["the application is down", "too many ask"])
def test_who_asks_for_the_words_again_is_never_told_that_nothing_came(
    machine, tmp_path, address, fault
):
    (tmp_path / "state").symlink_to(machine.state)

    def refusing(text):
        before, words, after = text.partition("report/words/$ {\n")
        return f"{before}{words}return 429;{after}" if fault == "too many ask" else text

    with nginx(Home(tmp_path), application=free_port(), changed=refusing) as door:
        said, other = door.ask(address, method="POST"), door.ask("/report/check/", method="POST")
    assert (said.status, said.fields["Retry-After"], differing(said, OWN)) == (503, "60", {})
    assert b"We have your tip" in said.body
    assert (b"not received" in said.body, b"not received" in other.body) == (False, True)


@pytest.mark.parametrize(
    "address",
    ["/news/%C3%A9%20x/?a=b%20c&page=9", "/news/x.html", "/news?page=7", "//news//a-story", "/.x/"],
)
def test_the_application_gets_the_address_as_the_reader_sent_it(door, address):
    assert door.ask(address).body.decode() == f"GET {address}"


def test_what_is_sent_to_a_page_and_a_long_address_go_to_the_application(door):
    assert door.ask("/news/a-story/", method="POST").body == b"POST /news/a-story/"
    assert door.ask("/news/a-story/").body == b"a story " * 100
    assert door.ask(f"/search/?q={'x' * 5000}").body.startswith(b"GET /search/?q=x")


def test_a_long_tip_and_a_large_picture_go_in_at_the_address_of_a_language(home):
    catalogues.write(
        ["ur"], place=home.state / "place", texts=(), to=home.state / "languages", demo=True
    )
    long, picture = (
        {"what": "ظ" * 10_000},
        ("photos", "a.png", noise()),
    )  # in a form each such letter is six bytes
    with Server(home, DEMO="1") as server, nginx(home, application=server.port) as door:
        resident = Resident(door.port)
        form = resident.get("/ur/report/").form("/ur/report/check/").fields | long
        time.sleep(AGED)
        assert long["what"] in resident.post("/ur/report/", form | {"change": ""}).text
        check = resident.post("/ur/report/check/", form)
        receipt = resident.post("/ur/report/receipt/", check.form("/ur/report/receipt/").fields)
        assert len(receipt.words.split()) == 7
        shown = resident.post(
            "/ur/report/photos/", receipt.form("/ur/report/photos/").fields, [picture]
        )
        assert (shown.status, SENT in shown.text) == (200, True)
        # The controls: where nobody sends anything, and where nobody sends pictures.
        assert [resident.post(path, form).status for path in ("/ur/about/privacy/", "/ur/")] == [
            413,
            413,
        ]
        assert resident.post("/ur/report/check/", form, [picture]).status == 413


def noise():
    """Return a picture of three megabytes, which no form but those of pictures takes."""
    return pictures.encode(Image.frombytes("RGB", (1000, 1000), os.urandom(3_000_000)), "PNG")


@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: 4\r\nContent-Length: 40",
        "Content-Length: -1",
        "Content-Length : 4",
    ],
)
def test_a_request_of_two_lengths_hides_no_second_one(door, lengths):
    hidden = "0\r\n\r\nGET /admin/ HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as connection:
        connection.sendall(
            f"POST /report/ HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n{hidden}".encode()
        )
        connection.shutdown(socket.SHUT_WR)
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"GET /admin/" not in said


def test_what_is_not_typing_has_the_strict_limit():
    text = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    (typing,) = re.findall(r"location ~ (\^/admin/\S+) {\s+limit_req zone=typing", text)
    acts = [
        "login/",
        "login/passkey/",
        "unlock/",
        "draft/stay/",
        "draft/discard/",
        "reports/tip/7/save/",
        "draft/x",
    ]
    assert not [act for act in acts if re.search(typing, f"/admin/{act}")]
    assert (
        "limit_req zone=signing burst=60 delay=30;"
        in text.partition("location /admin/ {")[2].partition("}")[0]
    )


def test_the_typing_of_an_office_does_not_use_up_what_its_saving_needs(serving):
    door = serving()
    typing = [
        "/admin/draft/",
        "/admin/newsroom/article/7/keep/",
        "/admin/newsroom/article/7/look/",
    ] * 34
    with ThreadPoolExecutor(len(typing)) as office:
        kept = list(office.map(lambda address: door.ask(address, method="POST").status, typing))
    assert set(kept) == {200}
    assert door.ask("/admin/reports/tip/7/save/", method="POST").status == 200


def test_one_address_has_two_uploads_on_their_way_and_no_third(serving):
    door = serving()
    head = b"POST /report/photos/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nslow"
    with ExitStack() as open_until_the_end:
        for _ in range(3):
            upload = socket.create_connection(("127.0.0.1", door.port), timeout=30)
            open_until_the_end.enter_context(upload).sendall(head)
        assert upload.recv(12) == b"HTTP/1.1 429"
        said = door.ask("/report/photos/", method="POST")
    assert (said.status, said.fields["Retry-After"], differing(said, OWN)) == (429, "60", {})
    assert b"We have your tip" in said.body


def test_slow_pictures_of_one_address_keep_no_editor_from_sending_one(serving):
    door = serving()
    head = b"POST /admin/newsroom/image/add/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nslow"
    with ExitStack() as open_until_the_end:
        for _ in range(4):
            upload = socket.create_connection(
                ("127.0.0.1", door.port), timeout=30, source_address=("127.0.0.2", 0)
            )
            open_until_the_end.enter_context(upload).sendall(head)
        assert upload.recv(12) == b"HTTP/1.1 429", "one for each visitor"
        assert door.ask("/admin/newsroom/image/add/", method="POST").status == 200


SLOW = 500


@contextmanager
def slow_clients(port, request, *, sources):
    """Hold requests that never end, from so many addresses of this doors."""
    with ExitStack() as stack:
        for number in range(SLOW):
            source = (f"127.0.0.{1 + number % sources}", 0)
            opened = socket.create_connection(
                ("127.0.0.1", port), timeout=10, source_address=source
            )
            stack.enter_context(opened).sendall(request)
        yield


BODY = b"POST /report/check/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000\r\n\r\nwhat=slow"
REQUESTS = {"head": b"POST /report/check/ HTTP/1.1\r\nHost: 127", "body": BODY}


def honest(door):
    """Return what somebody at the first of these addresses is answered meanwhile."""
    asked = [
        ("/report/", "GET"),
        ("/report/check/", "POST"),
        ("/report/receipt/", "POST"),
        ("/mailbox/", "POST"),
    ] * 5
    return [door.ask(address, method=method).status for address, method in asked]


@pytest.mark.parametrize("sources", [1, 50])
@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.proof("slow clients", goal="every honest request served")
def test_five_hundred_slow_clients_cost_nobody_anything_at_their_own_address_either(
    serving, record_property, request_, sources
):
    """Behind nginx five hundred slow clients cost nobody anything, from one address or from many."""
    door = serving()
    with slow_clients(door.port, REQUESTS[request_], sources=sources):
        answers = honest(door)
    record_property(
        "figure",
        f"{SLOW} slow {request_} from {sources}: {answers.count(200)} of {len(answers)} served",
    )
    assert set(answers) == {200}


@pytest.mark.proof("slow clients", control=True)
def test_control_with_a_hundred_places_an_address_slow_clients_shut_others_out(
    serving,
):
    door = serving(
        changed=lambda text: text.replace("limit_conn open 600;", "limit_conn open 100;")
    )
    with slow_clients(door.port, BODY, sources=1):
        assert set(honest(door)) == {429}
