"""Networks of machines of their own, and cables between them."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

from tests.system.deploy import relay


class Reachable(Protocol):
    """What has a network of its own."""

    def network(self) -> AbstractContextManager[None]:
        """Let this thread's new connections be in it."""


@contextmanager
def of(pid: int) -> Iterator[None]:
    """Let this thread's new connections be in the network of a process."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        os.setns(there, os.CLONE_NEWNET)
        yield
    finally:
        os.setns(here, os.CLONE_NEWNET)
        os.close(here)
        os.close(there)


@contextmanager
def cable(source: Reachable, target: Reachable, port: int) -> Iterator[None]:
    """Let a machine reach another's port under its own loopback; at the end the cable is cut."""
    with source.network():
        server = socket.create_server(("127.0.0.1", port))
    open_now: list[socket.socket] = []

    def carry(client: socket.socket) -> None:
        with client:
            with target.network():
                other = socket.create_connection(("127.0.0.1", port), timeout=60)
            with other:
                open_now.extend((client, other))
                threading.Thread(target=relay.pour, args=(client, other), daemon=True).start()
                relay.pour(other, client)

    def accept() -> None:
        while True:
            try:
                client, _address = server.accept()
            except OSError:  # it is cut
                return
            threading.Thread(target=carry, args=(client,), daemon=True).start()

    taking = threading.Thread(target=accept)
    taking.start()
    try:
        yield
    finally:
        server.shutdown(socket.SHUT_RDWR)
        taking.join()
        server.close()
        for one in open_now:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
