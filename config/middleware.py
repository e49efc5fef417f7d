"""What every request passes: a limit on its size, and the few facts that every page shows."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

PHOTO_PATHS = ("/report/photos/", "/mailbox/photos/", "/admin/")


def limit_body(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413 with a page that says what to do, before one byte of too large a body is parsed.

    Django would keep reading, and drop what does not fit in silence.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        photos = request.path.startswith(PHOTO_PATHS)
        limit = settings.PHOTO_BODY_LIMIT if photos else settings.FORM_BODY_LIMIT
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > limit:
            return render(request, "413.html", {"photos": photos, "limit": limit}, status=413)
        return get_response(request)

    return middleware


def keep_nothing_of_the_desk(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let no browser keep an answer from under /admin/, whoever made it: a refusal, an error, a lockout too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/"):
            add_never_cache_headers(response)
        return response

    return middleware


def site(request: HttpRequest) -> dict[str, object]:
    """Give templates the town, whether this is a demonstration, and the site's own address."""
    return {"town": settings.TOWN, "demo": settings.DEMO, "origin": settings.SITE_ORIGIN}
