"""Requests as fast as a server answers them: wrk where there is one, else a client of our own in another process."""

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
CHUNKED = re.compile(rb"transfer-encoding: *chunked", re.IGNORECASE)


def rate(port: int, path: str, *, seconds: float, clients: int = 8) -> float:
    """Return answers a second, over kept connections, of a reader who takes gzip; any other status than 200 ends it."""
    wrk = shutil.which("wrk")
    if wrk is None:
        command = [sys.executable, "-m", "tests.bench._load", str(port), path, str(seconds), str(clients)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return float(done.stdout)
    url = f"http://127.0.0.1:{port}{path}"
    command = [wrk, "-t1", f"-c{clients}", f"-d{seconds:.0f}s", "-H", "Accept-Encoding: gzip", url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{path} on {port}:\n{said}")
    return float(said.partition("Requests/sec:")[2].split()[0])


def check(port: int, path: str) -> int:
    """Return how many bytes the body of one answer has; raises SystemExit when it is not 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        return _ask(connection, _request(port, path))


def _request(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def _ask(connection: socket.socket, request: bytes) -> int:
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        got = connection.recv(65536)
        if not got:
            raise SystemExit("the connection was closed")
        data += got
    head, _, rest = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{request!r}: {head!r}")
    found = LENGTH.search(head)
    if found is None:
        while CHUNKED.search(head) and not rest.endswith(b"0\r\n\r\n"):
            rest += connection.recv(65536)
        return len(rest)
    length = int(found[1])
    while len(rest) < length:
        rest += connection.recv(65536)
    return length


def _drive(port: int, path: str, seconds: float, clients: int) -> None:
    """Ask with so many threads; print the rate."""
    counts, end = [0] * clients, time.monotonic() + seconds

    def client(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            request = _request(port, path)
            while time.monotonic() < end:
                _ask(connection, request)
                counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(str(sum(counts) / seconds))


if __name__ == "__main__":
    _drive(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
