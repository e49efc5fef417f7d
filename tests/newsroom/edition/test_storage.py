"""Editions on disk: whole or not at all, readable by nginx, and one builder at a time."""

import os
import stat
from datetime import timedelta

import pytest

from newsroom.domain import request_rebuild
from newsroom.edition import storage
from newsroom.edition.storage import UnfinishedEdition
from tests.newsroom.articles import NOON

PAGE = "news/deep/index.html"


def publish(*files, text=b"text" * 100):
    with UnfinishedEdition() as draft:
        for file in files:
            draft.add(file, text)
        return draft.publish(at=NOON, after=NOON + timedelta(hours=1), number=7, whole="x")


def test_publishing_switches_in_one_step():
    assert (storage.current_folder(), storage.current()) == (None, None)
    first = publish(PAGE)
    with UnfinishedEdition() as draft:
        draft.add(PAGE, b"newer")
        assert storage.current() == first
    second = publish()
    assert storage.current() == second
    assert os.readlink(request_rebuild.folder() / "current") == second.folder.name  # noqa: PTH115


def test_everything_is_on_the_disk_before_the_switch(monkeypatch):
    before = publish(PAGE)
    seen = []

    def sync():
        (draft,) = request_rebuild.folder().glob(".building-*")
        seen.append((storage.current(), sorted(path.name for path in draft.rglob("*.*"))))

    monkeypatch.setattr(os, "sync", sync)
    publish("index.html")
    assert seen == [(before, [".facts.json", "index.html", "index.html.br", "index.html.gz"])]


def test_what_a_killed_builder_left_goes_with_the_next_lock_though_nothing_is_due():
    with storage.build_lock(wait=True):
        left = UnfinishedEdition()
        left.add(PAGE, b"half")
        with storage.build_lock(wait=False) as second:
            assert (second, left.path.exists()) == (False, True)
    with storage.build_lock(wait=False):
        assert not left.path.exists()


def test_what_cannot_be_cleared_stops_no_builder():
    (request_rebuild.folder() / ".building-left").write_bytes(b"no folder")
    assert publish(PAGE).folder.exists()
    with storage.build_lock(wait=False) as acquired:
        assert acquired


def test_older_editions_are_cleared():
    made = [publish(PAGE).folder for _ in range(4)]
    storage.clear()
    folders = [
        path
        for path in request_rebuild.folder().iterdir()
        if path.is_dir() and not path.is_symlink()
    ]
    assert sorted(folders) == made[2:]


def test_another_user_may_read_pages_whatever_the_umask():
    before = os.umask(0o077)
    try:
        made = publish(PAGE, "index.html")
    finally:
        os.umask(before)
    for path in [request_rebuild.folder(), made.folder, *made.folder.rglob("*")]:
        wanted = 0o755 if path.is_dir() else 0o644
        if path.name != storage.FACTS:
            assert (path.name, stat.S_IMODE(path.stat().st_mode)) == (path.name, wanted)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"at": "x", "next": null, "number": 1, "whole": ""}']
)
def test_damaged_facts_and_a_copy_without_links_count_as_no_edition(text):
    made = publish(PAGE)
    (made.folder / storage.FACTS).write_text(text)
    assert storage.current() is None
    (request_rebuild.folder() / "current").unlink()
    made.folder.rename(request_rebuild.folder() / "current")
    assert storage.current() is None
    assert publish(PAGE) == storage.current()
