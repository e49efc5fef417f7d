"""What tests of making an edition ask for: Django's application, and a builder that asks it for pages."""

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from newsroom.edition.build import Builder


class Application:
    """Django's, which notes what it is asked for; `answers` are given instead of its own, by path."""

    def __init__(self):
        self.django, self.asked = get_wsgi_application(), list[str]()
        self.answers = {}
        self.while_rendering = lambda path: None

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        self.asked.append(path)
        self.while_rendering(path)
        if path not in self.answers:
            return self.django(environ, start_response)
        status, fields = self.answers[path]
        start_response(f"{status} Said", list(({"Content-Type": "text/html"} | fields).items()))
        return [b"instead"]


@pytest.fixture
def one_connection(db):
    """Let the application's requests keep the test's own connection, in which its rows are."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def application(one_connection):
    return Application()


@pytest.fixture
def builder(application):
    return Builder(application)
