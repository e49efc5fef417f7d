"""What the log says of an error: what failed and where; nothing that anybody sent, in whatever way it fails."""

import base64
import gc
import io
import json
import logging
import os
import smtplib
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.test import Client

from newsroom import views as news
from reports.domain.intake import outbox, receiving
from reports.domain.maintenance import notices
from reports.domain.outcomes import appeals
from reports.sealing import receipts
from reports.security import log_lines
from reports.security.log_lines import LineFormatter
from reports.views import submit
from tests.factories import make_user
from tests.reports.admin.conftest import sign_in
from tests.reports.markup import slip
from tests.system.harness.homes import marker


def logged(record):
    line = LineFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def record(name, message, *arguments, error=None):
    found = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(
        name, logging.ERROR, f"{log_lines.ROOT}/reports/x.py", 7, message, arguments, found
    )


def raised(error, *, cause=None):
    """Return an error as it is once it was raised here."""
    try:
        raise error from cause
    except type(error) as caught:
        return caught


def test_line_of_an_error_has_its_class_and_place_and_not_its_words():
    facts = logged(
        record("reports.domain.x", "a job failed", error=raised(ValueError("marmalade")))
    )
    assert facts.pop("at").startswith("tests/reports/security/test_log_lines.py:")
    assert facts == {
        "level": "ERROR",
        "logger": "reports.domain.x",
        "what": "a job failed",
        "error": "ValueError",
    }


def test_line_says_what_led_to_an_error_with_the_number_that_it_was_given():
    full = raised(RuntimeError("m"), cause=raised(OSError(28, "No space left", "/marmalade")))
    assert logged(record("reports.x", "x", error=full))["because"] == ["OSError ENOSPC"]
    refused = logged(
        record("reports.x", "x", error=smtplib.SMTPResponseException(550, b"marmalade"))
    )
    assert (refused["error"], refused["at"]) == ("SMTPResponseException 550", "")


def test_line_of_an_error_deep_in_other_code_says_through_where_it_came():
    with pytest.raises(json.JSONDecodeError) as found:
        json.loads("marmalade")
    facts = logged(record("axes", "marmalade", error=found.value))
    assert facts["through"][-1].startswith("tests/reports/security/")
    assert "what" not in facts


def test_only_constants_and_numbers_are_words_of_a_line():
    assert logged(record("newsroom.edition", "it answered %d", 404))["what"] == "it answered 404"
    assert logged(record("gunicorn.error", "Worker (pid:%s) was sent %s!", 7, "SIGKILL"))[
        "what"
    ].startswith("Worker")
    others = [
        record("newsroom.edition", "of %s", "marmalade"),
        record("axes", "marmalade"),
        record("gunicorn.error", "Error handling request %s", "/marmalade"),
        record("gunicorn.error", "marmalade"),
    ]
    silent = record("reports.x", "")
    silent.msg = ValueError("marmalade")  # type: ignore[assignment]
    assert [logged(each) for each in (*others, silent)] == [
        {"level": "ERROR", "logger": name, "at": "reports/x.py:7"}
        for name in ("newsroom.edition", "axes", "gunicorn.error", "gunicorn.error", "reports.x")
    ]


