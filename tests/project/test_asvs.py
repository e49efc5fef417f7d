"""docs/asvs.md lists each use of cryptography and of the network."""

import re

from tests.project.test_docs import ROOT, section

ASVS = ROOT / "docs" / "asvs.md"
ROOMS = ("config", "core", "newsroom", "reports")


def importing(pattern):
    """Return our modules that import something of this name."""
    paths = [
        path
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
    ]
    wanted = re.compile(rf"^\s*(?:import|from) (?:{pattern})\b", re.MULTILINE)
    return {
        str(path.relative_to(ROOT))
        for path in paths
        if wanted.search(path.read_text(encoding="utf-8"))
    }


def test_every_use_of_cryptography_is_in_the_list():
    listed = section(ASVS, "Keys and algorithms")
    using = importing("cryptography|pyrage|hmac|webauthn|argon2|django.core.signing")
    assert len(using) > 10
    assert sorted(path for path in using if f"`{path}`" not in listed) == []
    assert importing("Crypto|nacl|passlib|bcrypt|jwt") == set()


def test_only_these_modules_open_connections():
    listed = section(ASVS, "Who speaks to whom")
    using = importing(
        "smtplib|socket|ssl|urllib.request|http.client|subprocess|django.core.mail|requests|httpx"
    )
    assert len(using) > 5
    assert sorted(path for path in using if f"`{path}`" not in listed) == []
