"""Keeps what a server writes for a moment and removes again: it lay on a disk, so it could be found there."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.system.harness.home import Home
from tests.system.harness.server import Server, group

STAYING = ("db.sqlite3", "db.sqlite3-shm", "kept.sqlite3")
EVERY = 0.003  # seconds between two looks


class Keeper:
    """While it is entered, gives every file in the server's folders a second name, so that its content stays."""

    def __init__(self, home: Home, server: Server) -> None:
        """Take whose files."""
        self.folder = home.path / "kept"
        self._folders = (home.tmp, home.state, home.outbox, home.state / "desk")
        self._inodes: set[int] = set()
        self._server, self._over = server, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        """Start looking."""
        self.folder.mkdir()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def keep_open_files(self) -> None:
        """Copy what the server's processes hold open without a name, or in memory that is shared."""
        for process in group(self._server.pid):
            for handle in Path(f"/proc/{process}/fd").glob("*"):
                with suppress(OSError):
                    name = os.readlink(handle)  # noqa: PTH115 - it need not be a path that exists
                    if name.startswith("/dev/shm/") or (name.startswith("/") and name.endswith(" (deleted)")):
                        (self.folder / f"open-{process}-{handle.name}").write_bytes(handle.read_bytes())

    def _run(self) -> None:
        while not self._over.wait(EVERY):
            for folder in self._folders:
                with suppress(OSError):
                    self._keep(folder)

    def _keep(self, folder: Path) -> None:
        for entry in os.scandir(folder):
            # SQLite does not like its database to have two names.
            if entry.inode() in self._inodes or entry.name in STAYING:
                continue
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    os.link(entry.path, self.folder / f"{entry.inode()}-{entry.name}")
                    self._inodes.add(entry.inode())
