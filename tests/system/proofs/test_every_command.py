"""Beside a key file without its database nothing makes one: no command, no unit and no server's start."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.core.management import get_commands
from psycopg import sql

from tests.system.deploy import units
from tests.system.harness import databases
from tests.system.harness import home as homes
from tests.system.harness.home import ROOT, Home, marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

pytestmark = [pytest.mark.server, pytest.mark.whole]

UNGUARDED = "tests.system.proofs.unguarded_settings"
GONE = "The database of this desk is gone."
# What each command is called with; the others are called with nothing.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "addstatictoken": ("lena",),
    "audit": ("verify",),
    "axes_reset_ip": ("10.0.0.1",),
    "axes_reset_ip_username": ("10.0.0.1", "lena"),
    "axes_reset_username": ("lena",),
    "backup": ("--to", "BACKUPS"),
    "changepassword": ("lena",),
    "collectstatic": ("--noinput", "--dry-run"),
    "compilemessages": ("--locale=xx",),
    "createcachetable": ("cache",),
    "createsuperuser": ("--noinput", "--username=x", "--email=x@example.org"),
    "dbshell": ("--", "-batch"),
    "desk_recover": ("lena",),
    "edition_nginx": ("--to", "-"),
    "findstatic": ("css/site.css",),
    "flush": ("--noinput",),
    "load_articles": (str(ROOT / "seeds" / "articles"),),
    "loaddata": ("nothing",),
    "makemessages": ("--locale=xx", "--extension=none"),
    "makemigrations": ("--check",),
    "mirror": ("replay",),
    "remove_stale_contenttypes": ("--noinput",),
    "restore": ("--from", "BACKUPS"),
    "runserver": ("--noreload", "--skip-checks"),
    "sendtestemail": ("x@example.org",),
    "shell": ("--no-imports", "--command", "from reports.models import Tip; print(Tip.objects.count())"),
    "sqlmigrate": ("reports", "0001"),
    "sqlsequencereset": ("reports",),
    "test": ("--help",),  # tests make a database of their own, in memory
    "testserver": ("--help",),  # so does this
}
AS_WELL = (("backup", "verify"), ("backup", "desk", "--to", "-"), ("edition", "--all"), ("doctor", "--mail"))
# Those that need not say so, as they open no database, or have to be told more before they do.
QUIET = {
    "backup desk --to -": "holds the key file, and nothing of the database",
    "backup verify": "there is no backup here",
    "collectstatic": "copies files",
    "compilemessages": "stops before: there is nothing to compile",
    "database_roles": "PostgreSQL's alone",
    "dbshell": "the database's own program says it",
    "demo_desk": "for a demonstration alone",
    "desk_key": "reads desk.pub",
    "desk_profile": "asks first",
    "diffsettings": "prints settings",
    "edition": "says to ask the doctor",
    "edition_nginx": "writes nginx's file",
    "findstatic": "looks for a file",
    "makemessages": "reads the code",
    "makemigrations": "goes on with a warning",
    "mirror": "this machine has none",
    "optimizemigration": "asks which",
    "restore": "it may make one",
    "runserver": "stops as it begins",
    "sendtestemail": "sends a mail",
    "squashmigrations": "asks which",
    "startapp": "asks which",
    "startproject": "asks which",
    "test": "has a database of its own",
    "testserver": "has a database of its own",
}
REWRITTEN = {"heartbeat.json"}  # maintenance says there that the database is gone: pages and monitors read it


def lose(home: Home, migrated: Home, *, leaves: str) -> Home:
    """Take the database from under a desk: nothing is left of it, or an empty one that `migrate` has made."""
    if home.database_url:
        url = databases.own(like=migrated.database_url if leaves == "migrated" else "")
        databases.drop_database(home.database_url)
        return Home(home.path, url, home.desk)
    for path in home.state.glob("db.sqlite3*"):
        path.unlink()
    if leaves == "migrated":
        (home.state / "db.sqlite3").write_bytes((migrated.state / "db.sqlite3").read_bytes())
    return home


@pytest.fixture(params=["nothing", "migrated"])
def lost(prepared: Home, migrated: Home, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Home]:
    """Return a desk whose database is gone, with a tip in its outbox."""
    with homes.copied(prepared, tmp_path / "home") as copy:
        copy.manage("tend")
        (copy.path / "BACKUPS").mkdir()
        home = lose(copy, migrated, leaves=request.param)
        with Server(home) as server:
            Resident(server.port).tell({"what": marker()})
        try:
            yield home
        finally:
            if home.database_url:
                databases.drop_database(home.database_url)


def contents(home: Home) -> dict[str, bytes]:
    """Return each file of the state folder with its bytes, but for what SQLite makes and removes while it is open."""
    files = [path for path in home.state.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    return {str(path.relative_to(home.state)): path.read_bytes() for path in files}


def rows(home: Home) -> dict[str, int]:
    """Return how many rows each table of a PostgreSQL has; none where the database is a file, which is compared."""
    if not home.database_url:
        return {}
    with psycopg.connect(home.database_url) as there:
        names = [name for (name,) in there.execute("SELECT relname FROM pg_stat_user_tables")]
        return {name: _count(there, name) for name in names}


def _count(there: "psycopg.Connection[tuple[int, ...]]", name: str) -> int:
    found = there.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
    return found[0] if found else 0


def unchanged(home: Home, before: dict[str, bytes], *, by: object) -> None:
    """Check that no file has come, gone or changed, but for those that say so."""
    after = contents(home)
    assert after.keys() - before.keys() == set(), f"{by} left a file"
    assert before.keys() - after.keys() == set(), f"{by} removed a file"
    changed = {name for name in before if after[name] != before[name]}
    assert changed <= REWRITTEN, f"{by} wrote {changed}"


def ended(home: Home, commands: list[list[str]]) -> list[tuple[int, str]]:
    """Run each command and return how it ended and what it said."""
    told = [[str(home.path / "BACKUPS") if word == "BACKUPS" else word for word in words] for words in commands]
    return [
        (code, said) for code, said in json.loads(home.python("-m", "tests.system.proofs.every_command", given=told))
    ]


def test_no_command_leaves_a_file_and_each_that_needs_the_database_says_how_to_restore(lost: Home) -> None:
    names = sorted(get_commands())
    assert len(names) > 50
    assert {name.partition(" ")[0] for name in (*QUIET, *ARGUMENTS)} <= set(names), "a command that is gone"
    before, stored = contents(lost), rows(lost)
    commands = [[name, *ARGUMENTS.get(name, ())] for name in names] + [list(words) for words in AS_WELL]
    silent = {}
    for words, (code, said) in zip(commands, ended(lost, commands), strict=True):
        assert "Traceback" not in said, f"{words}: {said}"
        says_how = bool(code) and GONE in said and " restore --from " in said
        if not says_how and not QUIET.keys() & {words[0], " ".join(words)}:
            silent[" ".join(words)] = (code, said)
    assert silent == {}
    unchanged(lost, before, by="a command")
    assert rows(lost) == stored
    assert len(lost.waiting()) == 1, "the tip did not stay in the outbox"


def test_no_unit_leaves_a_file(lost: Home) -> None:
    services = sorted((ROOT / "deploy").glob("*.service"))
    assert len(services) >= 4
    for path in services:
        unit = units.parsed(path.name, path.read_text(encoding="utf-8").replace("%i", "streetlight-tend.service"))
        for line in [*unit.all("ExecStartPre"), *unit.all("ExecStart"), *unit.all("ExecStartPost")]:
            before, words = contents(lost), shlex.split(line)
            if "gunicorn" in words[0]:
                starts_and_receives(lost)
            else:
                assert words[1] == "manage.py", f"{path.name} runs something that this test does not know"
                words = [re.sub("^/var/backups/streetlight$", "BACKUPS", word) for word in words[2:]]
                ended(lost, [words])
            unchanged(lost, before | new_entries(lost, before), by=f"{path.name}: {line}")
    assert lost.waiting(), "the tip did not stay in the outbox"


def new_entries(home: Home, before: dict[str, bytes]) -> dict[str, bytes]:
    """Return what a server has received since: that is what it is for."""
    return {name: data for name, data in contents(home).items() if name.startswith("outbox/") and name not in before}


def starts_and_receives(home: Home) -> None:
    """Start the server: it receives a tip, which waits; it says that it can, and that the desk is ill."""
    waiting = len(home.waiting())
    with Server(home) as server:
        resident = Resident(server.port)
        assert resident.tell({"what": marker()}).received
        assert resident.get("/healthz").status == 200
        assert resident.get("/healthz/desk").status == 503
    assert len(home.waiting()) == waiting + 1


def test_control_a_file_that_a_command_leaves_is_found(lost: Home) -> None:
    before = contents(lost)
    (lost.state / "db.sqlite3-journal").touch()
    with pytest.raises(AssertionError, match="left a file"):
        unchanged(lost, before, by="the control")


def test_control_django_as_it_comes_makes_an_empty_one(lost: Home) -> None:
    if lost.database_url or (lost.state / "db.sqlite3").exists():
        pytest.skip("this is about SQLite's file")
    before = contents(lost)
    lost.manage("showmigrations", within=("env", f"DJANGO_SETTINGS_MODULE={UNGUARDED}"))
    with pytest.raises(AssertionError, match="left a file"):
        unchanged(lost, before, by="the control")
