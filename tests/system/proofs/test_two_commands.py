"""`./dev run` and nothing else: a newcomer's demonstration comes up, tells how to sign in, and ends without a trace."""

import os
import re
import signal
import subprocess
from contextlib import contextmanager, suppress

import pytest

from tests.system.harness.facts import PATIENCE, until
from tests.system.harness.homes import ROOT, Home, preparing
from tests.system.harness.resident import Resident
from tests.system.harness.server import free_port, group

SIGN = "This is a demonstration. Nobody reads what you send."


@pytest.fixture
def newcomer(tmp_path):
    """Return a machine on which nothing was ever run: its state folder is not there yet."""
    home = Home(tmp_path)
    home.tmp.mkdir()
    return home


def test_run_makes_a_demonstration_that_a_newcomer_can_use(newcomer):
    with run(newcomer) as (resident, process):
        page = resident.get("/").text
        assert SIGN in page
        said = newcomer.log.read_text()
        password, passphrase = (
            re.search(rf"{name}: +(.+)", said) for name in ("Password", "Six words")
        )
        assert password
        assert passphrase
        assert len(passphrase[1].split()) == 6
        sign_in = (newcomer.state / "demo.txt").read_text()
        assert password[1] in sign_in
        assert passphrase[1] in sign_in
        # Nothing that a newcomer must skip: no raw notice (it lies in a file), no step's own lines.
        assert len(said.strip().splitlines()) < 18, said
        assert "Subject:" not in said
        assert "Subject:" in "".join(
            path.read_text() for path in (newcomer.state / "mail").iterdir()
        )
        link = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert link
        styles = (link[1], "/static/admin/css/base.css", "/static/nothing.css")
        assert [resident.get(path).status for path in styles] == [200, 200, 404]
        assert len(group(process.pid)) > 2, "shell, maintenance and server"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
        assert group(process.pid) == [], "Ctrl-C ends the server and maintenance"


def test_a_second_run_makes_nothing_anew(newcomer):
    newcomer.state.mkdir()
    assert "This is not a demonstration" in newcomer.end("./dev", "manage", "demo_desk").said
    with run(newcomer):
        first = (newcomer.state / "demo.txt").read_text()
    newcomer.log.unlink()
    with run(newcomer) as (resident, _):
        assert SIGN in resident.get("/").text
    assert (newcomer.state / "demo.txt").read_text() == first
    assert "Password" not in newcomer.log.read_text()


@contextmanager
def run(home):
    """Run `./dev run` in a process group of its own until its first page comes; end it with Ctrl-C."""
    port = free_port()
    with home.log.open("ab") as log, preparing():
        process = subprocess.Popen(
            ["./dev", "run"],
            cwd=ROOT,
            env=home.environment(PORT=str(port)),
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,  # noqa: PLW1509
        )
        resident = Resident(port, timeout=5)
        until(lambda: _serves(resident, process), "a first page")
    try:
        yield resident, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=PATIENCE)
        finally:
            for pid in group(process.pid):
                os.kill(pid, signal.SIGKILL)


def heed_ctrl_c():
    """Let the shell trap SIGINT, which a test run in the background may have told its children to ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _serves(resident, process):
    assert process.poll() is None, "./dev run has ended by itself"
    with suppress(OSError):
        return resident.get("/").status == 200
    return False
