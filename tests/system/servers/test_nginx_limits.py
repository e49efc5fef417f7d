"""What one visitor can take from the others at nginx, and what nginx says of them to its log: nothing."""

import http.client
import re
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import override

import pytest
from django.conf import settings

from tests.newsroom.edition.asking import Said
from tests.system.servers.application import Echo
from tests.system.servers.doors import until

pytestmark = pytest.mark.proof("one visitor")


PLACES = 64
NAMED = "set_real_ip_from 127.0.0.1; real_ip_header X-As;"  # visitors say who they are, as no stranger can


class Told(Echo):
    """Answers at once with the length that it was told, or with 14 MB."""

    @override
    def do_POST(self):
        """Answer."""
        length = self.headers["Content-Length"].encode()
        if self.path == "/mailbox/":
            self.rfile.read(int(length))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"&quot;" * 2_400_000 if self.path == "/mailbox/" else length)


def begin(door, address, *, length, who="", body=b""):
    """Begin to post something."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.settimeout(30)
    opened.connect(("127.0.0.1", door.port))
    named = f"X-As: {who}\r\n" if who else ""
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{named}Content-Length: {length}\r\n\r\n"
    opened.sendall(head.encode() + body)
    return opened


def status(opened):
    """Return what is answered, once it is."""
    return opened.recv(12)[9:].decode()


def silent(begun, *, for_=0.0):
    """Return whether none of these has been answered, or is for so many seconds."""
    return select.select(begun, [], [], for_)[0] == []


def take_places(door, held, stack):
    """Hold heads without an end in all places that nginx has; some it closes, for those that come after them."""
    held[:] = [one for one in held if is_open(one)]
    for _ in range(PLACES - len(held)):
        held.append(
            stack.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=5))
        )
        with suppress(OSError):
            held[-1].sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")


def is_open(held):
    """Return whether nginx has not closed it."""
    held.setblocking(False)
    try:
        return held.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize(
    "told", [True, False], ids=["as it is", "control: with the line of every request"]
)
def test_where_no_place_is_left_the_log_says_nothing_of_who_asks_for_what(serving, tmp_path, told):
    def small(text):
        text = text.replace("worker_connections 8192", f"worker_connections {PLACES}")
        return text if told else re.sub(r"    error_log \S+ emerg;\n", "", text)

    door, answers, held = serving(changed=small), list[Said](), list[socket.socket]()

    def ask():
        """Return what somebody is answered, 0 for nothing."""
        try:
            answers.append(door.ask("/report/receipt/?secret=typed", method="POST"))
        except (OSError, http.client.HTTPException):
            return 0
        return answers[-1].status

    def full():
        """Return whether the first whom nginx has a place for is told that there is none to pass it on."""
        take_places(door, held, stack)
        while (answer := ask()) == 0:
            held.pop().close()
        return answer == 503

    def free():
        held.pop().close()
        return ask() == 200

    with ExitStack() as stack:
        until(full, what="no place")
        until(free, what="a place")
    log = (tmp_path / "nginx" / "error.log").read_text()
    assert ("secret" in log, "client: " in log) == ((False, False) if told else (True, True))
    assert {one.status for one in answers} == {200, 503}
    assert all(
        b"assume that we have not received it" in one.body for one in answers if one.status == 503
    )


SAME_LINE = [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2:a:b:c:d"),
    ("2001:db8::1", "2001:db8::2:3", "2001:db8::a:b:c:d"),
    ("2001:db8:1::1", "2001:db8:1::2:3", "2001:db8:1::b:c:d"),
    ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
]
OTHERS = [
    ("2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"),
    ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    (
        "fc00:dead:beef:4dad::1",
        "fc00:dead:beef:4dad::2",
        "fc00:dead:beef:4dad::3",
    ),  # of Tor: each is a circuit
]


@pytest.mark.parametrize(
    ("three", "more"), [*((one, 0) for one in SAME_LINE), *((one, 2) for one in OTHERS)]
)
def test_a_line_counts_as_one_visitor_however_many_addresses_it_has(serving, three, more):
    """Of one line the third is refused; of three lines the last one's own third."""
    door = serving(extra=NAMED)
    with ExitStack() as stack:
        begun = [
            stack.enter_context(begin(door, "/report/photos/", length=100_000, who=who))
            for who in ("198.51.100.7", *three, *[three[-1]] * more)
        ]
        assert status(begun.pop()) == "429"
        assert silent(begun)


@pytest.mark.parametrize(
    "address", ["/report/", "/admin/../admin/login/", "/report/photos/../../x/", "/x/", "/search/"]
)
def test_of_a_body_that_is_too_large_the_application_hears_the_length_alone(serving, address):
    """nginx judges the path as it reads it, the application as it was sent: one may allow what the other does not."""
    door = serving(Told)
    with begin(door, address, length=50_000_000) as opened:
        answer = opened.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"999999999" in answer
    assert int(b"999999999") > settings.PHOTO_READ_LIMIT