@pytest.fixture
def lines():
    """Collect all that is logged, as it would be written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    loggers = [logging.getLogger(name) for name in ("", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)


def test_line_of_a_request_names_status_and_route_and_nothing_that_was_sent(db, lines):
    client = sign_in(make_user("oda", "Caseworker"))
    client.get("/admin/people/?secret=marmalade")
    client.get("/news/marmalade-street/")
    client.put("/admin/lock/", "marmalade")
    client.generic("MARMALADE", "/admin/lock/")
    client.get("/marmalade/")
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [
        (line["status"], line["method"], line["route"]) for line in found if "route" in line
    ] == [
        (403, "GET", "admin:people"),
        (404, "GET", "article"),
        (405, "PUT", "admin:lock"),
        (405, "?", "admin:lock"),
        (404, "GET", "(no such address)"),
    ]
    assert "marmalade" not in lines.getvalue().lower()


# The ways of failing. Each is told what to hide in all that is sent, and in the error itself.


def failing(secret):
    """Return a function that fails with an error that quotes what was sent."""

    def fail(*args, **kwargs):
        raise RuntimeError(f"cannot use {secret}")

    return fail


def view(secret, patch, client):
    patch.setattr(submit, "_check_page", failing(secret))
    client.post("/report/check/", slip(client) | {"what": secret})


def news_page(secret, patch, client):
    patch.setattr(news, "search", failing(secret))
    client.get(f"/search/?q={secret}")
    client.get(
        f"/news/{secret}/?{secret}={secret}",
        headers={"User-Agent": secret, "Referer": f"https://{secret}/"},
    )


def full_disk(secret, patch, client):
    def full(handle):
        raise OSError(28, "No space left on device", f"/{secret}")

    fields = slip(client) | {"what": secret}
    patch.setattr(os, "fsync", full)
    assert client.post("/report/receipt/", fields).status_code == 503


def strange_requests(secret, patch, client):
    client.get("/report/", headers={"Host": f"{secret}.example"})
    client.post(f"/{secret}/", {secret: secret})
    client.post("/report/check/", f"{secret}=%", content_type="application/x-www-form-urlencoded")
    client.post("/report/check/", secret, content_type=f"multipart/form-data; boundary={secret}")
    client.post("/report/check/", {f"{secret}{number}": "" for number in range(1100)})
    client.generic(secret.upper(), "/report/")
    Client(enforce_csrf_checks=True).post("/admin/login/", {"username": secret, "password": secret})


def sign_in_fails(secret, patch, client):
    for _ in range(6):
        client.post("/admin/login/", {"username": secret, "password": secret, "code": secret})
    patch.setattr("reports.admin.people.sign_in.SignInForm.clean", failing(secret))
    client.post("/admin/login/", {"username": secret, "password": secret})


def unreadable_file(secret, patch, client):
    def refuse(path):
        raise PermissionError(13, secret, secret)

    receiving.accept(token=receipts.new_token(), answers={"what": secret})
    with patch.context() as broken:
        broken.setattr(Path, "read_bytes", refuse)
        outbox.drain()


def maintenance(secret, patch, client):
    patch.setattr(appeals, "publish", failing(secret))
    with pytest.raises(CommandError) as found:
        call_command("run_maintenance")
    assert secret not in str(found.value)


def mail_server(secret, patch, client):
    def refuse(backend, messages):
        raise smtplib.SMTPRecipientsRefused({secret: (550, secret.encode())})

    patch.setattr(EmailBackend, "send_messages", refuse)
    patch.setattr("reports.domain.health.mail.operators", lambda: [f"{secret}@example.org"])
    notices.mail_operators()


def thread(secret, patch, client):
    log_lines.catch_the_rest()
    running = threading.Thread(target=failing(secret))
    running.start()
    running.join()


def unraisable(secret, patch, client):
    log_lines.catch_the_rest()
    type("Falls", (), {"__del__": failing(secret)})()
    gc.collect()


def process(secret, patch, client):
    log_lines.catch_the_rest()
    error = raised(ValueError(secret))
    sys.excepthook(ValueError, error, error.__traceback__)


WAYS = (
    view,
    news_page,
    full_disk,
    strange_requests,
    sign_in_fails,
    unreadable_file,
    maintenance,
    mail_server,
    thread,
    unraisable,
    process,
)


@pytest.fixture
def hooks():
    """Put Python's own hooks back afterwards."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = before


def spellings(secret):
    """Return how a text may stand in a line: as it is, in an address, in bytes, and encoded."""
    raw = secret.encode()
    return [secret, quote(secret), raw.hex(), base64.b64encode(raw).decode().rstrip("=")[:-1]]


@pytest.mark.django_db
@pytest.mark.usefixtures("passphrase", "hooks")
@pytest.mark.parametrize("fail", WAYS, ids=lambda way: way.__name__)
def test_no_way_of_failing_writes_what_was_sent_and_each_says_that_it_failed(
    monkeypatch, client, lines, fail
):
    client.raise_request_exception = False
    secret = marker()
    fail(secret, monkeypatch, client)
    text = lines.getvalue()
    assert [word for word in spellings(secret) if word.lower() in text.lower()] == []
    found = [json.loads(line) for line in text.splitlines()]
    assert [line for line in found if "error" in line or "status" in line], "it fails in silence"
