"""Gunicorn's settings: threads in a few processes, and no access log."""

import gc
import os
import sys
from typing import Any

from config import env

_demo = env.flag("DEMO")
_host = env.text("BIND", "127.0.0.1")
_port = env.number("PORT", 8000, least=1, most=65535)
if _demo and _host not in ("127.0.0.1", "::1", "localhost"):
    raise env.SettingError("BIND", "a demonstration is only served to this machine; leave BIND out.")

bind = f"{_host}:{_port}"
workers = env.number("WORKERS", 2, least=1, most=64)
worker_class = "gthread"
threads = env.number("THREADS", 32, least=1, most=256)
timeout = 60
graceful_timeout = 10
keepalive = 5
# Not "warning": gunicorn would log the address of an invalid request at that level.
accesslog = None
errorlog = "-"
loglevel = "error"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - heartbeats, without content
forwarded_allow_ips = "127.0.0.1"
forwarder_headers = ""  # so that no header can set SCRIPT_NAME; our nginx sends none
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}


def post_worker_init(worker: Any) -> None:
    """Exempt everything loaded so far from garbage collection, which would take 30 ms of some request."""
    gc.collect()
    gc.freeze()


def when_ready(server: Any) -> None:
    """Print the address once, on the terminal."""
    sys.stdout.write(f"\nStreetlight is on http://{_host}:{_port}/  (staff: /admin/). Ctrl-C stops it.\n")
    sys.stdout.flush()
