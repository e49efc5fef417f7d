"""Error pages and error reports without content: no address, field, cookie or local variable."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views import defaults
from django.views.debug import ExceptionReporter

from newsroom.context_processors import of_the_site
from reports.security.written import is_journey, written


class SilentReporter(ExceptionReporter):
    """Report the class of an error and nothing of the request, even with DEBUG on."""

    def get_traceback_html(self) -> SafeString:
        name = getattr(self.exc_type, "__name__", "Error")
        return format_html(
            "<!doctype html><title>Error</title><h1>{}</h1><p>The log says where it happened.</p>",
            name,
        )

    def get_traceback_text(self) -> SafeString:
        return format_html("{}", getattr(self.exc_type, "__name__", "Error"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500: an error of the server."""
    return _bare(500, journey=is_journey(request), written=written(request))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: the desk's own page below its address, so that staff find the way back; else the public one."""
    if settings.SITE_ROLE != "public" and request.path.startswith(reverse("admin:index")):
        return _bare(404, "404_desk.html")
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: too many fields, a broken upload, or an unknown host."""
    return _bare(400, journey=is_journey(request), written=written(request))


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: a page that the member's role does not include."""
    return _bare(403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form with an outdated CSRF token: most often the page was open during a new sign-in."""
    return _bare(403, "403_csrf.html")


def busy() -> HttpResponse:
    """Answer 503 at the desk: too many of its pages wait, for the database or for a turn to sign in."""
    return _bare(503)


def _bare(status: int, template: str = "", **facts: object) -> HttpResponse:
    """Return an error page rendered without request, session or database; no browser stores it."""
    page = render_to_string(template or f"{status}.html", facts | of_the_site())
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})
