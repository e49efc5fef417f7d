"""What `prepare` makes on a new machine, and what it leaves alone: a desk that was, and what another version made."""

import os
import shutil

import pytest

from tests.system.harness import databases, homes
from tests.system.harness.homes import new_machine
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

DEMO = ("env", "DEMO=1")
SQLITE = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="the database is no file in the folder"
)
OF_ANOTHER_VERSION = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("UPDATE django_migrations SET name = '0001_another' WHERE app = 'reports'")
"""
REFUSED = "Another version made this .*"


@pytest.fixture
def other(prepared, tmp_path):
    """Return a desk whose database records a migration that nobody has here."""
    with homes.copied(prepared, tmp_path / "home") as home:
        home.manage("shell", "--no-imports", "--command", OF_ANOTHER_VERSION)
        yield home


@SQLITE
@pytest.mark.parametrize(
    ("within", "hint"),
    [(DEMO, "Delete the folder .*/state and start again"), ((), "Nothing was changed")],
    ids=["run", "server"],
)
def test_what_another_version_made_is_left_as_it_is(other, within, hint):
    before = contents(other.state)
    for command in ("prepare", "migrate"):
        with pytest.raises(AssertionError, match=REFUSED + hint) as ended:
            other.manage(command, within=within)
        assert "Traceback" not in str(ended.value)
    assert contents(other.state) == before


@SQLITE
def test_the_service_refuses_what_another_version_made_and_receives_all_the_same(
    other,
):
    before = other.database.read_bytes()
    with Server(other) as server:
        assert Resident(server.port).tell({"what": "It comes in with the right version."}).received
    assert len(other.waiting()) == 1
    assert other.database.read_bytes() == before


def contents(folder):
    """Return each file of a folder with its bytes, but for what SQLite makes and removes while it is open."""
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


PUBLISHED = """
import django; django.setup()
from django.conf import settings
from newsroom.models import Area, Article
published = Article.objects.filter(status="published").count()
print(Article.objects.count(), published, Area.objects.count() == len(settings.PLACE.areas) > 0, end="")
"""


@pytest.fixture
def empty(tmp_path):
    """Return a machine with an empty state folder."""
    home = new_machine(tmp_path / "new")
    shutil.rmtree(home.state / "place")
    yield home
    databases.drop_database(home.database_url)


@pytest.mark.parametrize(("within", "stories"), [((), 0), (DEMO, 1)], ids=["desk", "demonstration"])
def test_every_desk_has_areas_and_stories_and_only_a_demonstration_publishes_them(
    empty, within, stories
):
    with homes.preparing():
        empty.manage(
            "prepare",
            *(() if stories else ("--place", str(homes.ROOT / "seeds/place"))),
            within=within,
        )
    assert empty.python("-c", PUBLISHED) == f"1 {stories} True"
    pages = [
        path.name
        for path in (empty.state / "edition").rglob("milton-keynes-drug-warrants/index.html")
    ]
    assert len(pages) == stories
    if not empty.database_url:
        assert (empty.state / "db.sqlite3").stat().st_mode & 0o777 == 0o600


def test_before_there_is_a_desk_nothing_is_said_to_be_wrong(empty):
    mail = {"MAIL_HOST": "mail.nowhere.invalid", "MAIL_OPERATOR": "it@tips.test", "DEMO": "0"}
    with homes.preparing():
        ran = empty.ran("prepare", "--place", str(homes.ROOT / "seeds/place"), **mail)
    assert "Edition " in ran.well()
    assert "ERROR" not in ran.err


def test_without_a_place_nothing_is_made_ready(empty):
    with pytest.raises(AssertionError, match=r"streetlight\.E022.*No place is taken"):
        empty.manage("prepare")
