"""Error reports and log lines that hold nothing of a request: no address, no field, no cookie, no local variable."""

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
    """Write where it happened and the error's class, never its message: messages quote what people typed."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line: level, logger and, for an error, its class and the innermost place in our own order."""
        place = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
            return f"{record.levelname} {record.name} {record.exc_info[0].__name__} at {where or place}"
        return f"{record.levelname} {record.name} at {place}"


class NothingFilter(SafeExceptionReporterFilter):
    """Tell Django's error report that every part of a request and every variable is private."""

    def get_safe_settings(self) -> dict[str, Any]:
        """Return no setting."""
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return no header."""
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Return no cookie."""
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return no field."""
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """Return no variable."""
        return {}.items()


class SilentReporter(ExceptionReporter):
    """Even with DEBUG on, show the class of an error and nothing that a person sent."""

    def get_traceback_html(self) -> SafeString:
        """Return the error's class as a page."""
        name = getattr(self.exc_type, "__name__", "Error")
        return format_html("<!doctype html><title>Error</title><h1>{}</h1><p>The log says where it happened.</p>", name)

    def get_traceback_text(self) -> SafeString:
        """Return the error's class as text."""
        return format_html("{}", getattr(self.exc_type, "__name__", "Error"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what went wrong on our side."""
    return _bare(500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what no view could read: too many fields, a broken upload, a host that is not ours."""
    return _bare(400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer staff who ask for what their role does not include."""
    return _bare(403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a staff form whose mark is not the session's: nearly always it was open while they signed in again."""
    return _bare(403, "403_csrf.html")


def _bare(status: int, template: str = "") -> HttpResponse:
    """Render a page that asks nothing of the request, of a session or of the database."""
    return HttpResponse(render_to_string(template or f"{status}.html", {"demo": settings.DEMO}), status=status)
