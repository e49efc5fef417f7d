"""The layer in front of Django: what it answers itself, how, and what it leaves alone."""

import gzip
import shutil
from email.utils import formatdate
from pathlib import Path

import brotli
import pytest

from newsroom.domain import request_rebuild
from newsroom.edition import headers, serve, storage
from newsroom.edition.serve import Layer
from newsroom.edition.storage import Entry, Manifest
from tests.newsroom.edition.asking import ask
from tests.newsroom.edition.standin import Newsroom

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


def test_a_page_comes_from_the_edition_with_the_headers_of_the_one_list(layer: Layer, room: Newsroom) -> None:
    said = ask(layer, EXACT)
    entry = manifest().pages[EXACT]
    assert (said.status, said.body, room.asked) == (200, STORY, [])
    age = int(said.fields.pop("X-Edition-Age"))
    assert 0 <= age < 60
    assert said.fields == dict(headers.common(https=False)) | {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(STORY)),
        "ETag": f'"{entry.digest[:32]}"',
        "Last-Modified": formatdate(entry.since, usegmt=True),
        "X-Edition": str(manifest().number),
    }


def test_the_age_counts_from_when_the_edition_was_made(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "time", lambda: manifest().built_at + 3600.5)
    assert ask(layer, "/").fields["X-Edition-Age"] == "3600"


@pytest.mark.parametrize(
    ("wish", "encoding"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0, br;q=0", None),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("GZIP", "gzip"),
        ("identity", None),
        ("gzip;q=nonsense", None),
        ("deflate", None),
    ],
)
def test_a_reader_gets_the_best_form_that_they_take(layer: Layer, wish: str, encoding: str | None) -> None:
    said = ask(layer, EXACT, accept_encoding=wish)
    unpack = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}[encoding]
    assert said.fields.get("Content-Encoding") == encoding
    assert unpack(said.body) == STORY
    assert said.fields["Content-Length"] == str(len(said.body))
    assert said.fields["Vary"] == "Accept-Encoding"


def test_what_is_too_short_to_be_packed_comes_as_it_is(layer: Layer) -> None:
    said = ask(layer, "/robots.txt", accept_encoding="gzip, br")
    assert (said.body, said.fields.get("Content-Encoding")) == (b"User-agent: *", None)
    assert said.fields["Content-Type"] == "text/plain; charset=utf-8"


