"""The form's shell is kept for everybody: what one visitor's request says changes nothing in the next one's page."""

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import clear_script_prefix

from reports.views import submit
from tests.reports.markup import hidden

ELSEWHERE = "/elsewhere"
STRANGE = {"SCRIPT_NAME": ELSEWHERE, "HTTP_SCRIPT_NAME": ELSEWHERE, "HTTP_X_SCRIPT_NAME": ELSEWHERE}
STRANGE |= {
    "HTTP_X_FORWARDED_HOST": "elsewhere.example",
    "HTTP_X_FORWARDED_PREFIX": ELSEWHERE,
    "HTTP_FORWARDED": "x",
}
STRANGE |= {
    "HTTP_ACCEPT_LANGUAGE": "fr",
    "HTTP_X_ORIGINAL_URL": "/admin/",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "POST",
}


@pytest.fixture(autouse=True)
def first_visit(db):
    """Keep no shell from before a test, and none of what it did; a request of the server closes stray connections."""
    submit._shell.cache_clear()
    yield
    submit._shell.cache_clear()
    clear_script_prefix()


def form(**strange):
    """Return what the application answers to a visit of the form, without the visitor's own token, tick and mark."""
    said = []
    environ = RequestFactory().get("/report/", **strange).environ
    body = b"".join(WSGIHandler()(environ, lambda *answer: said.extend(answer)))
    assert said[0] == "200 OK"
    for name, value in hidden(HttpResponse(body)).items():
        body = body.replace(f'name="{name}" value="{value}"'.encode(), f'name="{name}"'.encode())
    return body


def test_a_strangers_headers_change_nobodys_form(monkeypatch):
    usual = form()
    submit._shell.cache_clear()
    assert form(**STRANGE) == usual
    assert form() == usual
    assert b'action="/report/check/"' in usual
