"""Applications that are dead, behind the layer. gunicorn calls one by name."""

import os
from collections.abc import Callable, Iterable

type Wsgi = Callable[..., Iterable[bytes]]


def django_is_dead():
    """Serve the edition in front of an application that can do nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from newsroom.edition.serve import Layer

    def dead(environ, start_response):
        if (
            environ["PATH_INFO"] == "/healthz"
        ):  # by which the test knows that the server has started
            start_response("200 OK", [("Content-Length", "0")])
            return []
        raise RuntimeError

    return Layer(dead)
