"""What is measured beside the site, for gunicorn to call by name, in the checkout that is measured."""

import os
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

BODIES = [b"x" * int(length) for length in os.environ.get("BENCH_LENGTHS", "0").split(",")]
rendered = get_wsgi_application()  # Django alone, as where there is no edition


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Give as many bytes as the page that it stands for has; put what is sent for good into a file."""
    path, given = environ["PATH_INFO"], environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    body = BODIES[2 if path.endswith("/receipt/") else 1 if path.endswith("/check/") else 0]
    if path.endswith("/receipt/"):
        _store(given)
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


def _store(data: bytes) -> None:
    """Write as the outbox does: the file, then its folder."""
    folder = os.environ["STATE_DIR"]
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
