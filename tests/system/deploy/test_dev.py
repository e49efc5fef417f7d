"""What `./dev run` and a container do before they serve: a desk that was is no new demonstration."""

import shutil
import subprocess

import pytest

from tests.system.harness.homes import ROOT

NOTES = 'echo "DEMO=${DEMO:-} $*" >>noted; case $* in *prepare*) exit "$ENDS" ;; esac'


def laid(folder, script):
    """Lay a script into a folder, beside stand-ins for Python and the server that note what they are asked."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (folder / script).parent.mkdir(exist_ok=True)
    shutil.copy2(ROOT / script, folder / script)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).touch()
    sums = (
        subprocess.run(["cksum"], input=b"", capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )
    (folder / ".venv" / ".synced").write_text(f"run {sums}")
    for name in ("python", "gunicorn"):
        (programs / name).write_text(f"#!/bin/sh\n{NOTES}\n")
        (programs / name).chmod(0o755)
    return folder


def run(folder, *command, ends=1):
    """Run it, with a `prepare` that ends so; return how it ended and what was asked."""
    environment = {"PATH": "/usr/bin:/bin", "ENDS": str(ends)}
    ran = subprocess.run(
        [folder / command[0], *command[1:]], cwd=folder, env=environment, timeout=60, check=False
    )
    noted = folder / "noted"
    return ran.returncode, noted.read_text().splitlines() if noted.exists() else []


@pytest.mark.parametrize(
    ("files", "demo"),
    [
        *(([], "1"), (["desk/"], "1"), (["desk/keyring.age", "demo.txt"], "1")),
        *(
            ([f"desk/{name}"], "")
            for name in ("keyring.age", "desk.pub", "audit-head.json", ".lock", "profile.json")
        ),
        (["desk/setup-unfinished"], ""),
    ],
)
def test_any_file_of_a_desk_makes_it_no_new_demonstration(tmp_path, files, demo):
    folder = laid(tmp_path, "dev")
    for name in files:
        (folder / "var" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "var" / name).mkdir() if name.endswith("/") else (folder / "var" / name).touch()
    assert run(folder, "dev", "run") == (1, [f"DEMO={demo} manage.py prepare"])


def test_beside_a_lost_database_it_serves_all_the_same(tmp_path):
    folder = laid(tmp_path, "dev")
    (folder / "var" / "desk").mkdir(parents=True)
    (folder / "var" / "desk" / "keyring.age").touch()
    _ended, asked = run(folder, "dev", "run", ends=3)
    assert "DEMO= --config config/gunicorn.py config.wsgi" in asked


@pytest.mark.parametrize(("ends", "container"), [(0, 0), (3, 0), (1, 1)])
def test_a_container_prepares_as_every_machine_does(tmp_path, ends, container):
    """What serves waits for its end: a lost database keeps no form down, and whatever else is wrong does."""
    folder = laid(tmp_path, "deploy/container")
    assert run(folder, "deploy/container", "prepare", ends=ends) == (
        container,
        ["DEMO= manage.py prepare --place /etc/streetlight/place"],
    )
