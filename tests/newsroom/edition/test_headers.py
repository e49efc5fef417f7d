"""The one list of headers is what Django itself sends, and nginx's file is made from it."""

import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from newsroom.edition import headers
from newsroom.edition.nginx import Site, configuration
from tests.newsroom.articles import make_whole

DEPLOY = settings.BASE_DIR / "deploy"


@pytest.mark.parametrize("path", ["/", "/news/a-story/", "/feed/", "/robots.txt"])
def test_a_page_from_the_edition_is_guarded_as_it_is_uncached(client: Client, db: None, path: str) -> None:
    make_whole("a-story")
    sent = client.get(path).headers
    own = {"Content-Type", "Content-Length", "ETag", "Last-Modified", "Vary"}
    assert {name: value for name, value in sent.items() if name not in own} == {
        name: value for name, value in headers.common(https=False) if name != "Vary"
    }


def test_with_https_the_list_has_what_django_sends_then(client: Client, db: None) -> None:
    from django.middleware.security import SecurityMiddleware

    django = SecurityMiddleware(lambda request: None)  # type: ignore[arg-type,return-value]
    django.sts_seconds, django.sts_include_subdomains, django.sts_preload = 2 * 365 * 24 * 3600, True, True
    from django.http import HttpResponse
    from django.test import RequestFactory

    sent = django.process_response(RequestFactory().get("/", secure=True), HttpResponse())
    name = "Strict-Transport-Security"
    assert dict(headers.common(https=True))[name] == sent[name]
    assert name not in dict(headers.common(https=False))


@pytest.mark.parametrize(
    ("kind", "extension"),
    [
        ("text/html; charset=utf-8", "html"),
        ("TEXT/HTML", "html"),
        ("application/atom+xml; charset=utf-8", "atom"),
        ("application/xml", "xml"),
        ("text/xml", "xml"),
        ("text/plain", "txt"),
        ("application/json", "json"),
        ("text/csv; charset=utf-8", "csv"),
        ("application/pdf", None),
        ("", None),
    ],
)
def test_a_type_has_one_extension(kind: str, extension: str | None) -> None:
    assert headers.extension(kind) == extension


def test_the_example_configuration_is_current() -> None:
    assert (DEPLOY / "nginx.conf").read_text() == configuration(DEPLOY / "nginx.conf.in", Site())


def test_every_header_stands_in_the_configuration_of_every_news_location() -> None:
    text = configuration(DEPLOY / "nginx.conf.in", Site())
    for name, value in headers.common(https=True):
        assert text.count(f'add_header {name} "{value}" always;') == text.count("add_header X-Edition ") + 2 == 6
    assert re.findall(r"@[A-Z_]+@?", text) == []


def test_the_configuration_follows_the_list(settings: Settings) -> None:
    settings.SECURE_CSP = {"default-src": ["'self'"]}
    assert (DEPLOY / "nginx.conf").read_text() != configuration(DEPLOY / "nginx.conf.in", Site())


def test_the_command_writes_what_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("edition_nginx", to="-", name="news.example.org", state="/srv/state")
    said = capsys.readouterr().out
    assert "server_name news.example.org;" in said
    assert "root /srv/state/edition/current/pages;" in said
    assert "example.org;" in said
    file = tmp_path / "nginx.conf"
    call_command("edition_nginx", to=str(file), stdout=io.StringIO())
    assert file.read_text() == (DEPLOY / "nginx.conf").read_text()
