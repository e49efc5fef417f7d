"""gunicorn's threads, but for what lies ready: that is answered by the very thread that waits for readers.

Handing a request to another thread and back costs more than answering it from memory: with it one worker gives about
4,500 pages a second, without it about 10,000.
"""

import fcntl
import re
import socket
import termios
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

MOST_HEAD = 4096  # bytes
_WISH = re.compile(rb"\r\naccept-encoding: *([^\r]*)\r\n", re.IGNORECASE)
_WAITS = re.compile(rb"\r\n(?:content-length|transfer-encoding|expect|upgrade)[ \t]*:", re.IGNORECASE)


class _Done:
    """What a thread would have brought back."""

    def __init__(self, kept: bool) -> None:
        self._kept = kept

    def cancelled(self) -> bool:
        return False

    def result(self) -> bool:
        return self._kept


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Asks the application's `ready(address, wish)`, where it has one, whether an answer is in memory and small."""

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Answer a reader who stayed at once when nothing in it can wait, else as gunicorn does."""
        if not (hasattr(self.wsgi, "ready") and self._at_once(client)):
            super().on_client_socket_readable(conn, client)
            return
        kept = self.handle(conn) is True
        self.keepalived_conns.remove(conn)
        if kept and self.alive and not conn.parser.unreader.buf.getvalue():
            conn.set_timeout()
            self.keepalived_conns.append(conn)
        else:
            self.poller.unregister(client)
            self.finish_request(conn, _Done(kept))

    def _at_once(self, client: socket.socket) -> bool:
        """Return whether the whole head of one request is there, without a body, and what it asks for is ready.

        The reader must have taken all earlier answers: then there is room for this one, and writing it cannot wait.
        """
        try:
            head = client.recv(MOST_HEAD, socket.MSG_PEEK)
            waiting = fcntl.ioctl(client, termios.TIOCOUTQ, b"\0\0\0\0")
        except OSError:
            return False
        method, _, rest = head.partition(b" ")
        if method not in (b"GET", b"HEAD") or head.find(b"\r\n\r\n") != len(head) - 4 or any(waiting):
            return False
        wish = _WISH.search(head)
        address = rest.partition(b" ")[0].decode("latin-1")
        return not _WAITS.search(head) and bool(self.wsgi.ready(address, wish[1].decode("latin-1") if wish else ""))
