"""`./dev run` and nothing else: a newcomer's demonstration comes up, tells how to sign in, and ends without a trace."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.harness.home import ROOT, Home, preparing
from tests.system.harness.resident import Resident
from tests.system.harness.server import free_port

PATIENCE = 60.0  # seconds for what should take five
SIGN = "Demonstration. Nobody reads this."


@pytest.fixture
def newcomer(tmp_path: Path) -> Home:
    """Return a machine on which nothing was ever run: its state folder is not there yet."""
    home = Home(tmp_path)
    home.tmp.mkdir()
    return home


def test_run_makes_a_demonstration_that_a_newcomer_can_use(newcomer: Home) -> None:
    with run(newcomer) as (resident, _):
        assert SIGN in resident.get("/").text
        said = newcomer.log.read_text()
        password, phrase = (re.search(rf"{name}: +(.+)", said) for name in ("Password", "Unlock phrase"))
        assert password
        assert phrase
        assert len(phrase[1].split()) == 6
        sign_in = ask(newcomer, "manage", "demo_desk", "--show")
        assert password[1] in sign_in
        assert phrase[1] in sign_in
        # Nothing that a newcomer must skip: no raw notice (it lies in a file), no step's own lines.
        assert len(said.strip().splitlines()) < 16, said
        assert "Subject:" not in said
        assert "Subject:" in "".join(path.read_text() for path in (newcomer.state / "mail").iterdir())


def test_a_demonstration_has_its_styles_and_djangos(newcomer: Home) -> None:
    with run(newcomer) as (resident, _):
        link = re.search(r'href="(/static/[^"]+\.css)"', resident.get("/").text)
        assert link
        for path in (link[1], "/static/admin/css/base.css"):
            assert resident.get(path).status == 200
        assert resident.get("/static/nothing.css").status == 404, "the control"


def test_a_second_run_makes_nothing_anew(newcomer: Home) -> None:
    with run(newcomer):
        first = (newcomer.state / "demo.txt").read_text()
    newcomer.log.unlink()
    with run(newcomer) as (resident, _):
        assert SIGN in resident.get("/").text
    assert (newcomer.state / "demo.txt").read_text() == first
    assert "Password" not in newcomer.log.read_text()


def test_ctrl_c_ends_the_server_and_maintenance(newcomer: Home) -> None:
    with run(newcomer) as (_, process):
        assert len(group(process.pid)) > 2, "shell, maintenance and server"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
        assert group(process.pid) == []


def test_control_a_folder_without_a_demonstration_shows_none(newcomer: Home) -> None:
    newcomer.state.mkdir()
    with pytest.raises(AssertionError, match="This is not a demonstration"):
        ask(newcomer, "manage", "demo_desk", "--show")


@contextmanager
def run(home: Home) -> Iterator[tuple[Resident, subprocess.Popen[bytes]]]:
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
        wait_for(resident, process)
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


def heed_ctrl_c() -> None:
    """Let the shell trap SIGINT, which a test run in the background may have told its children to ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_for(resident: Resident, process: subprocess.Popen[bytes]) -> None:
    """Return when the front page is there."""
    until = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, "./dev run has ended by itself"
        assert time.monotonic() < until, "no first page"
        try:
            if resident.get("/").status == 200:
                return
        except OSError:
            time.sleep(0.1)


def ask(home: Home, *arguments: str) -> str:
    """Run another of `./dev`'s commands and return what it said."""
    ran = subprocess.run(
        ["./dev", *arguments], cwd=ROOT, env=home.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def group(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    processes = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == leader and state != "Z":
            processes.append(int(stat.parent.name))
    return processes
