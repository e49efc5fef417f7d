"""What one visitor can take from the others at nginx, and what nginx says of them to its log: nothing."""

import http.client
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, override

import pytest
from django.conf import settings

from newsroom.edition.storage import Manifest
from tests.newsroom.edition.asking import Said
from tests.newsroom.edition.standin import Newsroom
from tests.system.harness.home import Home
from tests.system.servers import doors
from tests.system.servers.doors import Door, nginx
from tests.system.servers.test_nginx import Application, Echo

pytestmark = pytest.mark.proof(
    "one visitor",
    "However many requests, connections or addresses of a line one visitor has, others have their places",
    goal="0 refused beside them; 0 lines of them in a log",
)


PLACES = 64
NAMED = "set_real_ip_from 127.0.0.1; real_ip_header X-As;"  # visitors say who they are, as no stranger can


class Told(Echo):
    """Answers at once with the length that it was told, or with 14 MB; counts whom it has not answered yet."""

    busy = 0

    @override
    def do_POST(self) -> None:
        """Answer."""
        length = self.headers["Content-Length"].encode()
        if self.path == "/mailbox/":
            self.rfile.read(int(length))
        type(self).busy += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"&quot;" * 2_400_000 if self.path == "/mailbox/" else length)
        type(self).busy -= 1


type Serving = Callable[..., Door]


@pytest.fixture
def serving(room: Newsroom, make: Callable[..., Manifest], tmp_path: Path) -> Iterator[Serving]:
    """Return a function that lets nginx serve an edition, and a handler of requests the rest."""
    make()
    (tmp_path / "state").symlink_to(settings.STATE_DIR)
    with ExitStack() as stack:

        def serve(handler: type[Echo] = Echo, *, extra: str = "") -> Door:
            server = stack.enter_context(Application(("127.0.0.1", 0), handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return stack.enter_context(nginx(Home(tmp_path), application=server.server_port, extra=extra))

        yield serve


def begin(door: Door, address: str, *, length: int, who: str = "", body: bytes = b"") -> socket.socket:
    """Begin to post something."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    opened.settimeout(1)
    opened.connect(("127.0.0.1", door.port))
    named = f"X-As: {who}\r\n" if who else ""
    head = f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{named}Content-Length: {length}\r\n\r\n"
    opened.sendall(head.encode() + body)
    return opened


def status(opened: socket.socket) -> str:
    """Return what is answered; "" while nothing is."""
    try:
        return opened.recv(12)[9:].decode()
    except TimeoutError:
        return ""


def every_place_taken(door: Door, stack: ExitStack) -> list[socket.socket]:
    """Hold heads without an end until nginx has no place left for another."""
    held: list[socket.socket] = []
    for _round in range(4):
        for _ in range(PLACES - len(held)):
            held.append(stack.enter_context(socket.create_connection(("127.0.0.1", door.port), timeout=5)))
            with suppress(OSError):
                held[-1].sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        time.sleep(0.3)
        held = [one for one in held if is_open(one)]
    return held


def is_open(held: socket.socket) -> bool:
    """Return whether nginx has not closed it."""
    held.setblocking(False)
    try:
        return held.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize("told", [True, False], ids=["as it is", "control: with the line of every request"])
def test_where_no_place_is_left_the_log_says_nothing_of_who_asks_for_what(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: bool
) -> None:
    whole = doors.configuration

    def small(*facts: Any) -> str:
        text = whole(*facts).replace("worker_connections 8192", f"worker_connections {PLACES}")
        return text if told else re.sub(r"    error_log \S+ emerg;\n", "", text)

    monkeypatch.setattr(doors, "configuration", small)
    door, answers = serving(), list[Said]()
    with ExitStack() as stack:
        held = every_place_taken(door, stack)
        while not answers or answers[-1].status != 200:
            held.pop().close()
            time.sleep(0.1)
            with suppress(OSError, http.client.HTTPException):
                answers.append(door.ask("/report/receipt/?secret=typed", method="POST"))
    log = (tmp_path / "nginx" / "error.log").read_text()
    assert ("secret" in log, "client: " in log) == ((False, False) if told else (True, True))
    assert {one.status for one in answers} == {200, 503}
    assert all(b"treat it as not received" in one.body for one in answers[:-1])


SAME_LINE = [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2:a:b:c:d"),
    ("2001:db8::1", "2001:db8::2:3", "2001:db8::a:b:c:d"),
    ("2001:db8:1::1", "2001:db8:1::2:3", "2001:db8:1::b:c:d"),
    ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
]
OTHERS = [
    ("2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"),
    ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    ("fc00:dead:beef:4dad::1", "fc00:dead:beef:4dad::2", "fc00:dead:beef:4dad::3"),  # of Tor: each is a circuit
]


@pytest.mark.parametrize(("three", "last"), [*((one, "429") for one in SAME_LINE), *((one, "") for one in OTHERS)])
def test_a_line_counts_as_one_visitor_however_many_addresses_it_has(
    serving: Serving, three: tuple[str, ...], last: str
) -> None:
    door = serving(extra=NAMED)
    with ExitStack() as stack:
        begun = [stack.enter_context(begin(door, "/report/photos/", length=100_000, who=who)) for who in three]
        assert [status(one) for one in begun] == ["", "", last]
        assert status(stack.enter_context(begin(door, "/report/photos/", length=100_000, who="198.51.100.7"))) == ""


@pytest.mark.parametrize(
    "address", ["/report/", "/admin/../admin/login/", "/report/photos/../../x/", "/x/", "/search/"]
)
def test_of_a_body_that_is_too_large_the_application_hears_a_length_that_it_never_waits_for(
    serving: Serving, address: str
) -> None:
    """nginx judges the path as it reads it, the application as it was sent: one may allow what the other does not."""
    door = serving(Told)
    with begin(door, address, length=50_000_000) as opened:
        answer = opened.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"999999999" in answer
    assert int(b"999999999") > settings.PHOTO_READ_LIMIT


def test_strangers_take_little_room_and_only_where_pictures_are_put(serving: Serving, tmp_path: Path) -> None:
    """What does not fit into memory lies in /run, where unlocked desks keep a file."""
    door, spooled = serving(Told, extra=NAMED), tmp_path / "nginx" / "temporary-body"
    with ExitStack() as stack:

        def large(address: str, who: str, length: int) -> str:
            sent = begin(door, address, length=length, who=who, body=b"x" * 2**21)
            return status(stack.enter_context(sent))

        assert large("/admin/login/", "192.0.2.1", settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 9) == ""
        assert in_folder(spooled) == 0
        assert large("/admin/login/", "192.0.2.1", 30_000_000) == "200"  # what the application says of it
        for number in range(4):
            assert large("/admin/newsroom/image/add/", f"192.0.2.{number}", 30_000_000) == ""
        assert large("/admin/newsroom/image/add/", "192.0.2.9", 30_000_000) == "429"
        assert in_folder(spooled) == 4
        assert door.ask("/admin/newsroom/article/add/", method="POST", X_As="192.0.2.9").status == 200


def in_folder(folder: Path) -> int:
    """Return how many files of a folder programs hold open, though their names are gone."""
    there = 0
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            there += descriptor.readlink().parent == folder
    return there


def frame(kind: int, stream: int, payload: bytes, *, flags: int = 0) -> bytes:
    """Return a frame of HTTP/2 (RFC 9113, section 4.1)."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def answered(door: Door, address: str, *, method: str, count: int) -> int:
    """Begin so many requests with a body of no length in one connection, and return how many are answered before it."""
    fields = {":method": method, ":scheme": "http", ":authority": "127.0.0.1", ":path": address}
    block = b"".join(
        b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        for name, value in fields.items()
    )
    with socket.create_connection(("127.0.0.1", door.port), timeout=2) as opened:
        opened.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, b""))
        for number in range(count):
            opened.sendall(frame(1, 2 * number + 1, block, flags=4))  # its headers, all of them; no end of the stream
        said = b""
        with suppress(TimeoutError):
            while more := opened.recv(65536):
                said += more
    streams = set()
    while len(said) >= 9:
        size, kind, stream = int.from_bytes(said[:3]), said[3], int.from_bytes(said[5:9])
        streams |= {stream} if kind == 1 else set()
        said = said[9 + size :]
    return len(streams)


