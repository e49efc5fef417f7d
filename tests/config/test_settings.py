"""The one settings file, read again with other words in the environment."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest

SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings.py"


@pytest.fixture(autouse=True)
def nothing_else_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))


def told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> dict[str, Any]:
    """Read the settings with one of them given."""
    monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


@pytest.mark.parametrize(
    ("name", "floor"), [("OUTCOME_LEAST", 5), ("OUTCOME_BANDS", 5), ("FIGURES_LEAST", 10), ("FIGURES_AFTER", 14)]
)
def test_what_guards_the_senders_has_a_floor_that_no_machine_can_lower(
    monkeypatch: pytest.MonkeyPatch, name: str, floor: int
) -> None:
    with pytest.raises(SystemExit, match=name):
        told(monkeypatch, name, str(floor - 1))
    assert told(monkeypatch, name, str(floor))[name] in (floor, [floor])


def test_with_https_every_cookie_is_secure_strict_and_out_of_reach_of_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    read = told(monkeypatch, "SITE_ORIGIN", "https://town.test")
    for kind, name in (("SESSION", "__Secure-staff"), ("CSRF", "__Secure-staff-form")):
        said = [read[f"{kind}_COOKIE_{what}"] for what in ("NAME", "SECURE", "SAMESITE", "PATH")]
        assert said == [name, True, "Strict", "/admin/"]
    assert read["CSRF_COOKIE_HTTPONLY"] is True


def test_a_session_lasts_as_long_as_its_keys_may_lie_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read = told(monkeypatch, "SITE_ORIGIN", "https://town.test")
    assert read["SESSION_COOKIE_AGE"] >= read["IDLE_LOCK"]
    assert read["SESSION_ABSOLUTE"] >= read["ABSOLUTE_LOCK"]
