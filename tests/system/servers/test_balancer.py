"""Behind a balancer, and as an onion service, nginx counts visitors; no address reaches a file or the application."""

import re
import socket
from contextlib import ExitStack, contextmanager
from typing import override

import pytest
from django.conf import settings

from newsroom.edition import headers
from tests.system.harness.homes import Home
from tests.system.harness.server import free_port
from tests.system.servers.application import Echo, application
from tests.system.servers.doors import nginx

ONE, OTHER = "203.0.113.7", "203.0.113.8"
CIRCUIT, ANOTHER = "fc00:dead:beef:4dad::1:7", "fc00:dead:beef:4dad::1:8"
HEAD = "POST /report/photos/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
HEAD += "X-Forwarded-For: {said}\r\n\r\nslow"
DEPLOY = settings.BASE_DIR / "deploy"


class Told(Echo):
    """An application that keeps what it is told."""

    heard: list[str] = []

    @override
    def do_POST(self):
        """Answer, once the whole body has come."""
        self.heard.append(f"{self.requestline}\n{self.headers}")
        self.do_GET()


@contextmanager
def served(folder, extra):
    """Serve the application behind nginx with a file of deploy/ in its server."""
    (folder / "state").symlink_to(settings.STATE_DIR)
    Told.heard.clear()
    with application(Told) as port, nginx(Home(folder), application=port, extra=extra):
        yield


def example(name, port, balancer="127.0.0.1"):
    """Return a file of deploy/ for a port of this machine, without TLS, and for a balancer at an address."""
    text = re.sub(r"(?m)^listen \[::\].*\n", "", (DEPLOY / name).read_text(encoding="utf-8"))
    text = re.sub(
        r"(?m)^listen \S+?(?: ssl)? proxy_protocol;",
        f"listen 127.0.0.1:{port} proxy_protocol;",
        text,
    )
    text = re.sub(r"(?m)^set_real_ip_from .*$", f"set_real_ip_from {balancer};", text)
    assert (
        f"listen 127.0.0.1:{port} proxy_protocol;\nset_real_ip_from {balancer};\nreal_ip_header"
        in text
    )
    return text


def upload(port, visitor, *, length=100_000):
    """Begin an upload, as a balancer passes it on; one of four bytes is whole."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    kind = "TCP6" if ":" in visitor else "TCP4"
    own = "::1" if ":" in visitor else "192.0.2.1"
    connection.sendall(f"PROXY {kind} {visitor} {own} 50000 443\r\n".encode())
    connection.sendall(HEAD.format(length=length, said=visitor).encode())
    return connection


def statuses(port, visitors):
    """Return what a visitor hears who has two uploads on their way and begins another, and then somebody else."""
    one, other = visitors
    with ExitStack() as until_the_end:
        for _ in range(2):
            until_the_end.enter_context(upload(port, one))
        third = until_the_end.enter_context(upload(port, one))
        mine = third.recv(12)
        theirs = until_the_end.enter_context(upload(port, other, length=4)).recv(12)
    return mine[9:], theirs[9:]


@pytest.mark.parametrize(
    ("file", "visitors"),
    [("nginx-balancer.conf", (ONE, OTHER)), ("nginx-onion.conf", (CIRCUIT, ANOTHER))],
)
def test_two_visitors_behind_one_address_are_two_and_leave_no_trace(tmp_path, file, visitors):
    port = free_port()
    with served(tmp_path, example(file, port)):
        assert statuses(port, visitors) == (b"429", b"200")
    assert Told.heard
    written = b"".join(
        path.read_bytes() for path in (tmp_path / "nginx").rglob("*") if path.is_file()
    )
    for visitor in visitors:
        assert visitor not in "".join(Told.heard)
        assert visitor.encode() not in written


def test_control_who_is_no_balancer_is_not_believed(tmp_path):
    port = free_port()
    with served(tmp_path, example("nginx-balancer.conf", port, balancer="192.0.2.10")):
        assert statuses(port, (ONE, OTHER)) == (b"429", b"429"), (
            "all are the one that they come from"
        )


def test_the_onion_service_is_offered_with_every_answer(settings):
    settings.RESPONSE_HEADERS = settings.RESPONSE_HEADERS | {
        "Onion-Location": f"http://{'a' * 56}.onion/"
    }
    assert (
        headers.every(https=True)["Onion-Location"] == headers.front(https=True)["Onion-Location"]
    )
    assert "Onion-Location" in headers.common(https=True)


def test_tor_speaks_to_where_nginx_listens_and_names_circuits():
    tor = (DEPLOY / "torrc.example").read_text(encoding="utf-8")
    (address,) = re.findall(r"(?m)^HiddenServicePort 80 (\S+)$", tor)
    assert f"listen {address} proxy_protocol;" in (DEPLOY / "nginx-onion.conf").read_text(
        encoding="utf-8"
    )
    assert "\nHiddenServiceExportCircuitID haproxy\n" in tor
