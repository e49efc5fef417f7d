"""The one list of what readers get beside a page: for the WSGI layer, and for nginx, whose file is made from it."""

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
    """Return the file extension for a Content-Type, None for one that no edition holds."""
    return _EXTENSIONS.get(content_type.partition(";")[0].strip().lower())


def common(*, https: bool) -> list[tuple[str, str]]:
    """Return the headers of every answer from an edition, whoever serves it."""
    found = [
        ("Cache-Control", "no-cache"),  # kept, and asked about each time: a withdrawn article goes at once
        ("Vary", "Accept-Encoding"),
        ("Content-Security-Policy", build_policy(settings.SECURE_CSP)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", settings.X_FRAME_OPTIONS),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
        *settings.RESPONSE_HEADERS.items(),
    ]
    if https:
        found.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"))
    return found
