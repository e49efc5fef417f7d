"""Every request is read as UTF-8, whatever charset it names: its form is what was typed."""

import pytest
from django.test import Client

from reports.domain.intake import outbox
from reports.domain.tips import opening
from reports.models import Entry
from reports.security.content_types import without_charset, without_charsets

TYPED = "A van +2AA- at \\ud800, é"
BODY = f'--B\r\nContent-Disposition: form-data; name="what"\r\n\r\n{TYPED}\r\n--B--\r\n'.encode()


def test_what_is_typed_is_read_as_utf_8(passphrase, caseworker, keys):
    asked = {"CONTENT_TYPE": "multipart/form-data; charset=utf-7; boundary=B"}
    without_charsets(lambda _environ, _start: [])(asked, lambda *_answer: None)
    answer = Client().generic("POST", "/report/receipt/", BODY, content_type=asked["CONTENT_TYPE"])
    assert b"We have your tip" in answer.content
    outbox.drain()
    assert [
        one.answers["what"] for one in opening.open_all(tip=Entry.objects.get().tip, keys=keys)
    ] == [TYPED]


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
def test_kind_and_boundary_are_left(named, left):
    assert without_charset(named) == left
