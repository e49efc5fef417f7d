"""An application that says which thread answered: for gunicorn to call, under the project's own worker."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


class Application:
    """`/ready/` lies ready, `/other/` does not, `/wait/` keeps its thread until a file is there."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/wait/":
            while not Path(os.environ["STATE_DIR"], "enough").exists():
                time.sleep(0.01)
        waits = threading.current_thread() is threading.main_thread()
        body = (b"the waiting thread" if waits else b"another thread").ljust(8000)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def ready(self, address: str, wish: str) -> bool:
        """Return whether an answer lies ready for this address and Accept-Encoding."""
        return address == "/ready/" and wish in ("", "gzip")


application = Application()
