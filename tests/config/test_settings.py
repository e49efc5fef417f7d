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


@pytest.mark.parametrize(
    ("lock", "longer", "session"),
    [
        ("IDLE_LOCK = 20 * 60", "IDLE_LOCK = 5 * 3600", "SESSION_COOKIE_AGE"),
        ("ABSOLUTE_LOCK = 8 * 3600", "ABSOLUTE_LOCK = 24 * 3600", "SESSION_ABSOLUTE"),
    ],
)
def test_a_session_lasts_as_long_as_its_keys_may_lie_in_it(
    lock: str, longer: str, session: str, tmp_path: Path
) -> None:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    assert source.count(lock) == 1
    name = lock.partition(" ")[0]
    changed = tmp_path / "config" / "settings.py"
    changed.parent.mkdir()
    changed.write_text(source.replace(lock, longer), encoding="utf-8")
    asks = f"import runpy; read = runpy.run_path({str(changed)!r}); print(read[{session!r}] >= read[{name!r}])"
    environment = {"STATE_DIR": str(tmp_path / "state")}
    command = [sys.executable, "-c", asks]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout == "True\n"


def test_with_https_every_cookie_is_secure_strict_and_out_of_reach_of_scripts(tmp_path: Path) -> None:
    names = [f"{kind}_COOKIE_{what}" for kind in ("SESSION", "CSRF") for what in ("NAME", "SECURE", "SAMESITE", "PATH")]
    shown = ", ".join(f"settings.{name}" for name in [*names, "CSRF_COOKIE_HTTPONLY"])
    command = [sys.executable, "-c", f"import config.settings as settings; print({shown})"]
    environment = {"STATE_DIR": str(tmp_path), "SITE_ORIGIN": "https://town.test"}
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    of_each = "True Strict /admin/"
    assert said.stdout == f"__Secure-staff {of_each} __Secure-staff-form {of_each} True\n"
