"""The headers of every response, for the WSGI layer and for nginx, whose configuration is made from them."""

from django.conf import settings
from django.utils.csp import CSP, build_policy

from core.responses import FOR_EVERYBODY

TYPES = {
    "html": "text/html; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
_EXTENSIONS = {"text/xml": "xml"} | {value.partition(";")[0]: name for name, value in TYPES.items()}


def extension(content_type: str) -> str | None:
    """Return the file extension for a Content-Type, None for a type that no edition holds."""
    return _EXTENSIONS.get(content_type.partition(";")[0].strip().lower())


def every(*, https: bool) -> dict[str, str]:
    """Return the headers of every response, whoever gives it: Django, the WSGI layer, or nginx by itself."""
    fields = {
        "Content-Security-Policy": build_policy(settings.SECURE_CSP),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        **settings.RESPONSE_HEADERS,
    }
    if https:
        whole = ""
        if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
            whole = "; includeSubDomains; preload"
        fields["Strict-Transport-Security"] = f"max-age=63072000{whole}"
    return fields


def common(*, https: bool) -> dict[str, str]:
    """Return the headers of every response from an edition."""
    # Revalidated each time, so that a withdrawn article disappears at once.
    own = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    return every(https=https) | FOR_EVERYBODY | own


def front(*, https: bool) -> dict[str, str]:
    """Return the headers of the pages that nginx itself answers: their styles stand in them."""
    policy = {"default-src": [CSP.NONE], "style-src": [CSP.UNSAFE_INLINE]}
    policy |= {"frame-ancestors": [CSP.NONE], "base-uri": [CSP.NONE]}
    return every(https=https) | {"Content-Security-Policy": build_policy(policy)}
