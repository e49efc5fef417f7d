"""docs/asvs.md lists each use of cryptography and of the network, and the code makes nothing of text."""

import re
import tomllib

from tests.project.test_docs import ROOT, section

ASVS = ROOT / "docs" / "asvs.md"
ROOMS = ("config", "newsroom", "reports")


def importing(pattern: str) -> set[str]:
    """Return our modules that import something of this name."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    wanted = re.compile(rf"^\s*(?:import|from) (?:{pattern})\b", re.MULTILINE)
    return {str(path.relative_to(ROOT)) for path in paths if wanted.search(path.read_text(encoding="utf-8"))}


def test_every_use_of_cryptography_is_in_the_list() -> None:
    listed = section(ASVS, "Keys and algorithms")
    using = importing("cryptography|pyrage|hmac|webauthn|argon2|django.core.signing")
    assert len(using) > 10
    assert sorted(path for path in using if f"`{path}`" not in listed) == []
    assert importing("Crypto|nacl|passlib|bcrypt|jwt") == set()


def test_no_weak_hash_is_used() -> None:
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in importing("hashlib")]
    assert {name for text in texts for name in re.findall(r"hashlib\.(\w+)", text)} == {"sha256", "blake2b"}


def of_text(text: str) -> list[str]:
    """Return what a module says that would make code, templates, commands or objects of text."""
    return re.findall(
        r"(?<![\w.])(?:eval|exec|compile|Template|__import__)\(|from_string\(|os\.(?:system|popen)\(|shell=True|"
        r"\bpickle\b|\bmarshal\b|yaml\.(?:load|Loader|FullLoader|UnsafeLoader)\b|\.extra\((?:select|where)|RawSQL",
        text,
    )


def test_no_code_template_command_or_object_is_made_of_text() -> None:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {str(path.relative_to(ROOT)): of_text(path.read_text(encoding="utf-8")) for path in paths}
    assert {path: said for path, said in found.items() if said} == {}


def test_only_these_modules_open_connections() -> None:
    listed = section(ASVS, "Who speaks to whom")
    using = importing("smtplib|socket|ssl|urllib.request|http.client|subprocess|django.core.mail|requests|httpx")
    assert len(using) > 5
    assert sorted(path for path in using if f"`{path}`" not in listed) == []


def test_the_supported_version_is_this_one() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    mended = re.findall(r"^\| ([\d.]+) \| yes", section(ROOT / "SECURITY.md", "Supported versions"), flags=re.MULTILINE)
    assert mended == [version.rpartition(".")[0]]
