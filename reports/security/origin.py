"""Where a request comes from: our own page, or another site's."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

OURS = (
    "same-origin",
    "none",
)  # what browsers send from our own pages, and for an address that someone typed


def is_foreign(request: HttpRequest) -> bool:
    """Return whether another site's page sent this, one on another subdomain, port or scheme included.

    Browsers that do not say so themselves (`Sec-Fetch-Site`) send an Origin: none, or "null", counts as our own.
    """
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in OURS
    origin: str = request.META.get("HTTP_ORIGIN", "null")
    if origin == "null":
        return False
    host = request.get_host().lower()
    scheme = (
        "http" if host == settings.ONION_ADDRESS else request.scheme
    )  # Tor encrypts it, whatever nginx says
    try:
        came = urlsplit(origin)
    except ValueError:
        return True
    return (came.scheme, came.netloc.lower()) != (scheme, host)


def may_be_foreign(request: HttpRequest) -> bool:
    """Return whether another site's page may have sent this: `is_foreign`, or its browser says too little to tell.

    A sandboxed frame sends "null", as some old browsers do from our own pages. Its text may be sent; its token is not
    for anybody's next page.
    """
    named = (
        request.META.get("HTTP_SEC_FETCH_SITE") is not None
        or request.META.get("HTTP_ORIGIN") != "null"
    )
    return is_foreign(request) or not named
