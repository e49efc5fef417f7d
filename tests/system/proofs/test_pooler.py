"""PgBouncer in transaction mode may stand before PostgreSQL: rules that hold locks or cursors work through it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
    pytest.mark.engine,
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
LIMIT = "import django; django.setup(); from reports.domain import database_roles; database_roles.limit_waiting()"


@pytest.fixture
def pooled() -> Iterator[tuple[str, str]]:
    """Return the URL of a database of one's own, and its URL at a pooler that stands before its server."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("needs pgbouncer: apt-get install pgbouncer")
    url, listen, folder = databases.own(), free_port(), Path(tempfile.mkdtemp(prefix="pooler-"))
    parts = urlsplit(url)
    socket = parse_qs(parts.query)["host"][0]
    (folder / "ini").write_text(SETTINGS.format(socket=socket, port=parts.port or 5432, listen=listen))
    folder.chmod(0o755)
    give(folder)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, str(folder / "ini")], stdout=log, stderr=log, **user())
    try:
        await_port(listen, alive=lambda: process.poll() is None, said=folder / "log")
        yield url, f"postgres://postgres@127.0.0.1:{listen}{parts.path}"
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)
        for one in (parts._replace(path=f"/test_{databases.name_of(url)}").geturl(), url):
            databases.drop_database(one)


def test_what_locks_and_what_reads_much_works_through_a_pooler(pooled: tuple[str, str]) -> None:
    """And nobody waits long for a lock there either."""
    url, pooler = pooled
    own = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", LIMIT], cwd=ROOT, env=own, check=True)
    with psycopg.connect(pooler) as connection:
        assert connection.execute("SHOW lock_timeout").fetchone() == (f"{database_roles.LONGEST}s",)
    left_out = ("TEST_", "PYTEST", "STATE_DIR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    environment |= {"DATABASE_URL": f"{pooler}?disable_server_side_cursors=1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--reuse-db", *SELECTION]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]
