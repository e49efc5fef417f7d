"""Something that answers behind nginx, where a test is about nginx alone."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's first line."""

    def do_GET(self):
        """Answer, once the whole body has come."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.requestline.rpartition(" ")[0].encode())

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_):
        """Say nothing."""


class Application(ThreadingHTTPServer):
    """Serves many who come in the same moment."""

    request_queue_size = 512

    def handle_error(self, *_):
        """Say nothing where somebody hangs up."""


@contextmanager
def application(handler=Echo):
    """Let a handler answer on a port of this machine."""
    with Application(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()
