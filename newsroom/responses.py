"""How public pages answer: read only, the same for everybody, and asked about again each time."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

type View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Let readers keep the page, and answer 304 to those who have it; an article that is withdrawn goes at once."""
    shown: Any = require_safe(conditional_page(cache_control(no_cache=True)(view)))
    return shown  # type: ignore[no-any-return]
