"""A fresh Debian machine in a folder, whose services start by their units’ own lines, and people who use it."""

import http.client
import re
import shutil
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager

from tests.system.deploy import debian, network, terminal
from tests.system.harness.homes import ROOT
from tests.system.harness.resident import Page, Resident

NAME = "tips.test"
SOURCE = "root/streetlight"  # where the administrator has the code
PROXY = "http://127.0.0.1:3128"


class Machine:
    """A Debian root; `run` is what its administrator types."""

    def __init__(self, root):
        self.root = root
        self._services = None

    @property
    def state(self):
        """Return the service's state folder."""
        return self.root / "var/lib/streetlight"

    def make(self):
        """Make an empty Debian, with the code as an administrator would have unpacked it."""
        debian.copy(self.root)
        refuse = (
            self.root / "usr/sbin/policy-rc.d"
        )  # packages start nothing by themselves: there is no systemd
        refuse.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        refuse.chmod(0o755)
        self.lay_code(SOURCE)
        if debian.BUNDLE.exists():
            shutil.copy(debian.BUNDLE, self.root / "root/bundle.crt")

    def lay_code(self, folder, *, version=""):
        """Copy the tree's files into a folder of the machine, as another version if one is named."""
        lay_code(self.root / folder)
        if version:
            project = self.root / folder / "pyproject.toml"
            text = re.sub(
                r'(?m)^version = ".*"$',
                f'version = "{version}"',
                project.read_text(encoding="utf-8"),
            )
            project.write_text(text, encoding="utf-8")

    @contextmanager
    def running(self):
        """Let the machine run: a network of its own, and units that start."""
        command = [sys.executable, "-m", "tests.system.deploy.init", str(self.root)]
        self._services = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        with self._services:
            assert self._services.stdout is not None
            assert self._services.stdout.readline() == "ready\n"
            try:
                yield
            finally:
                self.run(
                    "systemctl stop streetlight.service nginx.service postgresql.service; true"
                )
                self._services.terminate()
                self._services.wait(timeout=30)

    def _inside(self, command, **environment):
        assert self._services is not None, "the machine does not run"
        told = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "PIP_CERT": "/root/bundle.crt",
            "http_proxy": PROXY, "https_proxy": PROXY, "no_proxy": "127.0.0.1,localhost", **environment,
        }  # fmt: skip
        enter = [
            "nsenter",
            f"--target={self._services.pid}",
            "--net",
            "--mount",
            "chroot",
            str(self.root),
        ]
        return [
            *enter,
            "env",
            "-i",
            *(f"{name}={value}" for name, value in told.items()),
            "sh",
            "-c",
            command,
        ]

    def run(self, command, *, given=None, wrong=0, **environment):
        """Run a command as root and return what it said; it must end with the code `wrong`."""
        ran = subprocess.run(
            self._inside(command, **environment), input=given, stdin=None if given else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ran.returncode == wrong, (
            f"{command} ended with {ran.returncode}:\n{ran.stdout[-6000:]}"
        )
        return ran.stdout

    @contextmanager
    def started(self, command, **environment):
        """Let a command run meanwhile, as root."""
        process = subprocess.Popen(self._inside(command, **environment), stdin=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)

    def at_terminal(self, command, answers, **environment):
        """Run a command at a terminal, and answer what it asks; return all that the terminal showed."""
        return terminal.talk(self._inside(command, **environment), answers)

    def network(self):
        """Let this thread's new connections be those of the machine's own network."""
        assert self._services is not None, "the machine does not run"
        return network.of(self._services.pid)


class Visitor(Resident):
    """A resident who comes in through nginx, as everybody does: by https."""

    def __init__(self, machine):
        super().__init__(443)
        self._machine = machine

    def ask(self, method, path, body=b"", headers=None):
        own = (
            {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"}
            if method == "POST"
            else {}
        )
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        began = time.monotonic()
        with self._machine.network():
            plain = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            plain.connect()
        assert plain.sock is not None
        plain.sock = trusting.wrap_socket(plain.sock, server_hostname=NAME)
        try:
            plain.request(
                method, path, body or None, {"Host": NAME, **own, **self.headers, **(headers or {})}
            )
            answer = plain.getresponse()
            data = answer.read()
            kept = {name.lower(): value for name, value in answer.getheaders()}
            cookies = tuple(answer.headers.get_all("Set-Cookie", []))
            return Page(
                answer.status,
                data.decode("utf-8", "replace"),
                kept,
                cookies,
                time.monotonic() - began,
            )
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: no whole answer") from error
        finally:
            plain.close()


def lay_code(folder):
    """Copy the tree's files into a folder."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def certificate(folder, names=(NAME,)):
    """Make a certificate that nobody proves, and its key, in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subject = [
        "-subj",
        f"/CN={names[0]}",
        "-addext",
        f"subjectAltName={','.join(f'DNS:{name}' for name in names)}",
    ]
    made = [
        "-keyout",
        str(folder / "privkey.pem"),
        "-out",
        str(folder / "fullchain.pem"),
        "-days",
        "90",
        *subject,
    ]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made],
        check=True,
        capture_output=True,
    )
