"""How gunicorn serves Streetlight: threads in a few processes, and no line about who asked for what."""

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
# No address is ever written: gunicorn logs "Invalid request from ip=" at the warning level.
accesslog = None
errorlog = "-"
loglevel = "error"
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 - a heartbeat, holds nothing
forwarded_allow_ips = "127.0.0.1"
forwarder_headers = ""  # no header may say where the site begins (SCRIPT_NAME); a proxy of ours sends none
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}


def post_worker_init(worker: Any) -> None:
    """Leave what was loaded for good out of garbage collection: to look through it takes 30 ms of some request."""
    gc.collect()
    gc.freeze()


def when_ready(server: Any) -> None:
    """Tell the address once, on the terminal."""
    sys.stdout.write(f"\nStreetlight is on http://{_host}:{_port}/  (staff: /admin/). Ctrl-C stops it.\n")
    sys.stdout.flush()
