"""The version before serves on with this version's database: an upgrade migrates first, a rollback never does."""

import os
import subprocess

import pytest

from tests.system.harness.homes import ROOT, copied
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

MIGRATIONS = ("newsroom/migrations", "reports/migrations")


def git(*arguments, into=None):
    """Return what git says of this tree's history; `into` takes an archive."""
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), *arguments]
    ran = subprocess.run(command, capture_output=True, check=True)
    if into:
        subprocess.run(["tar", "-x", "-C", str(into)], input=ran.stdout, check=True)
        return ""
    return ran.stdout.decode().strip()


def before():
    """Return the newest release before this commit; until there is one, the last commit that touched a migration."""
    released = git("tag", "--list", "v*", "--merged", "HEAD^", "--sort=-creatordate").split()
    return released[0] if released else git("log", "-1", "--format=%H", "--", *MIGRATIONS)


@pytest.fixture(scope="session")
def history():
    """Ask for the whole history; without it skip in a line, but never in CI."""
    try:
        whole = git("rev-parse", "--is-shallow-repository") == "false"
    except (OSError, subprocess.CalledProcessError):
        whole = False
    if not whole:
        assert not os.environ.get("CI"), (
            "CI needs the whole history: git fetch --unshallow, or fetch-depth: 0"
        )
        pytest.skip("needs the history: git fetch --unshallow")


@pytest.fixture(scope="session")
def version_before(history, tmp_path_factory):
    """Return a folder with the code of the version before."""
    if before() == git("rev-parse", "HEAD"):
        pytest.skip("the newest commit made this database: no version comes before it")
    folder = tmp_path_factory.mktemp("before")
    git("archive", before(), into=folder)
    return folder


def test_no_migration_of_the_version_before_was_changed(version_before):
    old = sorted(path for folder in MIGRATIONS for path in (version_before / folder).glob("0*.py"))
    assert old
    changed = [
        path.name
        for path in old
        if path.read_bytes() != (ROOT / path.relative_to(version_before)).read_bytes()
    ]
    assert changed == []


def test_a_migration_that_was_rewritten_has_a_new_name(history):
    """Else a database of before would be taken for one of now."""
    names = [
        str(path.relative_to(ROOT))
        for folder in MIGRATIONS
        for path in (ROOT / folder).glob("0*.py")
    ]
    assert names
    for name in names:
        made = git("log", "-1", "--diff-filter=A", "--format=%H", "--", name) or "HEAD"
        assert git("log", f"{made}..HEAD", "--diff-filter=MD", "--format=%h", "--", name) == "", (
            name
        )
    assert git("diff", "HEAD", "--diff-filter=M", "--name-only", "--", *names) == ""


@pytest.mark.whole
def test_the_version_before_serves_on_the_new_database(version_before, prepared, tmp_path):
    within = ("env", f"--chdir={version_before}")
    with copied(prepared, tmp_path) as home:
        manage = str(version_before / "manage.py")
        home.python(
            manage, "place", "take", "seeds/place", within=within
        )  # as it did before the upgrade
        home.python(manage, "collectstatic", "--noinput", "--verbosity=0", within=within)
        with Server(home, within=within) as server:
            resident = Resident(server.port)
            assert [
                resident.get(path).status for path in ("/", "/news/", "/report/", "/admin/login/")
            ] == [200] * 4
            receipt = resident.tell({"what": "Sent to the version before."})
            home.python(manage, "run_maintenance", within=within)
            assert "Not read yet</h2>" in resident.open_mailbox(receipt.words).text
        assert [found.what for found in home.open_all()] == ["Sent to the version before."]
