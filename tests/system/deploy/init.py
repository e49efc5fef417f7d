"""Starts services where there is no systemd, by their units' own lines: `python -m tests.system.deploy.init ROOT`.

It makes a network and a view of the file system of its own, and answers the stand-in for systemctl in ROOT. It holds
the socket that outlives a restart, and gives a service its user, umask, folders and settings. What systemd does beside
that (sandboxes, limits, restarts, timers) it does not: test_units.py has systemd read it.
"""

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from tests.system.deploy import relay, units

ASK, SHIM = (
    "run/services",
    """#!/bin/sh
# Stands in for systemctl: tests.system.deploy.init.py answers.
mkfifo "/run/services/answer.$$"
printf '%s\\n' "$$ $*" >/run/services/ask
read -r code said <"/run/services/answer.$$"
rm "/run/services/answer.$$"
[ -z "$said" ] || printf '%s\\n' "$said"
exit "$code"
""",
)
PATIENCE = 300.0  # seconds for what runs to its end
SERVICE, SOCKET = "streetlight.service", "streetlight.socket"
BY_SCRIPT = (
    "nginx.service",
    "postgresql.service",
)  # Debian's own, which have scripts for machines without systemd


class Services:
    """The services of one machine."""

    def __init__(self, root):
        self.root = root
        self.listening = 0  # the handle of the open socket
        self.process = None  # of our service

    def answer(self, act, name):
        """Do what systemctl was asked about one unit; raises for what cannot be done."""
        if act == "cat":
            units.read(self.root, name)
        elif act == "is-active" and not (self.listening if name == SOCKET else self.runs()):
            raise LookupError(name)
        elif name in BY_SCRIPT and act in ("start", "stop", "reload"):
            command = ["chroot", str(self.root), "service", name.removesuffix(".service"), act]
            subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
        elif act in ("stop", "restart"):
            self.stop(name)
        if act in ("start", "restart") and name.startswith(("streetlight", "nftables")):
            self.start(name)

    def runs(self):
        """Return whether our service's main process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self, name):
        """Start a unit of ours that does not run yet; a timer is only noted, and the test lets its time come."""
        unit = units.read(self.root, name)
        if name == SOCKET and not self.listening:
            host, _colon, port = unit.one("ListenStream").rpartition(":")
            with socket.create_server((host, int(port)), backlog=4096) as made:
                self.listening = fcntl.fcntl(made.fileno(), fcntl.F_DUPFD, 100)
        elif name == SERVICE and not self.runs():
            self.start(unit.one("Requires"))
            self.process = self._spawn(unit, unit.one("ExecStart"))
        elif unit.one("Type") == "oneshot":
            for command in unit.all("ExecStart"):
                if self._spawn(unit, command).wait(PATIENCE):
                    raise RuntimeError(f"{name}: {command} failed")

    def stop(self, name):
        """Stop our service: its main process is asked, and after TimeoutStopSec all are killed; or shut its socket."""
        if name == SOCKET and self.listening:
            os.close(self.listening)
            self.listening = 0
        elif name == SERVICE and self.process:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(units.read(self.root, name).seconds("TimeoutStopSec", 90))
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None

    def _spawn(self, unit, command):
        """Start a command as the unit says."""
        user, lines = unit.one("User", "root"), []
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            **unit.environment,
        }
        for kind, place in (("State", "/var/lib"), ("Runtime", "/run")):
            if name := unit.one(f"{kind}Directory"):
                mode = unit.one(f"{kind}DirectoryMode", "0755")
                lines.append(f"install -d -m {mode} -o {user} -g {user} {place}/{name}")
                environment[f"{kind.upper()}_DIRECTORY"] = f"{place}/{name}"
        for file in unit.all("EnvironmentFile"):
            environment |= units.environment_file(self.root / file.lstrip("-/"))
        lines += [f"umask {unit.one('UMask', '0022')}", f"cd {unit.one('WorkingDirectory', '/')}"]
        if handed := self.listening if unit.name == SERVICE else 0:
            lines.append("export LISTEN_PID=$$ LISTEN_FDS=1")
        lines.append(f'exec setpriv --reuid={user} --regid={user} --init-groups "$@"')
        with (self.root / "var/log" / f"{unit.name}.log").open("ab") as log:
            return subprocess.Popen(
                ["chroot", str(self.root), "/bin/sh", "-ec", "\n".join(lines), "sh", *shlex.split(command)],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                close_fds=False, preexec_fn=(lambda: os.dup2(handed, 3)) if handed else None,  # noqa: PLW1509
            )  # fmt: skip


def _mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _listen(services):
    """Answer the stand-in for systemctl, one question after the other."""
    folder = services.root / ASK
    while True:
        for line in (folder / "ask").read_text(encoding="utf-8").splitlines():
            asker, *words = line.split()
            act, *names = [word for word in words if not word.startswith("-")]
            try:
                for name in names:
                    services.answer("start" if "--now" in words else act, name)
                code, said = 0, ""
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                code, said = 1, f"{type(error).__name__}: {error}"
            (folder / f"answer.{asker}").write_text(f"{code} {said}\n", encoding="utf-8")


def main(root):
    """Make the machine's surroundings, say so, and answer until stopped."""
    outside = os.open(
        "/proc/self/ns/net", os.O_RDONLY
    )  # takes the number 3, which a child gets the socket under
    os.unshare(os.CLONE_NEWNET | os.CLONE_NEWNS)
    _mount("--make-rprivate", "/")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    _mount("--bind", str(root), str(root))
    _mount("-t", "proc", "proc", str(root / "proc"))
    _mount("--rbind", "/dev", str(root / "dev"))
    _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(root / "run"))
    (root / ASK).mkdir()
    os.mkfifo(root / ASK / "ask")
    shim = root / "usr/local/bin/systemctl"
    shim.write_text(SHIM, encoding="utf-8")
    shim.chmod(0o755)
    threading.Thread(target=relay.serve, args=(outside,), daemon=True).start()
    services = Services(root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        _listen(services)
    finally:
        services.stop(SERVICE)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
