"""Whether the program that renders pages is the one that rendered the edition."""

import hashlib
from pathlib import Path

from django.conf import settings

ROOMS = ("config", "newsroom", "reports", "templates", "locale", "static")


def code_version() -> str:
    """Return 16 hex digits that differ when code, templates, styles or the site's own facts do."""
    found = hashlib.sha256(repr((settings.TOWN, settings.DEMO, settings.SITE_ORIGIN, settings.LANGUAGE_CODE)).encode())
    base: Path = settings.BASE_DIR
    files = [path for room in ROOMS for path in (base / room).rglob("*") if path.suffix != ".pyc" and path.is_file()]
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    for path in sorted([*files, manifest] if manifest.exists() else files):
        facts = path.stat()
        found.update(f"{path}\0{facts.st_mtime_ns}\0{facts.st_size}\n".encode())
    return found.hexdigest()[:16]
