"""Strict readers: a mistyped setting stops the start with a sentence."""

import pytest

from config import env


def test_onion_service_is_named_as_tor_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.onion("ONION_ADDRESS") == ""
    monkeypatch.setenv("ONION_ADDRESS", f"{'AB23' * 14}.onion")
    assert env.onion("ONION_ADDRESS") == f"{'ab23' * 14}.onion"
    for wrong in ("short.onion", f"http://{'ab23' * 14}.onion", f"{'ab19' * 14}.onion", "example.org"):
        monkeypatch.setenv("ONION_ADDRESS", wrong)
        with pytest.raises(SystemExit, match="Setting ONION_ADDRESS"):
            env.onion("ONION_ADDRESS")
