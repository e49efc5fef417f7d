"""What is measured beside the edition, for gunicorn to call by name."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

type Wsgi = Callable[..., Iterable[bytes]]


def _setup() -> Wsgi:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def django() -> Wsgi:
    """Render every page, as without an edition."""
    return _setup()


class _Bare:
    """The bytes, headers too, that the edition gives for one page to one kind of reader, and no other."""

    def __init__(self, status: str, fields: list[tuple[str, str]], body: list[bytes]) -> None:
        self.status, self.fields, self.body = status, fields, body

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(self.status, self.fields)
        return self.body

    def ready(self, address: str, wish: str) -> bool:
        """Let it be answered by the thread that waits, as the edition is."""
        return True


def bare() -> Wsgi:
    """Return what the edition has to stand beside."""
    from newsroom.edition.serve import Layer

    layer, said = Layer(_setup()), {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": os.environ["BENCH_PATH"], "HTTP_ACCEPT_ENCODING": "gzip"}
    body = list(layer(environ, lambda status, fields: said.update(status=status, fields=fields)))
    return _Bare(said["status"], said["fields"], body)


def whitenoise() -> Wsgi:
    """Serve the edition's files as whitenoise serves static files."""
    from whitenoise import WhiteNoise

    def nothing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []

    return WhiteNoise(nothing, root=str(Path(os.environ["STATE_DIR"]) / "edition" / "current" / "pages"))


def wagtail() -> Wsgi:
    """Serve the Wagtail site."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench._wagtail.settings"
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()
