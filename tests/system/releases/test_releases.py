"""What each release has written opens in this version: its state folder migrates, its backup restores.

Each is opened at the moment at which it was made: what it holds would be deleted by now.
"""

import json
import re
import sys
import tarfile

import pytest

from tests.site.test_wrong_shapes import PAGES
from tests.system.harness import homes
from tests.system.harness.homes import Home
from tests.system.releases import make

RELEASES = sorted(path.parent for path in make.HERE.glob("*/keys.json"))
AMISS = (
    "Unlock this",
    "changed outside Streetlight",
    *(says for _pages, says in PAGES.values() if "<" not in says),
)
BACK_THEN = """
import sys, time_machine
time_machine.travel(sys.argv.pop(1), tick=True).start()
"""
MANAGE = f"""{BACK_THEN}
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
READ = f"""{BACK_THEN}
import json, django
django.setup()
from tests.system.releases import reading
print(json.dumps(getattr(reading, sys.argv[1])(json.load(sys.stdin))))
"""


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def release(request):
    """Return the folder of a release's fixtures."""
    return request.param


@pytest.fixture
def keys(release):
    """Return a release's throwaway keys, and what they open."""
    facts = json.loads((release / "keys.json").read_text(encoding="utf-8"))
    assert facts["note"] == make.THROWAWAY
    return facts


@pytest.fixture
def old(release, tmp_path):
    """Return a machine with a release's state folder."""
    with tarfile.open(release / "state.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "tmp").mkdir()
    return Home(tmp_path)


@pytest.fixture
def empty(tmp_path):
    """Return a machine with an empty database."""
    return homes.migrated(tmp_path / "empty")


def run(home, code, keys, *arguments, typed="", demo=True):
    """Run code at the moment at which a release's fixtures were made."""
    return home.end(
        sys.executable,
        "-c",
        code,
        keys["made"],
        *arguments,
        typed=typed,
        **({"DEMO": "1"} if demo else {}),
    )


def read(home, what, keys, **other):
    """Return what `reading` finds there, as the member of these keys."""
    return json.loads(run(home, READ, keys, what, typed=json.dumps(keys | other)).well())


def test_a_state_folder_of_a_release_migrates_and_opens_whole(old, keys):
    run(old, MANAGE, keys, "prepare").well()
    found, seen = read(old, "parts", keys), read(old, "pages", keys)
    assert {make.POLISH, make.WAITS} <= set(found["texts"])
    assert (found["broken"], found["shut"]) == ([], [])
    # One is there for a moment, and before 0.4 nothing was kept of what left, and no picture could be closed.
    assert {name for name, count in found["rows"].items() if not count} <= {
        "Arrival",
        "ClosedPictures",
        "ExportedPart",
    }
    assert any("AB12" in page for path, page in seen["pages"].items() if "/related/" in path), (
        "digests are compared"
    )
    assert len(seen["pages"]) > 15
    amiss = [
        path
        for path, page in seen["pages"].items()
        if "</h1>" not in page or any(map(page.count, AMISS))
    ]
    assert amiss == []
    assert make.QUESTION in seen["messages"]
    assert "No tampering found" in run(old, MANAGE, keys, "audit", "verify").well()


def test_a_backup_of_a_release_restores(release, empty, keys):
    restore = ("restore", "--from", str(release / "backup"), "--team-lead", keys["username"])
    said = run(empty, MANAGE, keys, *restore, typed=f"{keys['recovery']}\n", demo=False).well()
    words = re.search(r"six words:\s+(.+)", said)
    assert words, said
    run(empty, MANAGE, keys, "migrate", "--verbosity=0", demo=False).well()
    found = read(empty, "parts", keys, passphrase=words[1].strip())
    assert make.POLISH in found["texts"]
    assert make.WAITS not in found["texts"], "the outbox is in no backup"
    assert (found["broken"], found["shut"]) == ([], [])
    assert {name for name, count in found["rows"].items() if not count} <= {
        "Arrival",
        "ClosedPictures",
        "ExportedPart",
    }


def test_control_with_other_words_nothing_opens(old, keys):
    run(old, MANAGE, keys, "prepare").well()
    with pytest.raises(AssertionError, match=r"six words"):
        read(old, "parts", keys, passphrase="zone zone zone zone zone zone")


def test_migrations_only_grow(keys):
    now = make.migrations()
    assert {name: now.get(name) for name in keys["migrations"]} == keys["migrations"]
    assert keys["migrations"]


def test_the_newest_release_has_fixtures():
    dated = re.findall(
        r"(?m)^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", (homes.ROOT / "CHANGELOG.md").read_text()
    )
    assert {folder.name for folder in RELEASES} == set(dated)
    assert dated