def test_strangers_take_little_room_and_only_where_pictures_are_put(serving, tmp_path):
    """What does not fit into memory lies in /run, where unlocked desks keep a file."""
    door, spooled = serving(Told, extra=NAMED), tmp_path / "nginx" / "temporary-body"
    with ExitStack() as stack:

        def large(address, who, length):
            sent = stack.enter_context(
                begin(door, address, length=length, who=who, body=b"x" * 2**21)
            )
            door.ask("/report/")  # by when nginx has looked at it
            return sent

        assert silent(
            [large("/admin/login/", "192.0.2.1", settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 9)]
        )
        assert in_folder(spooled) == 0
        assert (
            status(large("/admin/login/", "192.0.2.1", 30_000_000)) == "200"
        )  # what the application says of it
        for number in range(4):
            assert silent([large("/admin/newsroom/image/add/", f"192.0.2.{number}", 30_000_000)])
        assert status(large("/admin/newsroom/image/add/", "192.0.2.9", 30_000_000)) == "429"
        assert in_folder(spooled) == 4
        assert (
            door.ask("/admin/newsroom/article/add/", method="POST", X_As="192.0.2.9").status == 200
        )


def in_folder(folder):
    """Return how many files of a folder programs hold open, though their names are gone."""
    there = 0
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            there += descriptor.readlink().parent == folder
    return there


def frame(kind, stream, payload, *, flags=0):
    """Return a frame of HTTP/2 (RFC 9113, section 4.1)."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def answered(door, address, *, method, count):
    """Begin so many requests with a body of no length in one connection, and return how many are answered before it."""
    fields = {":method": method, ":scheme": "http", ":authority": "127.0.0.1", ":path": address}
    block = b"".join(
        b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        for name, value in fields.items()
    )
    with socket.create_connection(("127.0.0.1", door.port), timeout=30) as opened:
        opened.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, b""))
        for number in range(count):
            opened.sendall(
                frame(1, 2 * number + 1, block, flags=4)
            )  # its headers, all of them; no end of the stream
        said, streams = b"", set[int]()
        while more := opened.recv(65536):
            said += more
            while len(said) >= 9 + int.from_bytes(said[:3]):
                size, kind, stream = int.from_bytes(said[:3]), said[3], int.from_bytes(said[5:9])
                streams |= {stream} if kind == 1 else set()
                said = said[9 + size :]
            if silent([opened], for_=0.5):  # more of them come at once, or none
                break
    return len(streams)


@pytest.mark.parametrize(
    ("method", "address", "most"),
    [("POST", "/report/", 16), ("POST", "/admin/login/", 16), ("GET", "/mailbox/", 40)],
)
def test_a_body_without_a_length_which_http_2_allows_is_counted(serving, method, address, most):
    door = serving(changed=lambda text: text.replace("charset utf-8;", "http2 on;"))
    assert answered(door, address, method=method, count=most + 4) == 4


def test_who_does_not_read_long_answers_holds_few_threads(serving):
    door, length = serving(Told), 20_000
    with ExitStack() as stack:
        begun = [
            stack.enter_context(begin(door, "/mailbox/", length=length, body=b'"' * length))
            for _ in range(20)
        ]
        answers = [status(one) for one in begun]
        assert 0 < answers.count("200") <= 16
        assert answers.count("429") == 20 - answers.count("200")
        assert door.ask("/report/").status == 200


@pytest.mark.proof("one visitor", goal="0 refused beside them; 0 lines of them in a log")
@pytest.mark.parametrize(
    ("address", "length"),
    [("/search/?q=van", 0), ("/no/such/page/", 0), ("/report/check/", 10_000)],
)
def test_many_questions_or_long_bodies_of_one_visitor_are_slowed_down_and_refused(
    serving, address, length
):
    """However many requests, connections or addresses of a line one visitor has, others have their places."""
    door = serving()
    with ThreadPoolExecutor(250) as many:
        answers = set(many.map(lambda _number: answer(door, address, b"x" * length), range(250)))
    refused = {one for one in answers if one.startswith(b"HTTP/1.1 429")}
    assert refused
    assert all(b"Retry-After: 60" in one and b"X-Frame-Options" in one for one in refused)
    assert door.ask("/report/").status == 200


def answer(door, address, body):
    """Return the head that somebody is answered within a second."""
    with (
        socket.create_connection(("127.0.0.1", door.port), timeout=1) as opened,
        suppress(TimeoutError),
    ):
        head = (
            f"{'POST' if body else 'GET'} {address} HTTP/1.1\r\nHost: "
            f"127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        opened.sendall(head.encode() + body)
        return opened.recv(4096)
    return b""
