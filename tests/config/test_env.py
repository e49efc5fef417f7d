"""Strict readers: a mistyped setting stops the start with a sentence."""

import pytest

from config import env


@pytest.mark.parametrize(
    ("origin", "given", "domain"),
    [
        ("https://tips.example.org", None, "tips.example.org"),
        ("https://tips.example.org:8443", "", "tips.example.org"),
        ("https://tips.example.org", "example.org", "example.org"),
        ("http://127.0.0.1:8000", None, "localhost"),
        ("http://[::1]:8000", None, "localhost"),
        ("http://localhost:8000", None, "localhost"),
    ],
)
def test_domain_is_the_sites_own_unless_told(
    monkeypatch: pytest.MonkeyPatch, origin: str, given: str | None, domain: str
) -> None:
    if given is not None:
        monkeypatch.setenv("PASSKEY_DOMAIN", given)
    assert env.domain("PASSKEY_DOMAIN", origin=origin) == domain


@pytest.mark.parametrize("given", ["https://example.org", "example.org:443", "10.0.0.1", "Example.org", "a b", "x/y"])
def test_domain_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PASSKEY_DOMAIN", given)
    with pytest.raises(SystemExit, match=r"Setting PASSKEY_DOMAIN: .*not a domain name"):
        env.domain("PASSKEY_DOMAIN", origin="https://example.org")


def test_origin_without_a_host_stops_the_start() -> None:
    with pytest.raises(SystemExit, match="PASSKEY_DOMAIN"):
        env.domain("PASSKEY_DOMAIN", origin="nonsense")


def test_onion_service_is_named_as_tor_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.onion("ONION_ADDRESS") == ""
    monkeypatch.setenv("ONION_ADDRESS", f"{'AB23' * 14}.onion")
    assert env.onion("ONION_ADDRESS") == f"{'ab23' * 14}.onion"
    for wrong in ("short.onion", f"http://{'ab23' * 14}.onion", f"{'ab19' * 14}.onion", "example.org"):
        monkeypatch.setenv("ONION_ADDRESS", wrong)
        with pytest.raises(SystemExit, match="Setting ONION_ADDRESS"):
            env.onion("ONION_ADDRESS")
