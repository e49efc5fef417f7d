"""Find words that must not come back in what people read, and name the better ones. `./dev lint` runs this.

plain_words.txt lists the phrases for each kind of reader. A line of the text may keep one where a comment beside it, or
on the line above, gives the reason after "words:".
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PHRASES = Path(__file__).with_suffix(".txt")
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
QUOTED = r"\"([^\"]{4,})\"|'([^']{4,})'|`([^`]{4,})`"  # in a script or in JavaScript
READ = r"templates/.*\.(html|txt|js)|(reports|newsroom|core|config)/.*\.py|static/.*\.js|.*\.md|dev|deploy/\w+(\.sh)?"
NOT_OURS = ("tests/", "seeds/", "docs/proofs.md")  # in the voices of others, or written by a command from tests
EXCUSED = re.compile(r"words: \w+")
TEAM = (
    "templates/admin/",
    "templates/emails/",
    "reports/admin/",
    "reports/domain/",
    "reports/models/",
    "reports/management/",
    "newsroom/admin/",
    "newsroom/domain/",
    "newsroom/models/",
    "newsroom/management/",
    "newsroom/apps.py",
    "reports/apps.py",
    "static/js/desk.js",
    "static/js/queue.js",
    "static/js/drafts.js",
)
NOT_TEXT = {  # by the end of a file's name: what of it nobody reads
    ".html": r"{#.*?#}|{%(?! (?:blocktranslate|translate|endblock)).*?%}|{{.*?}}"
    r"|<(?:script|style)\b.*?</(?:script|style)>"
    r"|\b(?!alt|title|placeholder|aria-label|content|value)[\w:-]+=(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+)|<!--.*?-->",
    ".txt": r"{#.*?#}|{%.*?%}|{{.*?}}",
    ".md": r"(?m)^```.*?^```|`[^`]*`|\]\([^)]*\)|<!--.*?-->",
}


@dataclass(frozen=True)
class Phrase:
    """A pattern that a kind of reader must not meet, and what to write instead."""

    readers: str  # "public", "team", "documents" or "all"
    pattern: re.Pattern[str]
    better: str


def phrases() -> list[Phrase]:
    """Return the phrases of plain_words.txt, in its order."""
    listed, readers = [], "all"
    for line in PHRASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            readers = line.strip("[]")
        elif line and not line.startswith("#"):
            words, better = line.split(" -> ")
            pattern = words.strip().replace(" ", r"\s+")
            listed.append(
                Phrase(readers, re.compile(rf"(?<![\w/.-])(?:{pattern})(?![\w])", re.IGNORECASE), better.strip())
            )
    return listed


def readers_of(name: str) -> str:
    """Return who reads the text of a file: "public", "team" or "documents"."""
    if name.endswith(".md"):
        return "documents"
    return "team" if name.startswith((*TEAM, "deploy/")) or name == "dev" else "public"


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what people read of a file: the line where each piece begins, and its text."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from gettext_in(source)
    elif path.suffix == ".js" or not path.suffix or path.suffix == ".sh":
        for number, line in enumerate(source.splitlines(), start=1):
            if not line.lstrip().startswith(("#", "//", "*")):
                for quoted in re.findall(QUOTED, line):
                    yield number, "".join(quoted)
    else:
        yield 1, re.sub(NOT_TEXT[path.suffix], lambda match: re.sub(r"[^\n]", "\0", match[0]), source, flags=re.DOTALL)


def gettext_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of what a module gives to gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in GETTEXT:
            for each in node.args:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.lineno, each.value


def unwelcome(text: str, readers: str, listed: list[Phrase]) -> Iterator[tuple[int, str, str]]:
    """Yield what the readers of a text must not meet: how many lines below its first, the words and the better ones."""
    for phrase in listed:
        if phrase.readers in ("all", readers):
            for match in phrase.pattern.finditer(text):
                yield text.count("\n", 0, match.start()), " ".join(match[0].split()), phrase.better


def files() -> list[Path]:
    """Return every file of the repository that people read something of, but for the tests and what is not ours."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in listed if re.fullmatch(READ, name) and not name.startswith(NOT_OURS)]


def excused(lines: list[str], number: int) -> bool:
    """Return whether a comment on a line, counted from 1, or on the one above says why its words may stay."""
    return any(EXCUSED.search(line) for line in lines[max(0, number - 2) : number])


def main() -> int:
    """Print each phrase with its place and the better words; return 1 if there are any."""
    listed, number_of_phrases = phrases(), 0
    for path in files():
        name = str(path.relative_to(ROOT))
        lines = path.read_text(encoding="utf-8").splitlines()
        for first, text in texts(path):
            for below, words, better in unwelcome(text, readers_of(name), listed):
                if not excused(lines, first + below):
                    number_of_phrases += 1
                    sys.stdout.write(f'{name}:{first + below}: "{words}": write {better}\n')
    return min(number_of_phrases, 1)


if __name__ == "__main__":
    sys.exit(main())
