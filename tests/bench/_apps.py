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


def bare() -> Wsgi:
    """Give the bytes, headers too, that the edition gives for one page to one kind of reader, and know no other."""
    from newsroom.edition.serve import Layer

    layer, said = Layer(_setup()), {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": os.environ["BENCH_PATH"], "HTTP_ACCEPT_ENCODING": "gzip"}
    body = list(layer(environ, lambda status, fields: said.update(status=status, fields=fields)))

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(said["status"], said["fields"])
        return body

    return application


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
