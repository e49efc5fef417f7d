"""The headers of every page of an edition, for the WSGI layer and for nginx, whose configuration is made from them."""

from django.conf import settings
from django.utils.csp import build_policy

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


def common(*, https: bool) -> list[tuple[str, str]]:
    """Return the headers of every response from an edition."""
    fields = [
        ("Cache-Control", "no-cache"),  # revalidated each time, so that a withdrawn article disappears at once
        ("Vary", "Accept-Encoding"),
        ("Content-Security-Policy", build_policy(settings.SECURE_CSP)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        *settings.RESPONSE_HEADERS.items(),
    ]
    if https:
        fields.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"))
    return fields
