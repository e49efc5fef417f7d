"""The form's shell is kept for everybody: what one visitor's request says changes nothing in the next one's page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import clear_script_prefix
from pytest_django import Settings

from reports.views import submit as views
from tests.reports.markup import hidden

ELSEWHERE = "/elsewhere"
STRANGE = {"SCRIPT_NAME": ELSEWHERE, "HTTP_SCRIPT_NAME": ELSEWHERE, "HTTP_X_SCRIPT_NAME": ELSEWHERE}


@pytest.fixture(autouse=True)
def first_visit(db: None) -> Iterator[None]:
    """Keep no shell from before a test, and none of what it did; a request of the server closes stray connections."""
    views._shell.cache_clear()
    yield
    views._shell.cache_clear()
    clear_script_prefix()


def form(**strange: str) -> bytes:
    """Return what the application answers to a visit of the form, without the visitor's own token, tick and mark."""
    said: list[Any] = []
    environ = RequestFactory().get("/report/", **strange).environ
    body = b"".join(WSGIHandler()(environ, lambda *answer: said.extend(answer)))
    assert said[0] == "200 OK"
    for name, value in hidden(HttpResponse(body)).items():
        body = body.replace(f'name="{name}" value="{value}"'.encode(), f'name="{name}"'.encode())
    return body


def test_a_strangers_headers_change_nobodys_form(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = form()
    views._shell.cache_clear()
    assert form(**STRANGE) == usual
    assert form() == usual
    assert b'action="/report/check/"' in usual


def test_control_without_the_setting_a_stranger_would_change_everybodys_form(settings: Settings) -> None:
    settings.FORCE_SCRIPT_NAME = None
    form(**STRANGE)
    assert b'action="/elsewhere/report/check/"' in form()
