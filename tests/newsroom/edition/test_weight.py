"""A first view of the news is at most 14 kB in all, as it travels: the page and its style."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from newsroom.domain import changes, public_pages, seeding
from newsroom.edition import storage
from newsroom.edition.build import Builder

LIMIT = 14_000  # bytes, without photographs
STYLES: Path = settings.BASE_DIR / "static"


@pytest.mark.parametrize("file", ["pages/index.html", "pages/news/milton-keynes-drug-warrants.html"])
def test_a_first_view_weighs_little(transactional_db: None, file: str) -> None:
    seeding.load(path=seeding.ARTICLES)
    Builder(get_wsgi_application(), public_pages, changes).build()
    folder = storage.current_folder()
    assert folder is not None
    page = (folder / file).read_bytes()
    styles = {part.partition(b'"')[0].decode() for part in page.split(b'rel="stylesheet" href="')[1:]}
    assert styles == {"/static/css/site.css"}
    assert b"<script src" not in page
    sent = [(folder / f"{file}.gz").read_bytes()]
    sent += [gzip.compress((STYLES / style.removeprefix("/static/")).read_bytes(), 9) for style in styles]
    icon = (STYLES / "img" / "favicon.svg").read_bytes()
    assert sum(map(len, sent)) + len(icon) <= LIMIT
