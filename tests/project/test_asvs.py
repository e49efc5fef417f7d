"""docs/asvs.md answers every line of the standard once, and what it names is there."""

import re
import tomllib
from collections import Counter

from tests.project.test_docs import ROOT, exists, node_ids, section

ASVS = ROOT / "docs" / "asvs.md"
# How many lines each section of ASVS 5.0.0 has at level 2, in chapters 5, 7, 14 and 16 at level 3. They count from 1.
LINES = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:6
5.3:3 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:3 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1
11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:8 14.3:3 15.1:3
15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:4
"""
NUMBERS = [f"{part}.{n + 1}" for part, count in re.findall(r"(\S+):(\d+)", LINES) for n in range(int(count))]
ROOMS = ("config", "newsroom", "reports")


def answers(text: str) -> list[list[str]]:
    """Return the cells of each line that applies: number, what is asked, state, where, test."""
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows]


def left_out(text: str) -> list[str]:
    """Return the numbers that a text says do not apply."""
    found = re.findall(r"^Does not apply: ((?:.+\n)+)", text, flags=re.MULTILINE)
    return re.findall(r"\d+\.\d+\.\d+", "".join(found))


def wrong(text: str) -> list[str]:
    """Return the numbers that stand twice or not at all, and those of lines that say too little."""
    rows = answers(text)
    counted = Counter([row[0] for row in rows] + left_out(text))
    numbers = [number for number in {*counted, *NUMBERS} if counted[number] != (number in NUMBERS)]
    return sorted(numbers) + [row[0] for row in rows if not is_sound(row)]


def is_sound(row: list[str]) -> bool:
    """Return whether a line has a state, says where, and names one test that is there."""
    if len(row) != 5 or not all(row) or row[2] not in {"met", "half", "no"}:
        return False
    tests = node_ids(row[4]) or re.findall(r"^`(tests/[\w/]+\.py)`$", row[4])
    return (
        len(tests) == 1
        and row[4] == f"`{tests[0]}`"
        and (ROOT / tests[0].split("::")[0]).is_file()
        and ("::" not in tests[0] or exists(tests[0]))
    )


def importing(pattern: str) -> set[str]:
    """Return our modules that import something of this name."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    wanted = re.compile(rf"^\s*(?:import|from) (?:{pattern})\b", re.MULTILINE)
    return {str(path.relative_to(ROOT)) for path in paths if wanted.search(path.read_text(encoding="utf-8"))}


def test_every_line_of_the_standard_is_answered_once() -> None:
    assert wrong(ASVS.read_text(encoding="utf-8")) == []
    assert len(NUMBERS) == 220


def test_the_sum_is_that_of_the_lines() -> None:
    text = ASVS.read_text(encoding="utf-8")
    states = Counter(row[2] for row in answers(text))
    told = re.search(r"Of (\d+) lines that apply, (\d+) are met, (\d+) half met and (\d+) not met", text)
    assert told
    assert [int(number) for number in told.groups()] == [states.total(), states["met"], states["half"], states["no"]]


def test_every_use_of_cryptography_is_in_the_list() -> None:
    listed = section(ASVS, "Keys and algorithms")
    using = importing("cryptography|pyrage|hmac|webauthn|argon2|django.core.signing")
    assert len(using) > 10
    assert sorted(path for path in using if f"`{path}`" not in listed) == []
    assert importing("Crypto|nacl|passlib|bcrypt|jwt") == set()


def test_no_weak_hash_is_used() -> None:
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in importing("hashlib")]
    assert {name for text in texts for name in re.findall(r"hashlib\.(\w+)", text)} == {"sha256", "sha512", "blake2b"}


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
