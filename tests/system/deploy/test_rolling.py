"""The version before serves on with this version's database: an upgrade migrates first, a rollback never does."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.system.harness.home import ROOT, Home, copied
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

OLDEST = [0, 2, 0]  # the migrations began again with it
BEGINNING = "7bcba1aa9be1b398df74dfd1a3a9faa601811aed"  # from here on no migration was changed


def git(*arguments: str, into: Path | None = None) -> str:
    """Return what git says of this tree's history; `into` takes an archive."""
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments]
    ran = subprocess.run(command, capture_output=True, check=True)
    if into:
        subprocess.run(["tar", "-x", "-C", str(into)], input=ran.stdout, check=True)
        return ""
    return ran.stdout.decode().strip()


def version_at(commit: str) -> list[int]:
    """Return the version of the code at a commit."""
    lines = git("show", f"{commit}:pyproject.toml").splitlines()
    return [
        int(part) for part in next(line for line in lines if line.startswith("version = ")).split('"')[1].split(".")
    ]


def before() -> str:
    """Return the last commit of the version before.

    Until there is a second version that goes on with the same database, it is where this database began.
    """
    changed = git("log", "--no-merges", "--format=%H", "--min-parents=1", "-G^version = ", "--", "pyproject.toml")
    parents = {f"{commit}^": version_at(commit) for commit in changed.split()}
    return next((one for one, after in parents.items() if OLDEST <= version_at(one) != after), BEGINNING)


@pytest.fixture(scope="session")
def version_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the code of the version before; without its history skip in a line, but never in CI."""
    try:
        whole = git("rev-parse", "--is-shallow-repository") == "false"
    except (OSError, subprocess.CalledProcessError):
        whole = False
    if not whole:
        assert not os.environ.get("CI"), "CI needs the whole history: git fetch --unshallow, or fetch-depth: 0"
        pytest.skip("needs the history: git fetch --unshallow")
    folder = tmp_path_factory.mktemp("before")
    git("archive", before(), into=folder)
    return folder


def test_no_migration_of_the_version_before_was_changed(version_before: Path) -> None:
    old = sorted(
        path for room in ("newsroom", "reports") for path in (version_before / room / "migrations").glob("0*.py")
    )
    assert old
    changed = [path.name for path in old if path.read_bytes() != (ROOT / path.relative_to(version_before)).read_bytes()]
    assert changed == []


@pytest.mark.whole
def test_the_version_before_serves_on_the_new_database(version_before: Path, prepared: Home, tmp_path: Path) -> None:
    within = ("env", f"--chdir={version_before}")
    with copied(prepared, tmp_path) as home:
        manage = str(version_before / "manage.py")
        home.python(manage, "collectstatic", "--noinput", "--verbosity=0", within=within)
        with Server(home, within=within) as server:
            resident = Resident(server.port)
            assert [resident.get(path).status for path in ("/", "/news/", "/report/", "/admin/login/")] == [200] * 4
            receipt = resident.tell({"what": "Sent to the version before."})
            home.python(manage, "tend", within=within)
            assert "Not read yet</h2>" in resident.open_mailbox(receipt.words).text
        assert [found.what for found in home.open_all()] == ["Sent to the version before."]
