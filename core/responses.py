"""The decorator of public pages: read only, the same for every reader, and revalidated each time."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

type View = Callable[..., HttpResponse]

# Feed readers and other sites show our stories and their pictures.
FOR_EVERYBODY = {"Cross-Origin-Resource-Policy": "cross-origin"}
# A picture that a browser opens by itself does nothing.
OF_PICTURES = FOR_EVERYBODY | {"Content-Security-Policy": "default-src 'none'; sandbox"}


def public(view: View) -> View:
    """Return the view with conditional GET: browsers store the page, and revalidate it in case it was withdrawn."""

    @wraps(view)
    def with_headers(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        for name, value in FOR_EVERYBODY.items():
            response.headers[name] = value
        return response

    conditional: Any = require_safe(conditional_page(cache_control(no_cache=True)(with_headers)))
    return conditional  # type: ignore[no-any-return]
