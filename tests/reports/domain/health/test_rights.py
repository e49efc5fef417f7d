"""Who can read what of the state folder: nginx's user what it serves, and nobody else anything."""

import os
from pathlib import Path

import pytest

from reports.domain import desk
from reports.domain.health import rights

MODES = (0o711, 0o700, 0o600)  # of the state folder, of what lies in it, and of files


@pytest.fixture(autouse=True)
def strict(state_dir: Path) -> None:
    """Let the state folder be as a careful installation leaves it."""
    for name, folders, files in os.walk(state_dir):
        for each in folders:
            Path(name, each).chmod(0o700)
        for each in files:
            Path(name, each).chmod(0o600)
    state_dir.chmod(0o711)
    page = state_dir / "edition" / "1" / "pages" / "index.html"
    page.parent.mkdir(parents=True)
    page.touch(mode=0o644)
    for folder in (state_dir / "edition", state_dir / "edition" / "1", page.parent):
        folder.chmod(0o755)


def page(state_dir: Path) -> Path:
    return state_dir / "edition" / "1" / "pages" / "index.html"


def test_a_careful_installation_has_nothing_loose_and_nothing_closed(state_dir: Path) -> None:
    (desk.folder() / "ring.age").touch(mode=0o600)
    (state_dir / "edition" / "1" / ".facts.json").touch(mode=0o600)
    (state_dir / "edition" / ".building-1").mkdir(mode=0o700)
    assert (rights.loose(), rights.closed()) == ([], [])


def test_every_right_of_others_is_found(state_dir: Path) -> None:
    ring = desk.folder() / "ring.age"
    ring.touch()
    for mode in (0o640, 0o604, 0o620, 0o601):
        ring.chmod(mode)
        assert rights.loose() == [ring]
    ring.chmod(0o600)
    desk.folder().chmod(0o750)
    assert rights.loose() == [desk.folder()]
    desk.folder().chmod(0o700)
    state_dir.chmod(0o755)
    assert rights.loose() == [state_dir]


def test_what_nginx_cannot_read_is_found(state_dir: Path) -> None:
    page(state_dir).chmod(0o600)
    assert rights.closed() == [page(state_dir)]
    page(state_dir).chmod(0o644)
    page(state_dir).parent.chmod(0o700)
    assert rights.closed() == [page(state_dir).parent]
    page(state_dir).parent.chmod(0o755)
    state_dir.chmod(0o700)
    assert rights.closed() == [state_dir]