@pytest.mark.parametrize(
    ("method", "address", "most"),
    [
        *(("POST", address, 16) for address in ("/report/", "/mailbox/", "/admin/login/")),
        *(("GET", address, 40) for address in ("/report/", "/mailbox/")),
    ],
)
def test_a_body_without_a_length_which_http_2_allows_is_counted(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, method: str, address: str, most: int
) -> None:
    whole = doors.configuration
    monkeypatch.setattr(doors, "configuration", lambda *facts: whole(*facts).replace("charset utf-8;", "http2 on;"))
    assert answered(serving(), address, method=method, count=most + 10) == 10


def test_who_does_not_read_long_answers_holds_few_threads(serving: Serving) -> None:
    door, length = serving(Told), 20_000
    with ExitStack() as stack:
        begun = [stack.enter_context(begin(door, "/mailbox/", length=length, body=b'"' * length)) for _ in range(40)]
        time.sleep(2)
        held = Told.busy
        assert 0 < held <= 16
        assert [one.recv(12)[9:] for one in begun[20:]].count(b"429") >= 40 - 20 - 16
        assert door.ask("/report/").status == 200


@pytest.mark.parametrize("address", ["/search/?q=van", "/no/such/page/"])
def test_many_questions_of_one_visitor_are_slowed_down_and_refused(serving: Serving, address: str) -> None:
    door = serving()
    with ThreadPoolExecutor(64) as many:
        answers = set(many.map(lambda _number: answer(door, address), range(400)))
    refused = {one for one in answers if one.startswith(b"HTTP/1.1 429")}
    assert refused
    assert all(b"Retry-After: 60" in one and b"X-Frame-Options" in one for one in refused)
    assert door.ask("/report/").status == 200


def answer(door: Door, address: str) -> bytes:
    """Return the head that somebody is answered within a second."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=1) as opened, suppress(TimeoutError):
        opened.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        return opened.recv(4096)
    return b""
