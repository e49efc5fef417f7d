"""What a request passes: it is read as UTF-8, and the desk's middleware works at the desk and nowhere else."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from reports.domain.intake import outbox
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import Entry

OF_THE_DESK = ("session", "user", "_messages")


@pytest.mark.parametrize("path", ["/", "/report/", "/about/privacy/", "/search/", "/no/such/page/"])
def test_public_request_has_no_session_no_user_and_no_messages(db: None, path: str) -> None:
    request = Client().get(path).wsgi_request
    assert [name for name in OF_THE_DESK if hasattr(request, name)] == []


def test_request_of_the_desk_has_them_all(db: None) -> None:
    request = Client().get("/admin/login/").wsgi_request
    assert [name for name in OF_THE_DESK if hasattr(request, name)] == list(OF_THE_DESK)


CHARSETS = ["utf-7", "unicode_escape", "hex", "rot13", "zlib", "idna", "utf-16", "no?ne"]
TYPED = "A van +2AA- at \\ud800, é"


@pytest.mark.parametrize("charset", CHARSETS)
def test_what_is_typed_is_read_as_utf_8_whatever_charset_a_request_names(
    phrase: str, officer: User, keys: Keys, charset: str
) -> None:
    body = f'--B\r\nContent-Disposition: form-data; name="what"\r\n\r\n{TYPED}\r\n--B--\r\n'.encode()
    kind = f"multipart/form-data; boundary=B; charset={charset}"
    assert b"We have your tip" in Client().generic("POST", "/report/receipt/", body, content_type=kind).content
    outbox.drain()
    assert [one.answers["what"] for one in opening.arrivals(tip=Entry.objects.get().tip, keys=keys)] == [TYPED]


@pytest.mark.parametrize("path", ["/", "/search/", "/mailbox/", "/admin/login/"])
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_page_is_shown_whatever_charset_a_request_names(db: None, path: str, charset: str) -> None:
    for method in ("GET", "POST"):
        answer = Client().generic(method, path, b"", content_type=f"text/plain; charset={charset}")
        assert answer.status_code < 500
