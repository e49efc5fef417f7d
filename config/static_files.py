"""Static files: what is collected, and the headers with which WhiteNoise serves them."""

import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLES = ("css/site.css", "css/news.css")  # of the public pages: one of them each
IMPORT = re.compile(rb'@import url\("([a-z]+[.]css)"\);\n')


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Collects the public pages' styles with what they import inside: a second file would keep each reader waiting."""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Any:
        for style in () if dry_run else paths.keys() & STYLES:
            collected = Path(self.path(style))
            collected.write_bytes(with_imports(collected.read_bytes()))
            paths = paths | {style: (self, style)}  # not its source, which Django would read again
        return super().post_process(paths, dry_run=dry_run, **options)


def with_imports(style: bytes) -> bytes:
    """Return a style with ours that it imports in the places of their imports."""
    folder = settings.BASE_DIR / "static" / "css"
    return IMPORT.sub(lambda found: with_imports((folder / found[1].decode()).read_bytes()), style)


def leave_unstored(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Let no browser store a file that only senders fetch."""
    if re.match(settings.OF_SENDERS, url):
        headers["Cache-Control"] = "no-store"
