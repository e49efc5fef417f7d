"""systemd takes our units as they are, and each gives its service little more than it needs."""

import os
import re
import shutil
import subprocess

import pytest
from django.conf import settings

from config import gunicorn
from newsroom.imaging import child
from reports.domain.health.faults import FAULTS
from reports.domain.intake import photos
from reports.sealing import keyholder
from reports.security.passwords import PasswordHasher
from tests.system.deploy import units
from tests.system.deploy.scripts import Scripts
from tests.system.harness.homes import ROOT
from tests.system.proofs.test_memory import WORKER

DEPLOY = ROOT / "deploy"
UNITS = sorted(path for kind in ("service", "socket", "timer") for path in DEPLOY.glob(f"*.{kind}"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]
MOST_EXPOSED = 1.5  # of systemd's ten
by_name = pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)


def parsed(name):
    """Return a unit as it lies in the code."""
    return units.parsed(name, (DEPLOY / name).read_text(encoding="utf-8"))


@pytest.fixture
def scripts(tmp_path):
    return Scripts(tmp_path)


@pytest.fixture
def analyze():
    """Return where systemd-analyze is; without it skip in a line, but never in CI."""
    found = shutil.which("systemd-analyze")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI needs systemd-analyze: apt-get install systemd")
    return found or pytest.skip("needs systemd-analyze: apt-get install systemd")


def laid(folder):
    """Return copies of the units whose commands are there: the code is not in /opt/streetlight here."""
    for path in UNITS:
        text = re.sub(
            r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(encoding="utf-8")
        )
        (folder / path.name).write_text(
            text.replace("file:/opt/streetlight/current", f"file:{ROOT}"), encoding="utf-8"
        )
    return [str(folder / path.name) for path in UNITS]


def test_systemd_takes_them_without_a_word(analyze, tmp_path):
    ran = subprocess.run(
        [analyze, "verify", "--man=no", *laid(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in ran.stderr.splitlines() if "streetlight" in line]
    assert (ran.returncode, ours) == (0, [])


def exposure(analyze, path):
    """Return how exposed a service is, of ten, as systemd sees it."""
    command = [analyze, "security", "--offline=true", "--no-pager", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return float(re.findall(r"Overall exposure level for \S+ ([\d.]+)", said.replace(":", ""))[-1])


@by_name
def test_a_service_is_hardly_exposed(analyze, path):
    assert exposure(analyze, path) <= MOST_EXPOSED


@by_name
def test_a_service_runs_the_current_release_with_shut_state_and_is_slowed_first(
    path,
):
    unit = parsed(path.name)
    assert (unit.one("User"), unit.one("UMask"), unit.one("StateDirectoryMode")) == (
        "streetlight",
        "0077",
        "0711",
    )
    assert unit.one("WorkingDirectory") == "/opt/streetlight/current"
    assert unit.one("ExecStart").startswith("/opt/streetlight/current/")
    assert unit.environment["MANAGE_COMMAND"] == "streetlight"
    assert 512 <= mebibytes(unit, "MemoryHigh") < mebibytes(unit, "MemoryMax")
    assert unit.all("StartLimitBurst") == [], "no run that says nothing keeps a mail from going out"
    in_memory = [unit.one(f"RuntimeDirectory{what}") for what in ("", "Mode", "Preserve")]
    kept = "restart" if path.name == "streetlight.service" else "yes"
    assert in_memory == (
        ["", "", ""] if path.name == "streetlight-backup.service" else ["streetlight", "0700", kept]
    )


def mebibytes(unit, name):
    """Return an amount of memory of a unit."""
    number = unit.one(name)
    return int(number[:-1]) * {"M": 1, "G": 1024}[number[-1]]


def needed(workers, threads):
    """Return the MiB that the service may need at most, from what bounds each part in the code."""
    pictures = (photos.AT_ONCE + 1) * child.ADDRESS_SPACE / 2**20  # tips', and an editor's
    pictures += child.STORED_SPACE / 2**20  # one that the desk looks at
    caches, sign_ins = threads * 3 / 4 * 8, 4 * PasswordHasher.memory_cost / 1024
    uploads, unlocks = 8 * 2 * settings.PHOTO_BODY_LIMIT / 2**20, 2 * keyholder.ARGON2.memory / 1024
    return workers * (pictures + WORKER * 1e6 / 2**20 + caches + sign_ins) + uploads + unlocks


def test_the_service_may_take_what_its_settings_let_it_need(scripts):
    unit = parsed("streetlight.service")
    laid = scripts.root / "etc/systemd/system/streetlight.service.d/memory.conf"
    scripts.run("renewed=; lay_memory")
    assert not laid.exists(), "the unit has the numbers for the defaults"
    allowed = {(2, 32): mebibytes(unit, "MemoryHigh")}
    for workers, threads in [(1, 32), (2, 32), (4, 32), (4, 256), (64, 1)]:
        scripts.settings.write_text(f"WORKERS='{workers}'\nTHREADS='{threads}'\n", encoding="utf-8")
        scripts.run("renewed=; lay_memory")
        made = units.parsed("", laid.read_text(encoding="utf-8"))
        assert mebibytes(made, "MemoryMax") == mebibytes(made, "MemoryHigh") + 512
        assert allowed.setdefault((workers, threads), mebibytes(made, "MemoryHigh")) == mebibytes(
            made, "MemoryHigh"
        )
    assert {
        case: high
        for case, high in allowed.items()
        if not needed(*case) < high < needed(*case) * 1.25
    } == {}
    assert (gunicorn.workers, gunicorn.threads) == (2, 32)
    scripts.settings.write_text("WORKERS='many'\n", encoding="utf-8")
    assert "have to be whole numbers" in scripts.run("renewed=; lay_memory", wrong=1)


def test_what_a_fault_lets_somebody_enable_can_be_enabled():
    named = [
        unit
        for fault in FAULTS.values()
        for unit in re.findall(r"enable --now (\S+?)\.? ", f"{fault.do} ")
    ]
    assert named == ["streetlight-maintenance.timer"]
    assert "\n[Install]\n" in (DEPLOY / named[0]).read_text(encoding="utf-8")


def test_the_service_takes_its_connections_from_the_socket():
    service = parsed("streetlight.service")
    socket = parsed("streetlight.socket")
    assert service.one("Requires") == "streetlight.socket"
    assert f"server {socket.one('ListenStream')};" in (DEPLOY / "nginx.conf").read_text(
        encoding="utf-8"
    )
