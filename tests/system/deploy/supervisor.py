"""What systemd does for our units, in a machine without systemd: `python -m tests.system.deploy.supervisor ROOT`.

It makes a network and a view of the file system of its own, answers the stand-in for systemctl in ROOT, and starts
services as their unit files say: user, umask, state folder and its mode, environment, sockets, a read-only system.
"""

import fcntl
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.system.deploy import relay, units
from tests.system.deploy.units import Unit

ASK, SHIM = (
    "run/supervisor",
    """#!/bin/sh
# Stands in for systemctl: tests/system/deploy/supervisor.py answers.
mkfifo "/run/supervisor/answer.$$"
printf '%s\\n' "$$ $*" >/run/supervisor/ask
read -r code said <"/run/supervisor/answer.$$"
rm "/run/supervisor/answer.$$"
[ -z "$said" ] || printf '%s\\n' "$said"
exit "$code"
""",
)
PATIENCE = 60.0  # seconds for a start
RUN = ("streetlight", "nginx", "nftables", "postgresql")  # units that are started; others are only noted
SYSTEM = ("bin", "etc", "lib", "lib64", "opt", "sbin", "usr", "var")  # which ProtectSystem=strict makes read-only


class Supervisor:
    """The services and sockets of one machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sockets: dict[str, socket.socket] = {}
        self.services: dict[str, subprocess.Popen[bytes]] = {}
        self.forked: set[str] = set()  # services that went on by themselves

    def answer(self, command: str, names: list[str]) -> str:
        """Do what systemctl was asked; return what it prints. Raises for what cannot be done."""
        if command == "is-active" and names[0] not in self.sockets and not self.runs(names[0]):
            raise LookupError(names[0])
        if command == "cat":
            return units.read(self.root, names[0]).name
        acts = {"start": self.start, "enable-now": self.start, "stop": self.stop, "restart": self.restart}
        for name in names if command in acts else ():
            acts[command](name)
        for name in names if command == "reload" else ():
            self.run(units.read(self.root, name), "ExecReload")
        return ""

    def restart(self, name: str) -> None:
        """Stop a unit, and start it."""
        self.stop(name)
        self.start(name)

    def start(self, name: str) -> None:
        """Start a unit that does not run yet; a timer is only noted, and the test lets its time come."""
        unit = units.read(self.root, name)
        for cluster in (self.root / "etc/postgresql").glob("*/main") if name == "postgresql.service" else ():
            self.start(f"postgresql@{cluster.parent.name}-main.service")  # as Debian's generator lets it
        if not name.startswith(RUN) or name.endswith(".timer") or self.runs(name) or name in self.sockets:
            return
        for other in shlex.split(" ".join(unit.all("Requires"))):
            if other.endswith(".socket"):
                self.start(other)
        if name.endswith(".socket"):
            host, _colon, port = unit.one("ListenStream").rpartition(":")
            self.sockets[name] = socket.create_server((host, int(port)), backlog=4096)
            return
        self.run(unit, "ExecStartPre")
        kind = unit.one("Type", "simple")
        if kind in ("oneshot", "forking"):
            self.run(unit, "ExecStart")
            self.forked.update([name] if kind == "forking" else [])
        else:
            self._keep(unit)

    def _keep(self, unit: Unit) -> None:
        """Start a service that stays, and wait until it says that it is ready."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = self.root / "run" / f"notify-{unit.name}"
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o666)
        listener.settimeout(0.5)
        more = {"NOTIFY_SOCKET": f"/run/notify-{unit.name}"}
        self.services[unit.name] = self._spawn(unit, unit.one("ExecStart"), more)
        until, said = time.monotonic() + PATIENCE, b""
        with listener:
            while unit.one("Type") == "notify" and b"READY=1" not in said:
                if not self.runs(unit.name) or time.monotonic() > until:
                    raise RuntimeError(f"{unit.name} did not start")
                with suppress(TimeoutError):
                    said = listener.recv(4096)

    def stop(self, name: str) -> None:
        """Stop a service: its main process is asked, and after TimeoutStopSec all are killed."""
        process = self.services.pop(name, None)
        if name in self.sockets:
            self.sockets.pop(name).close()
        if process is None:
            self.forked.discard(name)
            if name.endswith(".service") and units.read(self.root, name).one("ExecStop"):
                self.run(units.read(self.root, name), "ExecStop")
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(units.read(self.root, name).seconds("TimeoutStopSec", 90))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def runs(self, name: str) -> bool:
        """Return whether a service's main process lives, as far as is known."""
        return name in self.forked or (name in self.services and self.services[name].poll() is None)

    def run(self, unit: Unit, setting: str) -> None:
        """Run each command of a setting to its end; raises when one fails that may not."""
        for command in unit.all(setting):
            if self._spawn(unit, command.lstrip("-"), {}).wait(PATIENCE * 5) and not command.startswith("-"):
                raise RuntimeError(f"{unit.name}: {command} failed")

    def _spawn(self, unit: Unit, command: str, more: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start a command as the unit says."""
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            **unit.environment,
            **more,
        }
        if folder := self._runtime_folder(unit):
            environment["RUNTIME_DIRECTORY"] = f"/{folder.relative_to(self.root)}"
        for file in unit.all("EnvironmentFile"):
            environment |= units.environment_file(self.root / file.lstrip("-/"))
        handed = [self.sockets[name] for name in self._sockets_of(unit)]
        environment |= {"LISTEN_FDS": str(len(handed))} if handed else {}
        log = (self.root / "var/log" / f"{unit.name}.log").open("ab")
        return subprocess.Popen(
            ["unshare", "--mount", "/bin/sh", "-c", self._script(unit), "sh", *shlex.split(command)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=False,
            preexec_fn=lambda: _hand_over(handed),  # noqa: PLW1509 - their numbers have to be 3 and so on
        )

    def _script(self, unit: Unit) -> str:
        """Return what turns a shell into what the unit says, and then into the command that it is given."""
        state, (user, group) = self._state_folder(unit), self._account(unit)
        lines = ["set -e"]
        if unit.one("ProtectSystem") == "strict":
            shut = [self.root / name for name in SYSTEM if (self.root / name).is_dir()]
            for path in [path for path in shut if not path.is_symlink()]:
                lines += [f"mount --bind {path} {path}", f"mount -o remount,bind,ro {path}"]
            kept = [self.root / path.lstrip("-/") for path in unit.all("ReadWritePaths")]
            for path in [*([state] if state else []), *kept]:
                lines += [f"mount --bind {path} {path}", f"mount -o remount,bind,rw {path}"]
        lines += [f"umask {unit.one('UMask', '0022')}", "export LISTEN_PID=$$"]
        inner = f'cd {unit.one("WorkingDirectory", "/")} && exec "$@"'
        lines.append(
            f"exec chroot --userspec={user}:{group} --groups={group} {self.root} /bin/sh -c '{inner}' sh \"$@\""
        )
        return "\n".join(lines)

    def _sockets_of(self, unit: Unit) -> list[str]:
        name = unit.name.replace(".service", ".socket")
        return [name] if name in self.sockets else []

    def _account(self, unit: Unit) -> tuple[int, int]:
        """Return the ids of the unit's user, as the machine itself has them."""
        user = unit.one("User", "root")
        lines = (self.root / "etc/passwd").read_text(encoding="utf-8").splitlines()
        return next((int(line.split(":")[2]), int(line.split(":")[3])) for line in lines if line.startswith(f"{user}:"))

    def _state_folder(self, unit: Unit) -> Path | None:
        """Make the state folder, and give it its owner and mode again, as systemd does at each start."""
        if not unit.one("StateDirectory"):
            return None
        path = self.root / "var/lib" / unit.one("StateDirectory")
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(int(unit.one("StateDirectoryMode", "0755"), 8))
        shutil.chown(path, *self._account(unit))
        return path

    def _runtime_folder(self, unit: Unit) -> Path | None:
        """Make the folder in memory; what a unit leaves there stays, as ours ask for."""
        if not unit.one("RuntimeDirectory"):
            return None
        path = self.root / "run" / unit.one("RuntimeDirectory")
        path.mkdir(exist_ok=True)
        path.chmod(int(unit.one("RuntimeDirectoryMode", "0755"), 8))
        shutil.chown(path, *self._account(unit))
        return path


def _hand_over(handed: list[socket.socket]) -> None:
    """Give a child the sockets, from the number at which systemd gives them."""
    high = [fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 100) for one in handed]
    for place, handle in enumerate(high, start=3):
        os.dup2(handle, place)
        os.close(handle)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _listen(supervisor: Supervisor) -> None:
    """Answer the stand-in for systemctl, one question after the other."""
    folder = supervisor.root / ASK
    while True:
        for line in (folder / "ask").read_text(encoding="utf-8").splitlines():
            asker, *words = line.split()
            options = [word for word in words if word.startswith("-")]
            command, *names = [word for word in words if not word.startswith("-")]
            try:
                code, said = 0, supervisor.answer(f"{command}-now" if "--now" in options else command, names)
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                code, said = 1, f"{type(error).__name__}: {error}"
            (folder / f"answer.{asker}").write_text(f"{code} {said}\n", encoding="utf-8")


def main(root: Path) -> None:
    """Make the machine's surroundings, say so, and answer until stopped."""
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
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
    supervisor = Supervisor(root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        _listen(supervisor)
    finally:
        for name in [*supervisor.services, *supervisor.forked]:
            supervisor.stop(name)
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