def test_head_gives_the_headers_and_no_body(layer: Layer) -> None:
    got, head = ask(layer, EXACT, accept_encoding="br"), ask(layer, EXACT, method="HEAD", accept_encoding="br")
    assert (head.status, head.fields, head.body) == (200, got.fields, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_any_other_method_is_djangos(layer: Layer, room: Newsroom, method: str) -> None:
    ask(layer, EXACT, method=method)
    assert room.asked == [EXACT]


@pytest.mark.parametrize("wish", ["", "gzip", "br"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_reader_who_has_the_page_gets_304(layer: Layer, wish: str, form: str) -> None:
    first = ask(layer, EXACT, accept_encoding=wish)
    said = ask(layer, EXACT, accept_encoding=wish, if_none_match=form.format(first.fields["ETag"]))
    assert (said.status, said.body) == (304, b"")
    gone = {"Content-Type", "Content-Encoding", "Content-Length"}
    assert said.fields == {name: value for name, value in first.fields.items() if name not in gone}


def test_each_form_has_a_tag_of_its_own(layer: Layer) -> None:
    tags = {ask(layer, EXACT, accept_encoding=wish).fields["ETag"] for wish in ("", "gzip", "br")}
    assert len(tags) == 3


def test_another_tag_gets_the_page_whatever_the_date_says(layer: Layer) -> None:
    late = formatdate(manifest().pages[EXACT].since + 9, usegmt=True)
    assert ask(layer, EXACT, if_none_match='"other"', if_modified_since=late).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(0, 304), (60, 304), (-1, 200)])
def test_a_date_is_enough(layer: Layer, seconds: int, status: int) -> None:
    date = formatdate(manifest().pages[EXACT].since + seconds, usegmt=True)
    assert ask(layer, EXACT, if_modified_since=date).status == status


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Foo 2024 00:00:00 GMT"])
def test_an_impossible_date_gets_the_page(layer: Layer, date: str) -> None:
    assert ask(layer, EXACT, if_modified_since=date).status == 200


def test_a_withdrawn_article_is_gone_and_never_304(layer: Layer) -> None:
    said = ask(layer, "/news/a-mistake/?page=2", if_none_match="*")
    assert (said.status, said.body) == (410, b"withdrawn: /news/a-mistake/")
    assert "ETag" not in said.fields
    assert said.fields["Content-Security-Policy"] == dict(headers.common(https=False))["Content-Security-Policy"]


def test_a_moved_article_is_redirected(layer: Layer) -> None:
    said = ask(layer, "/news/an-old-name/?utm_source=x")
    assert (said.status, said.fields["Location"], said.fields["Content-Length"]) == (301, EXACT, "0")


@pytest.mark.parametrize("query", ["utm_source=x", "page=1", "page=", "q=search"])
def test_a_query_that_says_nothing_is_ignored(layer: Layer, room: Newsroom, query: str) -> None:
    assert ask(layer, f"/news/?{query}").body == b"archive"
    assert room.asked == []


def test_a_page_number_is_another_address(layer: Layer, room: Newsroom) -> None:
    assert ask(layer, "/news/?page=2&utm_source=x").body == b"archive, page 2"
    assert room.asked == []
    ask(layer, "/news/?page=99")
    assert room.asked == ["/news/?page=99"]


@pytest.mark.parametrize(
    "path",
    [
        "/report/",
        "/report/check/",
        "/mailbox/",
        "/search/",
        "/admin/",
        "/static/x.css",
        "/news/unknown/",
        "/news",
        "/index.html",
    ],
)
def test_everything_else_is_djangos(layer: Layer, room: Newsroom, path: str) -> None:
    ask(layer, path)
    assert room.asked == [path]


def test_a_manifest_that_names_a_private_room_is_not_believed(room: Newsroom, tmp_path: Path) -> None:
    entry = Entry("pages/index.html", "0" * 64, 0)
    layer = Layer(room)
    layer.edition = serve.Edition(Manifest(1, pages={"/report/": entry}, gone={"/admin/": entry}), tmp_path)
    for path in ("/report/", "/admin/"):
        ask(layer, path)
    assert room.asked == ["/report/", "/admin/"]


def test_before_the_first_edition_everything_is_djangos(room: Newsroom) -> None:
    assert ask(Layer(room), "/").body == b"front " * 100
    assert room.asked == ["/"]


def test_a_new_edition_is_taken_over_on_refresh(layer: Layer, room: Newsroom) -> None:
    room.put(EXACT, "corrected")
    room.request(EXACT)
    room.builder().build()
    assert ask(layer, EXACT).body == STORY
    layer.refresh()
    assert ask(layer, EXACT).body == b"corrected"


def test_a_struck_page_goes_on_refresh_without_a_new_edition(layer: Layer) -> None:
    assert ask(layer, EXACT).status == 200
    storage.retract(manifest(), {EXACT}, body=b"gone")
    layer.refresh()
    assert (ask(layer, EXACT).status, ask(layer, EXACT).body) == (410, b"gone")


def test_an_edition_that_was_cleared_away_is_not_missed(layer: Layer, room: Newsroom) -> None:
    old = storage.current_folder()
    assert old is not None
    room.put("/", "new")
    room.builder().build()
    shutil.rmtree(old)
    assert ask(layer, "/").body == b"new"


def test_a_file_that_is_missing_is_made_by_django(layer: Layer, room: Newsroom) -> None:
    home = storage.current_folder()
    assert home is not None
    (home / "pages/news/a-story.html").unlink()
    assert ask(layer, EXACT).body == STORY
    assert room.asked == [EXACT]


def test_a_damaged_manifest_leaves_the_edition_before_in_use(layer: Layer, room: Newsroom) -> None:
    home = storage.current_folder()
    assert home is not None
    (home / "manifest.json").write_text("{")
    layer.refresh()
    assert ask(layer, EXACT).body == STORY
    assert room.asked == []


def test_memory_is_bounded_and_old_pages_come_back_from_their_files(layer: Layer) -> None:
    edition = layer.edition
    assert edition is not None
    small = serve.Edition(edition.manifest, edition.folder, memory=2 * (len(STORY) + serve.OVERHEAD))
    layer.edition = small
    for _ in range(3):
        for path in (EXACT, "/", "/news/", "/news/?page=2", "/robots.txt"):
            assert ask(layer, path).status == 200
        sizes = [page.size for page in small._cache.values()]
        assert 0 < sum(sizes) <= 2 * (len(STORY) + serve.OVERHEAD)
        assert small._free == 2 * (len(STORY) + serve.OVERHEAD) - sum(sizes)


def test_a_page_larger_than_the_memory_is_served_and_not_kept(layer: Layer) -> None:
    edition = layer.edition
    assert edition is not None
    layer.edition = serve.Edition(edition.manifest, edition.folder, memory=10)
    assert ask(layer, EXACT).body == STORY
    assert (len(layer.edition._cache), layer.edition._free) == (0, 10)


def test_the_folder_of_editions_holds_no_more_than_two(layer: Layer, room: Newsroom) -> None:
    for hour in range(1, 5):
        room.put("/", f"front {hour}")
        room.builder().build()
    storage.clear()
    assert len([path for path in request_rebuild.folder().iterdir() if path.name.isdigit()]) == 2
