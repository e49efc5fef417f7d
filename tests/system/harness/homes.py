"""A machine of a proof's own: state folder, temporary folder, log, database, and the desk's secrets."""

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core import place
from tests.system.harness import databases
from tests.system.harness.facts import Ended, until

ROOT = Path(__file__).resolve().parents[3]
CHEAPLY = """
from django.core.management import execute_from_command_line
from reports.sealing import keyholder
keyholder.ARGON2 = keyholder.Costs(memory=64, passes=1, lanes=1)
execute_from_command_line(["manage.py", "prepare"])
"""
PATIENCE = 600  # seconds for one command: --full opens a hundred thousand envelopes
KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
)  # of the test run's environment; the rest is not the server's


@dataclass(frozen=True)
class Found:
    """One stored envelope, opened."""

    lookup: str
    tag: str
    kind: str
    answers: dict[str, Any]
    pictures: int

    @property
    def what(self):
        """Return the text."""
        return str(self.answers.get("what", ""))


@dataclass(frozen=True)
class Home:
    """Where one server lives, on disk under `path`; `desk` is what its lead was shown once."""

    path: Path
    database_url: str = ""
    desk: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def state(self):
        """Return the STATE_DIR."""
        return self.path / "state"

    @property
    def outbox(self):
        """Return the outbox's folder."""
        return self.state / "outbox"

    @property
    def database(self):
        """Return SQLite's file."""
        return self.state / "db.sqlite3"

    @property
    def tmp(self):
        """Return the server's TMPDIR."""
        return self.path / "tmp"

    @property
    def run(self):
        """Return the RUN_DIR."""
        return self.path / "run"

    @property
    def port(self):
        """Return the file that has the port of the newest server here, so that commands know the site's address."""
        return self.path / "port"

    @property
    def log(self):
        """Return the file that takes all the server prints."""
        return self.path / "server.log"

    def environment(self, **more):
        """Return what the server's processes are told, and nothing of what the test run was told."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {
            "STATE_DIR": str(self.state),
            "TMPDIR": str(self.tmp),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        own |= {"RUN_DIR": str(self.run)} | (
            {"PORT": self.port.read_text()} if self.port.exists() else {}
        )
        where = {"DATABASE_URL": self.database_url} if self.database_url else {}
        return kept | own | where | {"PYTHONUNBUFFERED": "1"} | more

    def end(self, *command, typed="", within=(), **environment):
        """Run a command in this environment to whatever end; `typed` is what somebody types into it.

        Without a terminal of its own it asks for secrets where everything else is read.
        """
        where = {
            "cwd": ROOT,
            "env": self.environment(**environment),
            "timeout": PATIENCE,
        }
        full = [*within, "setsid", "--wait", *command]
        ran = subprocess.run(
            full, **where, input=typed, capture_output=True, text=True, check=False
        )
        return Ended(ran.returncode, ran.stdout, ran.stderr)

    def python(
        self,
        *arguments,
        given=None,
        within=(),
        **environment,
    ):
        """Run Python and return what it printed; it must end well."""
        return self.end(
            sys.executable, *arguments, typed=json.dumps(given), within=within, **environment
        ).well()

    def ran(self, *arguments, typed="", within=(), **environment):
        """Run one of the project's commands to whatever end; `typed` is a line that somebody types."""
        command = (sys.executable, str(ROOT / "manage.py"), *arguments)
        return self.end(*command, typed=f"{typed}\n", within=within, **environment)

    def manage(self, *arguments, within=(), **environment):
        """Run one of the project's commands, which must end well, and return what it printed."""
        return self.ran(*arguments, within=within, **environment).well()

    def inside(self, act, given=None, **environment):
        """Do one of the acts of tests/system/harness/inside.py where the server runs; return what came of it."""
        return json.loads(
            self.python("-m", "tests.system.harness.inside", act, given=given, **environment)
        )

    def send(self, count, word, **environment):
        """Send so many tips through the real intake, move them in, and return their texts."""
        return set(self.inside("send", {"count": count, "word": word}, **environment))

    def _opened(self, act):
        return self.inside(act, {name: self.desk[name] for name in ("username", "passphrase")})

    def open_all(self):
        """Drain what waits and return everything that is stored, opened with the team lead's passphrase."""
        return [Found(**one) for one in self._opened("open")]

    def pictures(self):
        """Return every stored picture, opened with the team lead's passphrase."""
        return [bytes.fromhex(digits) for digits in self._opened("pictures")]

    def waiting(self):
        """Return the names of the outbox's entries."""
        return sorted(path.name for path in self.outbox.iterdir() if not path.name.startswith("."))

    def empty(self, *, run_maintenance=False, **environment):
        """Wait until nothing waits, with maintenance's help or without; return after how many seconds that was."""

        def empty():
            if (
                run_maintenance and self.waiting()
            ):  # a drain that is at work already holds the outbox: then this leaves at once
                self.ran("run_maintenance", **environment)
            return not self.waiting()

        return until(empty, "an empty outbox")


