"""What systemd says of services and timers, and that it is not asked where it does not run the machine."""

import subprocess
from pathlib import Path

import pytest

from reports.domain.health import units
from reports.domain.health.units import Unit

WELL = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "Type": "notify",
    "Result": "success",
    "UnitFileState": "enabled",
}


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, dict[str, str]]:
    """Let systemd run the machine, and say of each unit what the test says."""
    facts: dict[str, dict[str, str]] = {name: dict(WELL) for name in units.UNITS}
    facts["streetlight-tend.service"] |= {"Type": "oneshot", "ActiveState": "inactive", "UnitFileState": "static"}
    facts["clock"] = {"value": "yes"}
    monkeypatch.setattr(units, "SYSTEMD", tmp_path)

    def run(command: tuple[str, ...], **_: object) -> "subprocess.CompletedProcess[str]":
        if command[0] == "timedatectl":
            return subprocess.CompletedProcess(command, 0, facts["clock"]["value"] + "\n")
        told = "".join(f"{name}={value}\n" for name, value in facts[command[-1]].items())
        return subprocess.CompletedProcess(command, 0, told)

    monkeypatch.setattr(units.subprocess, "run", run)
    return facts


def test_sound_units_have_no_problem(systemd: dict[str, dict[str, str]]) -> None:
    assert units.units() == [Unit(name, is_there=True) for name in units.UNITS]
    assert units.clock_is_set() is True


@pytest.mark.parametrize(
    ("name", "facts", "problem"),
    [
        ("streetlight-tend.timer", {"ActiveState": "inactive"}, "it is inactive"),
        ("streetlight-tend.timer", {"UnitFileState": "disabled"}, "it does not start with the machine"),
        ("streetlight-tend.service", {"Result": "exit-code"}, "it failed (exit-code)"),
        ("streetlight.service", {"ActiveState": "failed", "Result": "signal"}, "it is failed"),
    ],
)
def test_what_is_wrong_with_a_unit_is_said(
    systemd: dict[str, dict[str, str]], name: str, facts: dict[str, str], problem: str
) -> None:
    systemd[name] |= facts
    assert [(unit.name, unit.problem) for unit in units.units() if unit.problem] == [(name, problem)]


@pytest.mark.parametrize(("value", "expected"), [("no", False), ("", None)])
def test_a_clock_that_nothing_sets(systemd: dict[str, dict[str, str]], value: str, expected: bool | None) -> None:
    systemd["clock"]["value"] = value
    assert units.clock_is_set() is expected
