"""The decorator of public pages: read only, the same for every reader, and revalidated each time."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

type View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Return the view with conditional GET: browsers store the page, and revalidate it in case it was withdrawn."""
    conditional: Any = require_safe(conditional_page(cache_control(no_cache=True)(view)))
    return conditional  # type: ignore[no-any-return]