def shared(folder, make):
    """Return the machine in this folder, to be copied: whichever of a run's processes asks first makes it."""
    kept = folder.with_suffix(".json")
    with turn(folder.with_suffix(".lock")):
        if not kept.exists():
            kept.write_text(json.dumps(asdict(make(folder)), default=str), encoding="utf-8")
    facts = json.loads(kept.read_text(encoding="utf-8"))
    return Home(**facts | {"path": folder})


def forget(folder):
    """Remove the databases of the machines that `shared` made in this folder; the files are the folder's owner's."""
    for kept in folder.glob("*.json"):
        databases.drop_database(json.loads(kept.read_text(encoding="utf-8"))["database_url"])


def new_machine(path):
    """Return a machine with a place alone in its state folder and, on PostgreSQL, an empty database."""
    home = Home(path, databases.own())
    for folder in (home.state, home.tmp):
        folder.mkdir(parents=True)
    take_place(home)
    return home


def take_place(home):
    """Give a machine the example's place, as `manage place take` does."""
    place.copy(ROOT / "seeds" / "place", home.state / "place")


def migrated(path):
    """Make a machine with nothing but an empty database."""
    home = new_machine(path)
    if not home.database_url:
        home.database.touch(mode=0o600)  # as `prepare` does
    home.manage("migrate", "--verbosity=0")
    return home


def copy(like, path):
    """Make a machine like another that nobody is using, with files and a database of its own."""
    shutil.copytree(like.state, path / "state", symlinks=True)
    (path / "tmp").mkdir()
    return replace(like, path=path, database_url=databases.own(like=like.database_url))


@contextmanager
def copied(like, path):
    """Lend a copy of a machine; its database goes afterwards."""
    home = copy(like, path)
    try:
        yield home
    finally:
        databases.drop_database(home.database_url)


def with_desk(home):
    """Bring a machine up with the real `prepare`, then make a real desk.

    Its one team lead's password is a random marker. The example's story is published, not a draft.
    """
    for story in (home.state / "place" / "articles").glob("*.md"):
        story.unlink()
    with preparing():
        home.manage("prepare")
    home.manage("load_articles", str(ROOT / "seeds" / "place" / "articles"), DEMO="1")
    wanted = {"username": "lena", "password": f"pass{marker()}"}
    whole = replace(home, desk=home.inside("found", wanted))
    whole.ran("run_maintenance")  # as its timer does within a minute
    return whole


def with_demonstration(home):
    """Bring a machine up as `./dev run` does at first, with words that are cheap to try: browsers unlock it often."""
    with preparing():
        home.python("-c", CHEAPLY, DEMO="1")
    return home


@contextmanager
def preparing():
    """Let one process at a time prepare a machine: the first collects static files into the folder of all."""
    with turn(Path(tempfile.gettempdir()) / f"streetlight-prepare-{os.getuid()}"):
        yield


@contextmanager
def turn(path):
    """Let one process at a time go on, by the lock on a file."""
    with path.open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def marker(letters=14):
    """Return random lower-case letters that stand nowhere by chance."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(letters))
