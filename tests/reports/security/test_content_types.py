"""Every request is read as UTF-8, whatever charset it names: its form is what was typed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from reports.domain.intake import outbox
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import Entry
from reports.security.content_types import without_charset, without_charsets

TYPED = "A van +2AA- at \\ud800, é"
BODY = f'--B\r\nContent-Disposition: form-data; name="what"\r\n\r\n{TYPED}\r\n--B--\r\n'.encode()


def test_what_is_typed_is_read_as_utf_8(passphrase: str, caseworker: User, keys: Keys) -> None:
    kind = without_charset("multipart/form-data; charset=utf-7; boundary=B")
    assert b"We have your tip" in Client().generic("POST", "/report/receipt/", BODY, content_type=kind).content
    outbox.drain()
    assert [one.answers["what"] for one in opening.arrivals(tip=Entry.objects.get().tip, keys=keys)] == [TYPED]


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ("", ""),
        ("text/html", "text/html"),
        ("application/x-www-form-urlencoded; charset=hex", "application/x-www-form-urlencoded"),
        ("text/plain; CharSet = hex", "text/plain"),
        ("text/plain; charset*=utf-8''hex", "text/plain"),
        ("text/plain; charset*0=h; charset*1=ex", "text/plain"),
        ('multipart/form-data; boundary="a b"; charset=hex', 'multipart/form-data; boundary="a b"'),
        ("multipart/form-data; boundary=B", 'multipart/form-data; boundary="B"'),
        ("text/plain; name*=no-such-charset''x", ""),
        ("text/plain;" + "x" * 20_000, ""),
    ],
)
def test_kind_and_boundary_are_left(named: str, left: str) -> None:
    assert without_charset(named) == left


def test_what_the_application_is_asked_names_none() -> None:
    asked: list[dict[str, Any]] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        asked.append(environ)
        return []

    environ = RequestFactory().generic("POST", "/report/", BODY, "multipart/form-data; boundary=B; charset=hex").environ
    without_charsets(application)(environ, lambda *_answer: None)
    assert asked[0]["CONTENT_TYPE"] == 'multipart/form-data; boundary="B"'
