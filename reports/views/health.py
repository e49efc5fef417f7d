"""Health check: whether this process can receive a tip."""

from django.http import HttpRequest, HttpResponse

from reports.domain.intake import outbox


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if a tip could be stored now, else 503; say nothing else about the machine."""
    ready = outbox.writable()
    return HttpResponse("ok\n" if ready else "cannot store\n", status=200 if ready else 503, content_type="text/plain")
