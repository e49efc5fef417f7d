"""The image that the Containerfile makes, and its processes: a tip goes in through nginx, and staff read it.

It is built where no registry can be reached, so its base is a Debian of our own, and it runs on SQLite, without podman
and without what compose.yaml forbids a service (docs/containers.md).
"""

import os
import resource
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.deploy import debian, rights, terminal
from tests.system.deploy.machine import NAME, lay_code
from tests.system.deploy.test_compose import COMPOSE
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident
from tests.system.harness.server import free_port

pytestmark = pytest.mark.whole

WHAT = "A grey van by the garages, every night at nine."
BEHIND = {
    "Host": NAME,
    "Origin": f"https://{NAME}",
    "X-Forwarded-Proto": "https",
}  # as what takes TLS off passes on
LIMITS = (
    "nofile",
    "nproc",
)  # the builder asks for more of these than a container may have that it runs in
SERVICES = COMPOSE["services"]


class Container:
    """One that was made from our image; each process runs in its files, and finds its state in one volume."""

    def __init__(self, folder):
        self.folder, self.name = folder, ""
        self.web, self.nginx = free_port(), free_port()
        # The builder wants a program for networks, though it makes none here: each process is in this machine's own.
        (folder / "netavark").symlink_to("/bin/true")
        own = f'[engine]\nhelper_binaries_dir = ["{folder}"]\n'
        (folder / "containers.conf").write_text(own, encoding="utf-8")
        program = ["env", f"CONTAINERS_CONF_OVERRIDE={folder}/containers.conf", "buildah"]
        self.program = [
            *program,
            "--root",
            str(folder / "storage"),
            "--runroot",
            str(folder / "run"),
        ]
        for name in ("streetlight", "nginx"):
            (folder / name).mkdir()
        (folder / "nginx").chmod(0o1777)

    def buildah(self, *arguments):
        """Call the program that builds images, and return what it said."""
        ran = subprocess.run(
            [*self.program, *arguments], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, (
            f"buildah {arguments[0]}:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        )
        return ran.stdout.strip()

    def command(self, *words, user="streetlight", terminal=False, **settings):
        """Return what runs one of the image's processes."""
        told = {"SITE_ORIGIN": f"https://{NAME}", "ALLOWED_HOSTS": NAME, "PORT": str(self.web)}
        options = [f"--env={name}={value}" for name, value in (told | settings).items()]
        options += ["--env=PLACE=/opt/streetlight/seeds/place"]
        options += [
            f"--volume={self.folder}/{name}:/var/lib/{name}:rw" for name in ("streetlight", "nginx")
        ]
        how = [
            "--isolation=chroot",
            f"--user={user}",
            *options,
            *(["--terminal"] if terminal else []),
        ]
        return [
            *self.program,
            "run",
            *how,
            self.name,
            "--",
            "/opt/streetlight/deploy/container",
            *words,
        ]

    @contextmanager
    def serving(self):
        """Prepare, and let web and nginx run until both are healthy by the checks of compose.yaml; then stop them."""
        subprocess.run(self.command("prepare"), check=True, capture_output=True)
        own = {
            "NAME": NAME,
            "LISTEN": f"127.0.0.1:{self.nginx}",
            "APPLICATION": f"127.0.0.1:{self.web}",
        }
        commands = [
            self.command("web"),
            self.command("nginx", user=SERVICES["nginx"]["user"], **own),
        ]
        running = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for command in commands]
        try:
            for port, path in ((self.web, "/healthz"), (self.nginx, "/")):
                check, until = (
                    self.command("healthy", f"http://127.0.0.1:{port}{path}", NAME),
                    time.monotonic() + 60,
                )
                while subprocess.run(check, capture_output=True, check=False).returncode:
                    assert time.monotonic() < until, f"{path} is not healthy"
            yield
        finally:
            for process in running:
                process.terminate()
                process.wait(20)


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    """Build the Containerfile as its first lines say, but on a Debian of our own."""
    debian.need("buildah")
    folder = tmp_path_factory.mktemp("container")
    for path in (folder, folder.parent):
        path.chmod(0o755)
    made = Container(folder)
    lay_code(folder / "code")
    (folder / "pip.conf").write_text("[global]\ncert = /etc/bundle.crt\n", encoding="utf-8")
    try:
        base = made.buildah("from", "scratch")
    except AssertionError as refused:
        pytest.skip(f"no image can be built here: {refused}")
    made.buildah("add", base, str(debian.root()), "/")
    if debian.BUNDLE.exists():
        made.buildah("add", base, str(debian.BUNDLE), "/etc/bundle.crt")
        made.buildah("add", base, str(folder / "pip.conf"), "/etc/pip.conf")
    made.buildah("commit", "--rm", base, "localhost/debian")
    most = {
        name: resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1] for name in LIMITS
    }
    limits = [f"--ulimit={name}={number}:{number}" for name, number in most.items() if number > 0]
    how = ["--isolation=chroot", "--layers=false", "--build-arg=BASE=localhost/debian", *limits]
    made.buildah(
        "build",
        *how,
        "-t",
        "streetlight",
        "-f",
        str(folder / "code/Containerfile"),
        str(folder / "code"),
    )
    made.name = made.buildah("from", *limits, "streetlight")
    facts = (Path(made.buildah("mount", made.name)) / "var/lib/streetlight").stat()
    os.chown(folder / "streetlight", facts.st_uid, facts.st_gid)
    (folder / "streetlight").chmod(
        facts.st_mode & 0o7777
    )  # as a volume takes after the folder that it covers
    yield made
    made.buildah("rm", "--all")


@pytest.fixture(scope="module")
def shown(container):
    """Found a desk at a terminal as docs/containers.md says, and return what it showed."""
    subprocess.run(container.command("prepare"), check=True, capture_output=True)
    return terminal.talk(container.command("manage", "desk_setup", terminal=True), terminal.DESK)


def read(container, shown, *, code=0):
    """Return the pages of all tips, as the team lead sees them who comes in through nginx."""
    member = Member(container.nginx, terminal.team_lead(shown), code=code, headers=BEHIND)
    member.open_desk()
    return [member.get(address).text for address in member.tips()]


@pytest.mark.proof(
    "containers", goal="a tip that came in through nginx is read, and outlives its container"
)
def test_a_tip_sent_through_nginx_is_read_and_outlives_its_container(container, shown):
    """The image of the Containerfile is built, and its processes prepare, serve and pass on."""
    with container.serving():
        Resident(container.nginx, headers=BEHIND).tell({"what": WHAT})
        assert [WHAT in page for page in read(container, shown)] == [True]
    assert rights.wrong(container.folder / "streetlight") == []
    with container.serving():
        assert WHAT in read(container, shown, code=1)[0]


def test_backups_are_made_with_the_programs_of_the_databases_version(container):
    version = SERVICES["database"]["image"].rpartition(":")[2]
    said = container.buildah("run", "--isolation=chroot", container.name, "pg_dump", "--version")
    assert f" {version}." in said
