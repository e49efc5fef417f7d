"""The right that a view asks for: the view carries it, so that docs/roles.md can be written from the code."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.generic.base import View

# In the place of a right.
EVERYBODY = "everybody"
STAFF = "every member"
BOTH = ("GET", "POST")


def needs[V: Callable[..., HttpResponseBase]](
    right: str = "", *, get: str = "", post: str = ""
) -> Callable[[V], V]:
    """Return a decorator that lets a request in whose user has a right, and answers the methods named here alone.

    `right` is of GET and POST; with `get` or `post` each has its own, and a method without one is answered with 405.
    HEAD is answered as GET is. The rights stand in the view's `rights`, by method. The site lets in team members only,
    which is all that STAFF asks for; EVERYBODY is for addresses outside it.
    """
    rights = {}
    if get or right:
        rights["GET"] = get or right
    if post or right:
        rights["POST"] = post or right

    def guard(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            method = "GET" if request.method == "HEAD" else str(request.method)
            if method not in rights:
                return HttpResponseNotAllowed(list(rights))
            if rights[method] not in (EVERYBODY, STAFF) and not request.user.has_perm(
                rights[method]
            ):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.rights = rights  # type: ignore[attr-defined]
        return cast("V", guarded)

    return guard


class NeedsRight(View):
    """A view whose `right` is asked for by each method that it answers."""

    right: ClassVar[str]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, guarded by its right; AttributeError for one without."""
        ways = [
            way for way in ("get", "post") if way in cls.http_method_names and hasattr(cls, way)
        ]
        given_options = dict.fromkeys(ways, initkwargs.get("right") or cls.right)
        return needs(**given_options)(super().as_view(**initkwargs))
