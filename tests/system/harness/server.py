"""The real server in a process group of its own, and a resident who talks to it as a browser with scripts off does."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.system.harness.homes import ROOT
from tests.system.harness.resident import Resident

PATIENCE = 30.0  # seconds for anything that should take one
PORTS = range(20_000, 32_000)  # below those from which the kernel takes one for a connection


class Server:
    """gunicorn with the project's own configuration. `app` names what it serves, `within` a command to run it under."""

    def __init__(
        self,
        home,
        *arguments,
        app="config.wsgi",
        within=(),
        **environment,
    ):
        """Take where it lives; nothing starts yet."""
        self.home, self.port = home, free_port()
        home.port.write_text(str(self.port))
        self._command = [
            *within,
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "config/gunicorn.py",
            *arguments,
            app,
        ]
        self._environment = home.environment(PORT=str(self.port), **environment)
        self._process = None

    def __enter__(self):
        """Start it and wait until it answers."""
        self.start()
        return self

    def __exit__(
        self,
        kind,
        error,
        trace,
    ):
        """Leave no process behind."""
        self.stop()

    @property
    def pid(self):
        """Return the id of the master process, which is its group's."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self):
        """Start the whole group and return when `/healthz` answers, whatever it says."""
        with self.home.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        resident, until = Resident(self.port, timeout=5), time.monotonic() + PATIENCE
        while True:
            try:
                resident.get("/healthz")
            except OSError:
                self._must_live(until)
                time.sleep(0.02)
            else:
                return

    def kill(self):
        """SIGKILL every process of the group at once, and wait until none is left."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Ask it to stop, and insist after a while."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=15)
        self._end(signal.SIGKILL)

    def died(self, *, within):
        """Wait for a server that kills itself, so many seconds at the most; return whether it did."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=within)
        return self._process.poll() is not None

    def _end(self, how):
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(timeout=PATIENCE)
        until = time.monotonic() + PATIENCE
        while group(self._process.pid):
            assert time.monotonic() < until, f"processes of group {self._process.pid} do not end"
            time.sleep(0.005)
        self._process = None

    def _must_live(self, until):
        """Stop waiting for a server that has ended or does not answer, with what it said."""
        assert self._process is not None
        ended = self._process.poll()
        if ended is None and time.monotonic() < until:
            return
        said = self.home.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        self.kill()
        raise AssertionError(
            f"the server {'does not answer' if ended is None else f'ended with {ended}'}:\n{said}"
        )


def memory(server, *, anew=False):
    """Return for each worker the most MB that it has held, and what it has for itself; `anew` counts anew."""
    found = {}
    for pid in group(server.pid):
        if anew:
            # Only root may, as servers hide their memory; for anybody else what a start took counts, too.
            with suppress(PermissionError):
                Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        facts = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        if facts["PPid"] == str(server.pid):
            peak, own = (int(facts[name].split()[0]) * 1024 / 1e6 for name in ("VmHWM", "RssAnon"))
            found[pid] = peak, own
    return found


def group(pgid):
    """Return the ids of the living processes of a group (a dead one that nobody has waited for is not living)."""
    living = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2]
            state, _parent, its_group = facts.split()[:3]
        except (OSError, ValueError):
            continue
        if int(its_group) == pgid and state not in "ZX":
            living.append(int(path.parent.name))
    return living


def free_port():
    """Return a port of this machine that nobody uses now, and that the kernel gives to nobody who asks for any."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
