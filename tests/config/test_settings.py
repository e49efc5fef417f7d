"""The one settings file, read again with other words in the environment."""

import ctypes
import os
import runpy
import sys
from pathlib import Path

import pytest

from config.process import PR_SET_DUMPABLE

PR_GET_DUMPABLE = 3
SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings.py"


@pytest.fixture(autouse=True)
def nothing_else_is_given(monkeypatch, tmp_path):
    for name in os.environ:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))


def told(monkeypatch, name, value):
    """Read the settings with one of them given."""
    monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


@pytest.mark.parametrize(
    ("origin", "domain"),
    [("https://tips.town.test:8443", "tips.town.test"), ("http://127.0.0.1:8000", "localhost")],
)
def test_passkeys_belong_to_the_site_or_without_https_to_localhost(monkeypatch, origin, domain):
    assert told(monkeypatch, "SITE_ORIGIN", origin)["OTP_WEBAUTHN_RP_ID"] == domain


def test_with_https_every_cookie_is_secure_strict_and_out_of_reach_of_scripts(
    monkeypatch,
):
    read = told(monkeypatch, "SITE_ORIGIN", "https://town.test")
    for kind, name in (("SESSION", "__Secure-staff"), ("CSRF", "__Secure-staff-form")):
        said = [read[f"{kind}_COOKIE_{what}"] for what in ("NAME", "SECURE", "SAMESITE", "PATH")]
        assert said == [name, True, "Strict", "/admin/"]
    assert read["CSRF_COOKIE_HTTPONLY"] is True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
@pytest.mark.parametrize(
    "read", ["settings.py", "gunicorn.py"]
)  # maintenance and workers; the master of the workers
def test_process_that_has_read_its_settings_hides_its_memory(read):
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    assert prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1, "the control"
    runpy.run_path(str(SETTINGS.with_name(read)))
    assert prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
