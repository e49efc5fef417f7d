"""Pages as Django gives them to a reader whom it knows nothing of."""

from collections.abc import Callable, Iterable
from typing import Any

from pytest_django import Settings

from newsroom.edition.page import Page, render


class Application:
    """Remembers what it was asked, and that its answer was closed."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}
        self.closed = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.environ = environ
        start_response("200 OK", [("Content-Type", "text/html")])
        return self

    def __iter__(self) -> Any:
        yield b"one "
        yield b"two"

    def close(self) -> None:
        self.closed = True


def test_a_page_is_asked_for_at_the_sites_own_address_without_a_cookie_and_closed_after(settings: Settings) -> None:
    settings.SITE_ORIGIN, settings.ALLOWED_HOSTS, settings.HTTPS = "https://news.example", ["news.example"], True
    application = Application()
    assert render(application, "/news/?page=2") == Page(200, "html", b"one two")
    assert application.closed
    asked = application.environ
    assert (asked["REQUEST_METHOD"], asked["PATH_INFO"], asked["QUERY_STRING"]) == ("GET", "/news/", "page=2")
    assert (asked["SERVER_PORT"], asked["wsgi.url_scheme"]) == ("443", "https")
    assert {name: asked[name] for name in asked if name.startswith("HTTP_")} == {
        "HTTP_HOST": "news.example",
        "HTTP_X_FORWARDED_PROTO": "https",
    }
