"""What `prepare` makes on a new machine, and what it leaves alone: a desk that was, and a folder of before 0.2."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.harness import databases
from tests.system.harness import home as homes
from tests.system.harness.home import Home, new_machine

DEMO = ("env", "DEMO=1")
SQLITE = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the database is no file in the folder")
AS_BEFORE_0_2 = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("reports", "0002_roles")
"""
STOPPED = r"was made by a version before 0\.2.*nothing was changed\."


@pytest.fixture
def old(migrated: Home, tmp_path: Path) -> Iterator[Home]:
    """Return a machine whose database says that a version before 0.2 made it."""
    with homes.copied(migrated, tmp_path / "home") as home:
        home.manage("shell", "--no-imports", "--command", AS_BEFORE_0_2)
        yield home


@SQLITE
@pytest.mark.parametrize("within", [DEMO, ()], ids=["run", "server"])
def test_what_is_no_demonstration_is_left_as_it_is(old: Home, within: tuple[str, ...]) -> None:
    before = contents(old.state)
    with pytest.raises(AssertionError, match=STOPPED):
        old.manage("prepare", within=within)
    assert contents(old.state) == before
    assert [path.name for path in old.path.iterdir() if "before" in path.name] == []


def contents(folder: Path) -> dict[str, bytes]:
    """Return each file of a folder with its bytes, but for what SQLite makes and removes while it is open."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


PUBLISHED = """
import django; django.setup()
from newsroom.domain.areas import areas
from newsroom.models import Area, Article
print(Article.objects.count(), Area.objects.count() == len(areas()) > 0, end="")
"""


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    """Return a machine with an empty state folder."""
    home = new_machine(tmp_path / "new")
    yield home
    databases.drop_database(home.database_url)


@pytest.mark.parametrize(("within", "stories"), [((), 0), (DEMO, 1)], ids=["desk", "demonstration"])
def test_every_desk_has_the_towns_areas_and_a_demonstration_alone_its_story(
    empty: Home, within: tuple[str, ...], stories: int
) -> None:
    with homes.preparing():
        empty.manage("prepare", within=within)
    assert empty.python("-c", PUBLISHED) == f"{stories} True"
    pages = [path.name for path in (empty.state / "edition").rglob("milton-keynes-drug-warrants/index.html")]
    assert len(pages) == stories
    if not empty.database_url:
        assert (empty.state / "db.sqlite3").stat().st_mode & 0o777 == 0o600


@SQLITE
def test_a_demonstration_whose_database_is_gone_is_not_made_anew_beside_its_keys(empty: Home) -> None:
    with homes.preparing():
        empty.manage("prepare", within=DEMO)
    for path in empty.state.glob("db.sqlite3*"):
        path.unlink()
    before = contents(empty.state)
    told = rf"(?s)ended with 1:.*Delete the folder {empty.state} and start again"
    with pytest.raises(AssertionError, match=told) as ended:
        empty.manage("prepare", within=DEMO)
    assert "Traceback" not in str(ended.value)
    assert contents(empty.state) == before
