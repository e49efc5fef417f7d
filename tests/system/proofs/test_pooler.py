"""PgBouncer in transaction mode may stand before PostgreSQL: rules that hold locks or cursors work through it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from reports.domain import database_roles
from tests.system.harness import databases
from tests.system.harness.home import ROOT
from tests.system.harness.server import free_port
from tests.system.proofs.cluster import give, user
from tests.system.servers.doors import await_port

pytestmark = [
    pytest.mark.server,
    pytest.mark.whole,
    pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="SQLite has no pooler"),
]

SELECTION = (
    "tests/reports/domain/audit/test_log.py",  # an advisory lock
    "tests/reports/domain/mailbox/test_mailbox.py",  # row locks
    "tests/reports/domain/search/test_matching.py",  # a cursor over many rows
    "tests/newsroom/domain/test_search.py",  # SQL of our own
    "tests/reports/domain/intake/test_arrivals.py",
)
SETTINGS = """
[databases]
* = host={socket} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pooler(url: str) -> Iterator[str]:
    """Lend the URL of a database at a pooler that stands before its server."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("needs pgbouncer: apt-get install pgbouncer")
    parts, listen, folder = urlsplit(url), free_port(), Path(tempfile.mkdtemp(prefix="pooler-"))
    socket = parse_qs(parts.query)["host"][0]
    (folder / "ini").write_text(SETTINGS.format(socket=socket, port=parts.port or 5432, listen=listen))
    folder.chmod(0o755)
    give(folder)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, str(folder / "ini")], stdout=log, stderr=log, **user())
    try:
        await_port(listen, alive=lambda: process.poll() is None, said=folder / "log")
        yield f"postgres://postgres@127.0.0.1:{listen}{parts.path}?disable_server_side_cursors=1"
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)


LIMIT = "import django; django.setup(); from reports.domain import database_roles; database_roles.limit_waiting()"


def test_nobody_waits_long_for_a_lock_through_a_pooler() -> None:
    url = databases.own()
    try:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([sys.executable, "-c", LIMIT], cwd=ROOT, env=environment, check=True)
        with pooler(url) as pooled, psycopg.connect(pooled.partition("?")[0]) as connection:
            assert connection.execute("SHOW lock_timeout").fetchone() == (f"{database_roles.LONGEST}s",)
    finally:
        databases.drop_database(url)


def test_what_locks_and_what_reads_much_works_through_a_pooler(capsys: pytest.CaptureFixture[str]) -> None:
    url = databases.own()
    try:
        with pooler(url) as pooled:
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--reuse-db", *SELECTION]
            left_out = ("TEST_", "PYTEST", "STATE_DIR")
            own = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
            environment = own | {"DATABASE_URL": pooled}
            ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout[-3000:]
        with capsys.disabled():
            print(f"\nthrough PgBouncer: {ran.stdout.strip().splitlines()[-1]}")  # noqa: T201 - the figure is the proof
    finally:
        test = urlsplit(url)._replace(path=f"/test_{databases.name_of(url)}").geturl()
        for one in (test, url):
            databases.drop_database(one)
