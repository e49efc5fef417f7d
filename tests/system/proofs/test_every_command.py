"""Beside a key file without its database nothing makes one: no command, no unit and no server's start."""

import json
import re
import shlex

import pytest
from django.core.management import get_commands

from tests.system.deploy import units
from tests.system.harness import databases, homes
from tests.system.harness.homes import ROOT, Home, marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

pytestmark = pytest.mark.whole

UNGUARDED = "tests.system.proofs.unguarded_settings"
GONE = "The database of this desk is gone."
# What commands are called with to come as far as the database; the others are called with nothing.
ARGUMENTS = {
    "addstatictoken": ("lena",),
    "audit": ("verify",),
    "axes_reset_ip": ("10.0.0.1",),
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
    "flush": ("--noinput",),
    "load_articles": (str(ROOT / "seeds" / "place" / "articles"),),
    "loaddata": ("nothing",),
    "makemessages": ("--locale=xx", "--extension=none"),
    "makemigrations": ("--check",),
    "papers": ("PAPERS",),
    "place": ("take", str(ROOT / "seeds" / "place")),
    "remove_stale_contenttypes": ("--noinput",),
    "restore": ("--from", "BACKUPS"),
    "runserver": ("--noreload", "--skip-checks"),
    "shell": (
        "--no-imports",
        "--command",
        "from reports.models import Tip; print(Tip.objects.count())",
    ),
    "sqlmigrate": ("reports", "0001"),
    "test": ("--help",),  # tests make a database of their own, in memory
    "testserver": ("--help",),  # so does this
    "words": ("check",),
}
AS_WELL = (("backup", "verify"), ("edition", "--all"), ("doctor", "--mail"))
SAY_HOW = ("migrate", "flush", "shell")  # of Django's commands; and of ours each but these:
QUIET = {
    "backup verify": "there is no backup here",
    "database_roles": "PostgreSQL's alone",
    "demo_desk": "for a demonstration alone",
    "desk_key": "reads desk.pub",
    "desk_profile": "asks first",
    "doctor --failed streetlight-maintenance.service": "it mails, and says nothing",
    "edition": "says to ask the doctor",
    "edition_nginx": "writes nginx's file",
    "restore": "it may make one",
    "words": "reads the project's files",
}
REWRITTEN = {
    "heartbeat.json"
}  # maintenance says there that the database is gone: pages and monitors read it


def lose(home, migrated, *, leaves):
    """Take the database from under a desk: nothing is left of it, or an empty one that `migrate` has made."""
    if home.database_url:
        url = databases.own(like=migrated.database_url if leaves == "migrated" else "")
        databases.drop_database(home.database_url)
        return Home(home.path, url, home.desk)
    for path in home.state.glob("db.sqlite3*"):
        path.unlink()
    if leaves == "migrated":
        home.database.write_bytes(migrated.database.read_bytes())
    return home


@pytest.fixture(params=["nothing", "migrated"])
def lost(prepared, migrated, tmp_path, request):
    """Return a desk whose database is gone, with a tip in its outbox."""
    with homes.copied(prepared, tmp_path / "home") as copy:
        copy.manage("run_maintenance")
        (copy.path / "BACKUPS").mkdir()
        home = lose(copy, migrated, leaves=request.param)
        with Server(home) as server:
            Resident(server.port).tell({"what": marker()})
        try:
            yield home
        finally:
            databases.drop_database(home.database_url)


def receives(home):
    """Start the server: it receives a tip, which waits; it says that it can, and that the desk is ill."""
    waiting = len(home.waiting())
    with Server(home) as server:
        resident = Resident(server.port)
        resident.tell({"what": marker()})
        assert [resident.get(path).status for path in ("/healthz", "/healthz/desk")] == [200, 503]
    assert len(home.waiting()) == waiting + 1


def contents(home):
    """Return each file of the state folder with its bytes, and how many rows each table of a PostgreSQL has.

    Left out are arrivals, what SQLite makes and removes while it is open, and what says that the database is gone.
    """
    files = [
        path for path in home.state.rglob("*") if path.is_file() and home.outbox not in path.parents
    ]
    ours = [
        path
        for path in files
        if not path.name.endswith(("-wal", "-shm")) and path.name not in REWRITTEN
    ]
    found = {str(path.relative_to(home.state)): path.read_bytes() for path in ours}
    if home.database_url:
        found |= {table: rows.count(b"\n") for table, rows in databases.rows(home.database_url)}
    return found


def commands():
    """Yield every command of manage.py with what it is called with, and those that the units run."""
    yield from ([name, *ARGUMENTS.get(name, ())] for name in sorted(get_commands()))
    yield from map(list, AS_WELL)
    for path in (ROOT / "deploy").glob("*.service"):
        unit = units.parsed(
            path.name,
            path.read_text(encoding="utf-8").replace("%i", "streetlight-maintenance.service"),
        )
        for line in [*unit.all("ExecStartPre"), *unit.all("ExecStart"), *unit.all("ExecStartPost")]:
            program, *words = shlex.split(line)
            assert words[0] == "manage.py" or "gunicorn" in program, (
                f"{path.name} runs something unknown"
            )
            if words[0] == "manage.py":
                yield [re.sub("^/var/backups/streetlight$", "BACKUPS", word) for word in words[1:]]


@pytest.mark.promise("receiving", control="test_control_django_as_it_comes_makes_an_empty_one")
@pytest.mark.proof("lost database")
def test_no_command_leaves_a_file_and_each_says_how_to_restore_the_database(lost):
    """Beside a key file without its database no command makes one, and each that needs it says how to restore."""
    before, silent, every, apps = contents(lost), {}, list(commands()), get_commands()
    assert len(apps) > 50
    told = [
        [word.replace("BACKUPS", str(lost.path / "BACKUPS")) for word in words] for words in every
    ]
    ended = json.loads(lost.python("-m", "tests.system.proofs.every_command", given=told))
    for words, (code, said) in zip(every, ended, strict=True):
        assert "Traceback" not in said, f"{words}: {said}"
        says_how = bool(code) and GONE in said and " restore --from " in said
        asked = words[0] in SAY_HOW or apps[words[0]] in ("newsroom", "reports")
        if asked and not says_how and not QUIET.keys() & {words[0], " ".join(words)}:
            silent[" ".join(words)] = (code, said)
    assert silent == {}
    assert len(lost.waiting()) == 1, "the tip did not stay in the outbox"
    receives(lost)
    after = contents(lost)
    assert after.keys() ^ before.keys() == set(), "something left or removed a file"
    assert [name for name in before if after[name] != before[name]] == []


@pytest.mark.proof("lost database", control=True)
def test_control_django_as_it_comes_makes_an_empty_one(lost):
    if lost.database_url or lost.database.exists():
        pytest.skip("this is about SQLite's file")
    before = contents(lost)
    lost.manage("showmigrations", DJANGO_SETTINGS_MODULE=UNGUARDED)
    assert contents(lost).keys() - before.keys() == {"db.sqlite3"}
