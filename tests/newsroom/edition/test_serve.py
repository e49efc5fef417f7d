"""The layer in front of Django: what it answers itself, how, and what it leaves alone."""

import gzip
from email.utils import formatdate
from pathlib import Path

import brotli
import pytest

from newsroom.edition import headers, serve, storage
from newsroom.edition.serve import Layer
from newsroom.edition.storage import Entry, Manifest
from tests.newsroom.edition.asking import ask
from tests.newsroom.edition.standin import Newsroom, folder

STORY = b"a story " * 100
EXACT = "/news/a-story/"


@pytest.fixture
def layer(room: Newsroom) -> Layer:
    room.builder().build()
    room.asked.clear()
    return Layer(room)


def manifest() -> Manifest:
    made = storage.current()
    assert made is not None
    return made


def test_a_page_comes_from_the_edition_with_the_headers_of_the_one_list(
    layer: Layer, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "time", lambda: manifest().built_at + 3600.5)
    said, entry = ask(layer, EXACT), manifest().pages[EXACT]
    assert (said.status, said.body, room.asked) == (200, STORY, [])
    assert said.fields == dict(headers.common(https=False)) | {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(STORY)),
        "ETag": f'"{entry.digest[:32]}"',
        "Last-Modified": formatdate(entry.since, usegmt=True),
        "X-Edition": str(manifest().number),
        "X-Edition-Age": "3600",
    }
    head = ask(layer, EXACT, method="HEAD")
    assert (head.status, head.fields, head.body) == (200, said.fields, b"")


@pytest.mark.parametrize(
    ("wish", "encoding"),
    [
        ("", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0, br;q=0", None),
        ("br;q=0, *", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=nonsense", None),
    ],
)
def test_a_reader_gets_the_best_form_that_they_take(layer: Layer, wish: str, encoding: str | None) -> None:
    said = ask(layer, EXACT, accept_encoding=wish)
    unpack = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}[encoding]
    assert said.fields.get("Content-Encoding") == encoding
    assert unpack(said.body) == STORY
    assert said.fields["Content-Length"] == str(len(said.body))
    assert said.fields["Vary"] == "Accept-Encoding"


def test_a_reader_who_has_the_page_in_this_form_gets_304(layer: Layer) -> None:
    tags = set()
    for wish in ("", "gzip", "br"):
        first = ask(layer, EXACT, accept_encoding=wish)
        tags.add(first.fields["ETag"])
        for form in ("{}", "W/{}", '"other", {}', "*"):
            said = ask(layer, EXACT, accept_encoding=wish, if_none_match=form.format(first.fields["ETag"]))
            assert (said.status, said.body) == (304, b"")
            gone = {"Content-Type", "Content-Encoding", "Content-Length"}
            assert said.fields == {name: value for name, value in first.fields.items() if name not in gone}
    assert len(tags) == 3


@pytest.mark.parametrize(("seconds", "status"), [(0, 304), (-1, 200)])
def test_a_date_is_enough_where_no_tag_is_sent(layer: Layer, seconds: int, status: int) -> None:
    date = formatdate(manifest().pages[EXACT].since + seconds, usegmt=True)
    assert ask(layer, EXACT, if_modified_since=date).status == status
    assert ask(layer, EXACT, if_modified_since=date, if_none_match='"other"').status == 200
    assert ask(layer, EXACT, if_modified_since="Thu, 99 Foo 2024 00:00:00 GMT").status == 200


def test_a_withdrawn_article_is_gone_and_never_304(layer: Layer) -> None:
    said = ask(layer, "/news/a-mistake/?page=2", if_none_match="*")
    assert (said.status, said.body) == (410, b"withdrawn: /news/a-mistake/")
    assert "ETag" not in said.fields
    assert said.fields["Content-Security-Policy"] == dict(headers.common(https=False))["Content-Security-Policy"]


def test_only_the_page_of_a_query_makes_another_address(layer: Layer, room: Newsroom) -> None:
    for query in ("utm_source=x", "page=1", "page=", "q=search"):
        assert ask(layer, f"/news/?{query}").body == b"archive"
    assert ask(layer, "/news/?page=2&utm_source=x").body == b"archive, page 2"
    assert room.asked == []
    ask(layer, "/news/?page=99")
    assert room.asked == ["/news/?page=99"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", EXACT),
        *(("GET", path) for path in ("/report/", "/search/", "/static/x.css", "/news/unknown/", "/news")),
    ],
)
def test_everything_else_is_djangos(layer: Layer, room: Newsroom, method: str, path: str) -> None:
    ask(layer, path, method=method)
    assert room.asked == [path]


def test_a_manifest_that_names_a_private_room_is_not_believed(room: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/index.html").write_text("the form of somebody")
    entry = Entry("pages/index.html", "0" * 64, 0)
    layer = Layer(room)
    layer.edition = serve.Edition(Manifest(1, pages={"/report/": entry}, gone={"/admin/": entry}), tmp_path)
    for path in ("/report/", "/admin/"):
        ask(layer, path)
    assert room.asked == ["/report/", "/admin/"]


def test_a_new_edition_is_taken_over_on_refresh(layer: Layer, room: Newsroom) -> None:
    room.put(EXACT, "corrected")
    room.request(EXACT)
    room.builder().build()
    assert ask(layer, EXACT).body == STORY
    layer.refresh()
    assert ask(layer, EXACT).body == b"corrected"


def test_a_file_that_is_missing_is_made_by_django_and_a_damaged_manifest_is_left(layer: Layer, room: Newsroom) -> None:
    (folder() / "pages/news/a-story.html").unlink()
    (folder() / "manifest.json").write_text("{")
    layer.refresh()
    assert (ask(layer, EXACT).body, ask(layer, "/").body) == (STORY, b"front " * 100)
    assert room.asked == [EXACT]
