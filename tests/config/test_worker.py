"""The worker: what lies ready needs no thread, and nothing that a reader does makes the thread that waits wait."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.proofs.home import Home
from tests.proofs.server import Server

AT_ONCE, BY_THREAD = b"the waiting thread", b"another thread"


class Reader:
    """Somebody whose connection is kept; the first request, which always goes to a thread, is behind them."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        assert self.ask("/ready/") == BY_THREAD

    def send(self, *parts: bytes) -> None:
        """Send the parts one after the other."""
        for part in parts:
            self.socket.sendall(part)
            time.sleep(0.05)

    def hear(self) -> bytes:
        """Return the words of the next answer."""
        said = b""
        while b"\r\n\r\n" not in said:
            said += self.socket.recv(1)
        while len(said.partition(b"\r\n\r\n")[2]) < 8000:
            said += self.socket.recv(8000 - len(said.partition(b"\r\n\r\n")[2]))
        return said.partition(b"\r\n\r\n")[2].strip()

    def ask(self, path: str, *fields: str) -> bytes:
        """Return the answer to one request."""
        self.send(request(path, *fields))
        return self.hear()

    def close(self) -> None:
        """Leave."""
        self.socket.close()


def request(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: a", *fields, "", ""]).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("worker"))
    for folder in (home.state, home.tmp):
        folder.mkdir()
    return home


@pytest.fixture(scope="module")
def port(home: Home) -> Iterator[int]:
    with Server(home, app="tests.config.ready_app", WORKERS="1", THREADS="1") as server:
        yield server.port


@pytest.fixture
def reader(port: int) -> Iterator[Reader]:
    with ExitStack() as leaving:
        found = Reader(port)
        leaving.callback(found.close)
        yield found


@pytest.mark.parametrize(
    ("path", "fields", "who"),
    [
        ("/ready/", [], AT_ONCE),
        ("/ready/", ["Accept-Encoding: gzip"], AT_ONCE),
        ("/ready/", ["accept-encoding:gzip"], AT_ONCE),
        ("/ready/", ["Accept-Encoding: br"], BY_THREAD),
        ("/other/", [], BY_THREAD),
        ("/ready/?page=2", [], BY_THREAD),
        ("/ready/", ["X-Long: " + "x" * 5000], BY_THREAD),
        ("/ready/", ["Content-Length: 0"], BY_THREAD),
    ],
)
def test_a_reader_who_stayed_is_answered_at_once_when_it_lies_ready(
    reader: Reader, path: str, fields: list[str], who: bytes
) -> None:
    assert reader.ask(path, *fields) == who
    assert reader.ask("/ready/") == AT_ONCE


@pytest.mark.parametrize(
    "body", ["Content-Length: 4\r\n\r\nfour", "Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n"]
)
def test_a_request_with_a_body_goes_to_a_thread(reader: Reader, body: str) -> None:
    reader.send(f"GET /ready/ HTTP/1.1\r\nHost: a\r\n{body}".encode())
    assert reader.hear() == BY_THREAD
    assert reader.ask("/ready/") == AT_ONCE


def test_a_head_in_two_pieces_and_two_requests_in_one_are_all_answered(reader: Reader) -> None:
    whole = request("/ready/")
    reader.send(whole[:10], whole[10:])
    assert reader.hear() == BY_THREAD
    reader.send(whole + request("/other/"))
    assert [reader.hear(), reader.hear()] == [BY_THREAD, BY_THREAD]
    assert reader.ask("/ready/") == AT_ONCE


def test_what_lies_ready_is_answered_while_every_thread_is_busy(port: int, home: Home, reader: Reader) -> None:
    enough = Path(home.state, "enough")
    busy, other = Reader(port), Reader(port)
    try:
        busy.send(request("/wait/"))
        other.send(request("/other/"))
        assert [reader.ask("/ready/") for _ in range(3)] == [AT_ONCE] * 3
        enough.touch()
        assert [busy.hear(), other.hear()] == [BY_THREAD, BY_THREAD]
    finally:
        enough.unlink(missing_ok=True)
        busy.close()
        other.close()


def test_readers_who_take_nothing_keep_nobody_waiting(port: int, reader: Reader) -> None:
    with ExitStack() as leaving:
        for _ in range(3):
            deaf = socket.socket()
            leaving.callback(deaf.close)
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", port))
            for _ in range(40):
                deaf.sendall(request("/ready/"))
                time.sleep(0.002)
        began = time.monotonic()
        assert [reader.ask("/ready/") for _ in range(5)] == [AT_ONCE] * 5
        assert time.monotonic() - began < 5


def test_a_reader_who_leaves_or_sends_nonsense_is_let_go(port: int, reader: Reader) -> None:
    Reader(port).close()
    reader.send(b"GET /ready/\r\n\r\n")
    assert reader.socket.recv(100).startswith(b"HTTP/1.1 400")
    another = Reader(port)
    assert another.ask("/ready/") == AT_ONCE
    another.close()
