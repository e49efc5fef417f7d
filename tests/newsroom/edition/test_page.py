"""Pages as Django gives them to a reader whom it knows nothing of."""

from newsroom.edition.page import EditionPage, render


def test_a_page_is_asked_for_at_the_sites_own_address_without_a_cookie(settings):
    settings.SITE_ORIGIN, settings.ALLOWED_HOSTS, settings.HTTPS = (
        "https://news.example",
        ["news.example"],
        True,
    )
    asked = {}

    def application(environ, start_response):
        asked.update(environ)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"one ", b"two"]

    assert render(application, "/news/") == EditionPage(200, "html", b"one two")
    assert (asked["REQUEST_METHOD"], asked["PATH_INFO"]) == ("GET", "/news/")
    assert (asked["SERVER_PORT"], asked["wsgi.url_scheme"]) == ("443", "https")
    assert {name: asked[name] for name in asked if name.startswith("HTTP_")} == {
        "HTTP_HOST": "news.example",
        "HTTP_X_FORWARDED_PROTO": "https",
    }
