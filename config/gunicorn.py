"""Gunicorn's settings: threads in a few processes, and no access log."""

import ctypes
import gc
import os
import sys
from contextlib import suppress
from typing import Any

from config import env, process

process.hide_memory()  # the master's too, which does not read the settings file

_demo = env.flag("DEMO")
_host = env.text("BIND", "127.0.0.1")
_port = env.number("PORT", 8000, least=1, most=65535)
if _demo and _host not in ("127.0.0.1", "::1", "localhost"):
    raise env.SettingError(
        "BIND", "a demonstration is only served to this machine; leave BIND out."
    )

bind = f"{_host}:{_port}"
workers = env.number("WORKERS", 2, least=1, most=64)
worker_class = "gthread"
threads = env.number("THREADS", 32, least=1, most=256)
timeout = 60
graceful_timeout = 10
keepalive = 5
limit_request_line = (
    8190  # bytes, the most there is: as many as nginx takes, so that a long search reaches its page
)
# Not "warning": gunicorn would log the address of an invalid request at that level.
accesslog = None
errorlog = "-"
loglevel = "error"
logconfig_dict = {  # gunicorn would write the address of a request whose handling failed, and the error's message
    "root": {"level": "ERROR", "handlers": ["error_console"]},
    "loggers": {
        "gunicorn.error": {"level": "ERROR", "handlers": ["error_console"], "propagate": False}
    },
    "handlers": {"error_console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "formatters": {"line": {"()": "reports.security.log_lines.LineFormatter"}},
}
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - heartbeats, without content
forwarded_allow_ips = "127.0.0.1"
forwarder_headers = ""  # so that no header can set SCRIPT_NAME; our nginx sends none
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}

# A thread that comes back from the database waits this long for each that computes; Python would let them have five
# milliseconds. A page of the desk asks some sixty times: in a flood it would take twice as long.
SWITCH_INTERVAL = 0.0005  # seconds

# Each password and picture takes many megabytes for a moment. glibc would keep as much for every thread that ever had
# one; so large pieces are the kernel's, and go back at once. Workers inherit it. Other C libraries do so anyway.
M_MMAP_THRESHOLD = -3
with suppress(OSError, AttributeError):
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1024 * 1024)


def post_worker_init(worker: Any) -> None:
    """Take in what a server that was killed left in the outbox.

    And exempt everything loaded so far from garbage collection, which would take 30 ms of some request.
    """
    from reports.domain.intake import outbox  # noqa: PLC0415 - it needs Django, which the workers alone have

    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    outbox.resume()


def when_ready(server: Any) -> None:
    """Print the address once, on the terminal."""
    sys.stdout.write(
        f"\nStreetlight is on http://{_host}:{_port}/  (Team area: /admin/). Ctrl-C stops it.\n"
    )
    if _demo:
        sys.stdout.write(
            "For local use only: it has no protection against slow clients. "
            "To run a public site, put nginx in front (docs/operations.md).\n"
        )
    sys.stdout.flush()
