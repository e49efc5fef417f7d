"""What a first view weighs: a page and all that it loads from us, compressed, in bytes, in each language.

The pages are the demonstration's, as it serves them; their limits are promises (docs/promises.md).
"""

import gzip
import re
import tempfile
from pathlib import Path

from config.static_files import with_imports
from core import languages
from tests.bench._site import STORY, Site

LIMITS = {"/": 9_500, STORY: 10_300, "/report/": 14_336}
LOADED = re.compile(r'(?:src|<link rel="(?:stylesheet|icon)" href)="(/static/[^"]+)"')


def main():
    """Print each page's bytes beside its limit."""
    with (
        tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder,
        Site(Path(folder)).serving() as visitor,
    ):
        pages = dict(LIMITS)
        pages |= {f"/{code}/report/": LIMITS["/report/"] for code in languages.NAMES}
        for path, limit in pages.items():
            weight = first_view(visitor, path)
            print(f"{path:45} {weight:7,} of {limit:7,} bytes  {weight / limit:.2f}")  # noqa: T201


def first_view(visitor, path):
    """Return the compressed bytes of a page and of every file that it loads from us."""
    page = visitor.get(path).text
    files = [visitor.get(file).text for file in sorted({*LOADED.findall(page)})]
    return sum(len(gzip.compress(with_imports(part.encode()), 6)) for part in (page, *files))
