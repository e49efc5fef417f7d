"""Error pages, error reports and log lines without content: no address, field, cookie or local variable."""

import logging
import traceback
from collections.abc import ItemsView
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter


class PlaceFormatter(logging.Formatter):
    """Log the place and the class of an error, never its message: messages quote what people typed."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line: level, logger and, for an error, its class and the six innermost frames, innermost first."""
        place = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
            return f"{record.levelname} {record.name} {record.exc_info[0].__name__} at {where or place}"
        return f"{record.levelname} {record.name} at {place}"


class NothingFilter(SafeExceptionReporterFilter):
    """Keep every part of a request, every setting and every variable out of Django's error reports."""

    def get_safe_settings(self) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        return {}.items()


class SilentReporter(ExceptionReporter):
    """Report the class of an error and nothing of the request, even with DEBUG on."""

    def get_traceback_html(self) -> SafeString:
        name = getattr(self.exc_type, "__name__", "Error")
        return format_html("<!doctype html><title>Error</title><h1>{}</h1><p>The log says where it happened.</p>", name)

    def get_traceback_text(self) -> SafeString:
        return format_html("{}", getattr(self.exc_type, "__name__", "Error"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: an error of the server."""
    return _bare(500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: too many fields, a broken upload, or an unknown host."""
    return _bare(400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: a page that the member's role does not include."""
    return _bare(403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form with an outdated CSRF token: most often the page was open during a new sign-in."""
    return _bare(403, "403_csrf.html")


def _bare(status: int, template: str = "") -> HttpResponse:
    """Return an error page rendered without request, session or database."""
    return HttpResponse(render_to_string(template or f"{status}.html", {"demo": settings.DEMO}), status=status)
