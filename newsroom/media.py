"""The files of pictures, for sites where nginx does not serve them."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.responses import OF_PICTURES
from newsroom.domain import images


@require_safe
@cache_control(public=True, max_age=365 * 24 * 3600, immutable=True)
def picture(request: HttpRequest, digest: str, name: str) -> HttpResponseBase:
    """Return one file. Its name is a digest of its pixels, so it may be cached for ever."""
    path = images.file(digest=digest, name=name)
    if path is None:
        raise Http404
    kind = "image/webp" if path.suffix == ".webp" else "image/jpeg"
    return FileResponse(path.open("rb"), content_type=kind, headers=OF_PICTURES)
