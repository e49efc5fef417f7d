"""A proxy for package clients in a network of their own: it takes their connections there and goes on from outside."""

import os
import socket
import threading
from urllib.parse import urlsplit

PORT = 3128


def serve(outside):
    """Take connections on this thread's loopback for ever; `outside` is a handle of the network to go on in."""
    with socket.create_server(("127.0.0.1", PORT)) as server:
        while True:
            client, _address = server.accept()
            threading.Thread(target=_serve_one, args=(client, outside), daemon=True).start()


def _serve_one(client, outside):
    """Answer one CONNECT, or one request with a whole address, and close after it."""
    os.setns(outside, os.CLONE_NEWNET)  # of this thread alone
    with client, client.makefile("rb") as coming:
        method, address, version = coming.readline().decode().split()
        fields = list(iter(coming.readline, b"\r\n"))
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{address}" if tunnel else address)
        try:
            server = socket.create_connection(
                (parts.hostname, parts.port or (443 if tunnel else 80)), timeout=60
            )
        except OSError:
            client.sendall(b"HTTP/1.1 502 Unreachable\r\nContent-Length: 0\r\n\r\n")
            return
        with server:
            if tunnel:
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                kept = b"".join(
                    field
                    for field in fields
                    if not field.lower().startswith((b"connection", b"proxy-"))
                )
                server.sendall(
                    f"{method} {path} {version}\r\n".encode() + kept + b"Connection: close\r\n\r\n"
                )
            there = threading.Thread(target=pour, args=(client, server), daemon=True)
            there.start()
            pour(server, client)


def pour(source, target):
    """Pass on what comes until it ends."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
