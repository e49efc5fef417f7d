"""Strict readers: a mistyped setting stops the start with a sentence."""

import pytest

from config import env


def test_onion_service_is_named_as_tor_names_it(monkeypatch):
    assert env.onion("ONION_ADDRESS") == ""
    monkeypatch.setenv("ONION_ADDRESS", f"{'AB23' * 14}.onion")
    assert env.onion("ONION_ADDRESS") == f"{'ab23' * 14}.onion"
    for wrong in (
        "short.onion",
        f"http://{'ab23' * 14}.onion",
        f"{'ab19' * 14}.onion",
        "example.org",
    ):
        monkeypatch.setenv("ONION_ADDRESS", wrong)
        with pytest.raises(SystemExit, match="Setting ONION_ADDRESS"):
            env.onion("ONION_ADDRESS")


def test_a_secret_that_cannot_be_read_names_its_file_and_whose_it_may_be(tmp_path):
    (tmp_path / "secret_key").mkdir()  # what root may not read either
    chown = f"chown -R streetlight: {tmp_path}"
    with pytest.raises(env.SettingError, match=rf"cannot read {tmp_path}/secret_key: .*{chown}"):
        env.kept_secret("SECRET_KEY_OF_NOBODY", path=tmp_path / "secret_key")
