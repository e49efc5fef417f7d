"""The version of the code that renders pages, to render every page again when it changes."""

import hashlib
from pathlib import Path

from django.conf import settings

FOLDERS = ("config", "core", "newsroom", "reports", "templates", "static")


def code_version() -> str:
    """Return 16 hex digits that change with the code, the templates, the styles or the site's settings."""
    digest = hashlib.sha256(
        repr(
            (settings.PLACE.digest, settings.DEMO, settings.SITE_ORIGIN, settings.LANGUAGES)
        ).encode()
    )
    folders = [*(settings.BASE_DIR / name for name in FOLDERS), *settings.LOCALE_PATHS]
    files = []
    for folder in folders:
        files += [path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()]
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists():
        files.append(manifest)
    for path in sorted(files):
        status = path.stat()
        digest.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\n".encode())
    return digest.hexdigest()[:16]
