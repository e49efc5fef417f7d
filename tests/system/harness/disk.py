"""A small disk of a server's own, in a world of its own, that a test may fill."""

import fcntl
import os
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.system.harness.server import Server

# Mounts a disk of $1 bytes over the folder $2, copies what lay there to it, and becomes what follows.
MOUNT = (
    'kept=$(mktemp -d) && cp -a "$2/." "$kept" && mount -t tmpfs -o size="$1" tmpfs "$2" && cp -a "$kept/." "$2" '
    '&& rm -r "$kept" && shift 2 && exec "$@"'
)
# Root may mount as it is, and is still itself to a database that asks who calls; others need a world of their own.
AS_ROOT = os.geteuid() == 0
UNSHARE = ("unshare", "-m") if AS_ROOT else ("unshare", "-rm")
ENTER = ("nsenter", "-m") if AS_ROOT else ("nsenter", "--preserve-credentials", "-U", "-m")


class Disk:
    """A disk over the outbox or all of the state, seen through the server that lives on it."""

    def __init__(self, server):
        """Take the server; `within` is what lets a command see the disk too."""
        self.folder = Path(f"/proc/{server.pid}/root") / server.home.outbox.relative_to("/")
        self.within = (*ENTER, "-t", str(server.pid))
        self._filler = self.folder / ".filler"

    def fill(self, *, but=0):
        """Leave not one byte free but for so many."""
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):  # no space left
            while True:
                file.write(bytes(4096))
        os.truncate(self._filler, self._filler.stat().st_size - but)

    def make_room(self):
        """Remove what filled it."""
        self._filler.unlink()

    @contextmanager
    def undrained(self):
        """Keep the server from moving anything to the database: arrivals alone fill the disk."""
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def empty(self, home):
        """Move all arrivals to the database: this disk goes with its server."""
        while [path for path in self.folder.iterdir() if not path.name.startswith(".")]:
            home.manage("run_maintenance", within=self.within)

    def leftovers(self):
        """Return the names of writings that were never finished."""
        known = {".lock", ".filler"}
        return [
            path.name
            for path in self.folder.iterdir()
            if path.name.startswith(".") and path.name not in known
        ]


def on_its_own(folder, *, size):
    """Return what runs a command with a folder of the machine on a disk of so many bytes, mounted for it alone.

    Skips where nobody may have a mount of their own; on CI that is an error.
    """
    attempt = [*UNSHARE, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    tried = subprocess.run(attempt, capture_output=True, text=True, check=False)
    if tried.returncode and os.environ.get("CI"):
        pytest.fail(f"CI must be able to mount a small disk: {tried.stderr.strip()}")
    if tried.returncode:
        pytest.skip("a disk that is full takes `unshare`, which is not allowed here")
    return (*UNSHARE, "sh", "-c", MOUNT, "sh", str(size), str(folder))


@contextmanager
def on_a_small_disk(home, folder, *, size, app="config.wsgi"):
    """Serve with a folder of the machine on a disk of so many bytes, mounted for the server alone."""
    with Server(home, app=app, within=on_its_own(folder, size=size)) as server:
        yield server, Disk(server)
