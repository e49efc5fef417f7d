"""What systemd says of the services and timers of this machine."""

import subprocess
from pathlib import Path
from typing import NamedTuple

SYSTEMD = Path("/run/systemd/system")  # there while systemd runs the machine
UNITS = (
    "streetlight.service",
    "streetlight-tend.timer",
    "streetlight-tend.service",
    "streetlight-backup.timer",
    "nginx.service",
)
ONE_SHOT = "oneshot"


class Unit(NamedTuple):
    """A unit: its name, whether it is there at all, and what is wrong with it ("" for nothing)."""

    name: str
    is_there: bool
    problem: str = ""


def units() -> list[Unit]:
    """Return how the units are; none where another program runs the machine. Raises OSError or SubprocessError."""
    return [_unit(name) for name in UNITS] if SYSTEMD.exists() else []


def clock_is_set() -> bool | None:
    """Return whether the clock is set by the network; None where nobody knows. Raises OSError or SubprocessError."""
    if not SYSTEMD.exists():
        return None
    return {"yes": True, "no": False}.get(
        _asked("timedatectl", "show", "--property=NTPSynchronized", "--value").strip()
    )


def _unit(name: str) -> Unit:
    asked = "--property=LoadState,ActiveState,Type,Result,UnitFileState"
    facts = dict(line.partition("=")[::2] for line in _asked("systemctl", "show", asked, name).splitlines())
    if facts.get("LoadState") != "loaded":
        return Unit(name, is_there=False)
    problem = "" if facts.get("Result") == "success" else f"it failed ({facts.get('Result')})"
    if facts.get("Type") != ONE_SHOT and facts.get("ActiveState") != "active":
        problem = f"it is {facts.get('ActiveState')}"
    elif facts.get("UnitFileState") == "disabled" and facts.get("Type") != ONE_SHOT:
        problem = "it does not start with the machine"
    return Unit(name, is_there=True, problem=problem)


def _asked(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603 - our own names
