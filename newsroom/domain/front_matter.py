"""Seed files: Markdown with front matter. Errors name the file and the line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler


class SeedError(Exception):
    """A seed file cannot be used; the message names the file and the line, and says what to do."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        """Take the file, the line (from one; None for the whole file) and the problem."""
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True)
class Sheet:
    """One seed file: its whole text, its front matter as strings, lists and dicts, and what follows that."""

    path: Path
    text: str
    front: dict[str, Any]
    body: str

    def error(self, problem: str, key: str = "") -> SeedError:
        """Return an error at the line with a key of the front matter, or at the first."""
        lines = [
            number
            for number, line in enumerate(self.text.splitlines(), 1)
            if line.startswith(f"{key}:")
        ]
        return SeedError(self.path, next(iter(lines), 1), problem)


def read_sheet(*, path: Path) -> Sheet:
    """Return a seed file's front matter and text; raises SeedError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(path, None, "The file is not UTF-8 text.") from error
    handler = YAMLHandler()
    front = None
    try:
        if handler.detect(text):
            facts, body = handler.split(text)
            front = handler.load(facts, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError(
            path, line, f"This line cannot be read ({error.problem}). Does a value need quotes?"
        ) from error
    except ValueError:
        front = None
    if not isinstance(front, dict):
        raise SeedError(
            path,
            1,
            "It must begin with lines like “headline: ...”, between two lines of three hyphens.",
        )
    return Sheet(path, text, front, body.strip())
