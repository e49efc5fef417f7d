"""Editions on disk: whole or not at all, readable by nginx, and one builder at a time."""

import os
import stat
from pathlib import Path

import pytest

from newsroom.domain import request_rebuild
from newsroom.edition import storage
from newsroom.edition.storage import MANIFEST, Entry, Manifest

WHOLE = Manifest(
    number=1_709_294_400_123,
    next=1_709_294_500.5,
    at=1_709_294_400.1,
    code="0123",
    version=(7, 9, "abc"),
    pages={"/": Entry("pages/index.html", "ab" * 32, 1_709_294_400)},
    gone={"/news/a-mistake/": Entry("gone/news/a-mistake.html", "cd" * 32, 1)},
    moved={"/news/old/": "/news/new/"},
)


def publish(number: int, text: bytes = b"text") -> Manifest:
    draft = storage.Draft()
    entry = draft.write("pages/index.html", text)
    manifest = Manifest(number, pages={"/": entry})
    draft.publish(manifest)
    return manifest


def test_publishing_switches_in_one_step() -> None:
    assert (storage.current_folder(), storage.current()) == (None, None)
    first = publish(1)
    draft = storage.Draft()
    draft.write("pages/index.html", b"newer")
    assert storage.current() == first
    second = Manifest(2)
    draft.publish(second)
    assert storage.current() == second
    assert os.readlink(request_rebuild.folder() / "current") == "2"  # noqa: PTH115


def test_everything_is_durable_before_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        assert storage.current_folder() is None or synced[-1] == "edition"
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    draft = storage.Draft()
    draft.write("pages/news/a.html", b"a" * 1000)
    draft.publish(Manifest(1))
    written = {".manifest.json", "a.html", "a.html.gz", "a.html.br"}
    assert set(synced) == written | {"news", "pages", "gone", "moved", "targets", draft.path.name, "edition"}
    assert synced[-1] == "edition"


def test_what_a_killed_builder_left_is_cleared_and_older_editions_too() -> None:
    left = storage.Draft()
    left.write("pages/index.html", b"half")
    for number in (1, 2, 3, 4):
        publish(number)
    storage.clear()
    assert sorted(path.name for path in request_rebuild.folder().iterdir() if path.name[-1].isdigit()) == ["3", "4"]


def test_another_user_may_read_pages_whatever_the_umask() -> None:
    before = os.umask(0o077)
    try:
        draft = storage.Draft()
        entry = draft.write("pages/news/deep/a.html", b"a" * 1000)
        draft.move("/news/old/", "/news/deep/a/")
        draft.publish(Manifest(1, pages={"/news/deep/a/": entry}))
        storage.retract(Manifest(1, pages={"/news/deep/a/": entry}), {"/news/deep/a/"}, body=b"gone")
    finally:
        os.umask(before)
    for path in [request_rebuild.folder(), *(request_rebuild.folder() / "1").rglob("*")]:
        wanted = 0o755 if path.is_dir() else 0o644
        if path.name != "manifest.json":
            assert (path.name, stat.S_IMODE(path.stat().st_mode)) == (path.name, wanted)


def test_only_one_has_the_turn() -> None:
    with storage.build_lock(wait=False) as had:
        assert had
        with storage.build_lock(wait=False) as another:
            assert not another
    with storage.build_lock(wait=True) as had:
        assert had


def test_a_struck_picture_leaves_a_tombstone_that_is_a_page() -> None:
    draft = storage.Draft()
    entry = draft.write("pages/news/a/picture.png", b"\x89PNG" + b"a" * 1000)
    assert [path.name for path in (draft.path / "pages/news/a").iterdir()] == ["picture.png"]
    manifest = Manifest(1, pages={"/news/a/picture/": entry})
    draft.publish(manifest)
    struck = storage.retract(manifest, {"/news/a/picture/"}, body=b"gone")
    assert struck.gone["/news/a/picture/"].file == "gone/news/a/picture.html"
    assert (request_rebuild.folder() / "1/gone/news/a/picture.html").read_bytes() == b"gone"
    assert not (request_rebuild.folder() / "1/pages/news/a/picture.png").exists()


def test_a_manifest_comes_back_as_it_was_written_and_a_damaged_one_counts_as_none(tmp_path: Path) -> None:
    WHOLE.write(tmp_path)
    assert Manifest.read(tmp_path) == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]
    publish(1)
    for text in ("", "[]", "{}", '{"number": 1, "pages": {"/": [1]}, "gone": {}}'):
        (request_rebuild.folder() / "1" / MANIFEST).write_text(text)
        assert storage.current() is None
