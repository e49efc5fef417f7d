"""Static files: what is collected, and the headers with which WhiteNoise serves them."""

import re
from collections.abc import MutableMapping
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = b'@import url("palette.css");\n'


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Collects the public pages' style with the palette inside it: a second file would keep each reader waiting."""

    def _save(self, name: str, content: Any) -> Any:
        if name == "css/site.css":
            content = ContentFile(with_palette(content.read()))
        return super()._save(name, content)


def with_palette(style: bytes) -> bytes:
    """Return a style with the palette in the place of its import."""
    return style.replace(IMPORT, (settings.BASE_DIR / "static/css/palette.css").read_bytes())


def leave_unstored(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let no browser store a file that only senders fetch."""
    if re.match(settings.OF_SENDERS, url):
        headers["Cache-Control"] = "no-store"
