"""The one settings file, read as a fresh process reads it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def told(name: str, value: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Read the settings with one of them given."""
    environment = {"STATE_DIR": str(state), name: value}
    command = [sys.executable, "-c", f"import config.settings as settings; print(settings.{name})"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("name", "floor"), [("OUTCOME_LEAST", 5), ("OUTCOME_BANDS", 5), ("FIGURES_LEAST", 10), ("FIGURES_AFTER", 14)]
)
def test_what_guards_the_senders_has_a_floor_that_no_machine_can_lower(name: str, floor: int, tmp_path: Path) -> None:
    lower = told(name, str(floor - 1), tmp_path)
    assert (lower.returncode != 0, name in lower.stderr, lower.stdout) == (True, True, "")
    assert told(name, str(floor), tmp_path).stdout.strip(" ()[],\n") == str(floor)
