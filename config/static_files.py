"""Static files: what is collected, and the headers with which WhiteNoise serves them."""

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE, IMPORT = "css/site.css", b'@import url("palette.css");\n'


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Collects the public pages' style with the palette inside it: a second file would keep each reader waiting."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:
        if SITE in paths and not dry_run:
            collected = Path(self.path(SITE))
            collected.write_bytes(with_palette(collected.read_bytes()))
            paths = paths | {SITE: (self, SITE)}  # not its source, which Django would read again
        return super().post_process(paths, dry_run=dry_run, **options)


def with_palette(style: bytes) -> bytes:
    """Return a style with the palette in the place of its import."""
    return style.replace(IMPORT, (settings.BASE_DIR / "static/css/palette.css").read_bytes())


def leave_unstored(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let no browser store a file that only senders fetch."""
    if re.match(settings.OF_SENDERS, url):
        headers["Cache-Control"] = "no-store"
