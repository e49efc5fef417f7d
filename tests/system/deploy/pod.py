"""Runs what compose.yaml says, as a container engine does: each service from its image, with its user and its own view.

The services see read-only files, their volumes and one another; they have no capability, and no right to gain one.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.system.deploy import network, terminal
from tests.system.deploy.images import Image

ADDRESS = "10.88.0.2"  # by which services reach one another: not this machine's own, as it is not in containers
GRACE = 10.0  # seconds after which an engine kills a service that it asked to stop
PATIENCE = 60.0  # seconds for one that starts
NOTHING = "setpriv --no-new-privs --bounding-set=-all --inh-caps=-all"


class Pod:
    """The services of a compose file, their volumes and their network."""

    def __init__(self, folder: Path, compose: Mapping[str, Any], values: Mapping[str, str]) -> None:
        """Take where volumes lie, the file as it was read, and what stands in its `.env`."""
        self.folder, self.compose, self.values = folder, compose, values
        self.images: dict[str, Image] = {}  # by the name that services give
        self.seconds = 0.0  # that its images took
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._holder: subprocess.Popen[str] | None = None
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {' '.join(compose['services'])}\n")

    @contextmanager
    def up(self) -> Iterator[None]:
        """Make the network; at the end stop what runs."""
        script = f"ip link set lo up && ip address add {ADDRESS}/32 dev lo && echo ready && exec sleep infinity"
        command = ["unshare", "--net", "sh", "-c", script]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
            self._holder = holder
            assert holder.stdout is not None
            assert holder.stdout.readline() == "ready\n"
            try:
                with ExitStack() as each:
                    for name in self.compose["services"]:
                        each.callback(self.stop, name, patience=5)
                    yield
            finally:
                holder.kill()

    def network(self) -> AbstractContextManager[None]:
        """Let this thread's new connections be in the pod's network."""
        assert self._holder is not None, "it is not up"
        return network.of(self._holder.pid)

    def start(self, name: str) -> None:
        """Start a service."""
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                self._command(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def await_health(self, name: str) -> None:
        """Wait until a service's own check says that it is healthy."""
        until = time.monotonic() + PATIENCE
        while not self.is_healthy(name):
            assert self.running[name].poll() is None, f"{name} ended: {self.said(name)}"
            assert time.monotonic() < until, f"{name} is not healthy: {self.said(name)}"
            time.sleep(0.2)

    def is_healthy(self, name: str) -> bool:
        """Run a service's check in its container and return what it says."""
        kind, *test = self.compose["services"][name]["healthcheck"]["test"]
        assert kind == "CMD"
        try:
            inside = [*self._enter(name), *self._become(name, {}), *map(self._filled, test)]
        except LookupError:
            return False
        return subprocess.run(inside, capture_output=True, check=False, timeout=30).returncode == 0

    def stop(self, name: str, *, patience: float = 0) -> bool:
        """Ask a service to stop, as its file says; return whether it did. After its time of grace it is killed."""
        process = self.running.pop(name, None)
        if process is None:
            return True
        service = self.compose["services"][name]
        asked = signal.Signals[service.get("stop_signal", self._image(name).stop)]
        grace = float(str(service.get("stop_grace_period", GRACE)).removesuffix("s"))
        try:
            os.kill(self._first(process), asked)
            process.wait(patience or grace)
        except (LookupError, ProcessLookupError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
            return False
        return True

    def run_once(self, name: str, *command: str, **environment: str) -> str:
        """Run a service, or its image with another command, to its end, which must be good; return what it said."""
        own = self._command(name, command, environment)
        ran = subprocess.run(
            own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert ran.returncode == 0, f"{name} {' '.join(command)} ended with {ran.returncode}:\n{ran.stdout[-3000:]}"
        return ran.stdout

    def at_terminal(self, name: str, *command: str, answers: Mapping[str, object]) -> str:
        """Run a service's image with another command at a terminal; return all that the terminal showed."""
        return terminal.talk(self._command(name, command), answers)

    def log(self, name: str) -> Path:
        """Return where a service's output goes."""
        return self.folder / f"{name}.log"

    def said(self, name: str) -> str:
        """Return the end of what a service said."""
        return self.log(name).read_text(encoding="utf-8", errors="replace")[-2000:]

    def rights(self, name: str) -> dict[str, str]:
        """Return what the kernel says of a service's first process."""
        text = Path(f"/proc/{self._first(self.running[name])}/status").read_text(encoding="utf-8")
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)

    def account(self, user: str) -> int:
        """Return a user's number in our image."""
        lines = (self.images["streetlight"].root / "etc/passwd").read_text(encoding="utf-8").splitlines()
        return next(int(line.split(":")[2]) for line in lines if line.startswith(f"{user}:"))

    def volume(self, name: str) -> Path:
        """Return where a volume lies."""
        return self.folder / "volumes" / name

    def _filled(self, text: object) -> str:
        """Return a value of the file with what stands in `.env`."""

        def value(found: re.Match[str]) -> str:
            name, _sign, default = found[1].partition(":-")
            return self.values[name] if name in self.values or not _sign else default

        return re.sub(r"\$\{([^}]+)\}", value, str(text))

    def _command(self, name: str, command: Sequence[str] = (), more: Mapping[str, str] | None = None) -> list[str]:
        """Return what starts a service in a view of its own."""
        assert self._holder is not None, "it is not up"
        service, image = self.compose["services"][name], self._image(name)
        wanted = [*image.entry, *map(self._filled, command or service["command"])]
        alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", self._view(name), "sh"]
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", *alone, *self._become(name, more or {}), *wanted]

    def _image(self, name: str) -> Image:
        return self.images[self.compose["services"][name]["image"]]

    def _become(self, name: str, more: Mapping[str, str]) -> list[str]:
        """Return what turns root in the container's files into the service's user, with its environment."""
        service, image = self.compose["services"][name], self._image(name)
        own = {key: self._filled(each) for key, each in service.get("environment", {}).items()}
        told = {**image.environment, **own, **more}
        user = service.get("user", image.user)
        rights = shlex.split(NOTHING) if service.get("cap_drop") == ["ALL"] else []
        who = [*rights, f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        inner = f'cd {image.folder} && exec "$@"'
        return ["chroot", str(self.folder / "seen"), *who, "env", "-i",
                *(f"{key}={value}" for key, value in told.items()), "sh", "-c", inner, "sh"]  # fmt: skip

    def _view(self, name: str) -> str:
        """Return the shell that makes a service's view of files: its image, and over it what may be written."""
        service, root, seen = self.compose["services"][name], self._image(name).root, self.folder / "seen"
        seen.mkdir(exist_ok=True)
        (root / "etc/hosts").touch()
        lines = ["set -e", "mount --make-rprivate /", f"mount --bind {root} {seen}"]
        lines += [f"mount -o remount,bind,ro {seen}"] if service.get("read_only") else []
        lines += [f"mount -t proc proc {seen}/proc", f"mount --rbind /dev {seen}/dev"]
        for place, _colon, mode in (one.partition(":") for one in service.get("tmpfs", [])):
            self._place(root, place)
            lines.append(f"mount -t tmpfs -o {mode or 'mode=1777'} tmpfs {seen}{place}")
        for source, place, *options in (one.split(":") for one in service["volumes"]):
            self._fill(source, self._place(root, place))
            inside = self._place(root, place).relative_to(root)
            lines.append(f"mount --bind {self.volume(source)} {seen}/{inside}")
            lines += [f"mount -o remount,bind,ro {seen}/{inside}"] if options == ["ro"] else []
        lines += [f"mount --bind {self.folder}/hosts {seen}/etc/hosts", 'exec "$@"']
        return "\n".join(lines)

    @staticmethod
    def _place(root: Path, place: str) -> Path:
        """Return a folder of an image, made if it is not there, as an engine makes what it mounts on."""
        path = root / place.lstrip("/").replace("var/run/", "run/")
        path.mkdir(parents=True, exist_ok=True)
        return path

    def _fill(self, source: str, like: Path) -> None:
        """Make a volume that is not there yet: it takes after the folder of the image that it covers first."""
        if not self.volume(source).exists():
            self.volume(source).parent.mkdir(exist_ok=True)
            shutil.copytree(like, self.volume(source), symlinks=True)
            facts = like.stat()
            os.chown(self.volume(source), facts.st_uid, facts.st_gid)
            self.volume(source).chmod(facts.st_mode & 0o7777)

    def _enter(self, name: str) -> list[str]:
        return ["nsenter", f"--target={self._first(self.running[name])}", "--mount", "--pid", "--net"]

    @staticmethod
    def _first(process: subprocess.Popen[bytes]) -> int:
        """Return the number of the container's first process; raises LookupError where there is none."""
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]
                if int(parent) == process.pid:
                    return int(path.parent.name)
        raise LookupError("it does not run")
