"""Seed files: Markdown with front matter, read strictly. Errors name the file and the line."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from frontmatter.default_handlers import YAMLHandler

NEEDED = ("slug", "headline", "standfirst", "byline", "status", "topic")
# The fields of an article that a line of a file gives; how it is read follows from the kind of field.
LINES: tuple[str, ...] = ("slug", "headline", "standfirst", "byline", "status", "source_note")
LINES += ("publish_at", "updated_at", "proceedings_active")
ALLOWED = {
    "": {*NEEDED, *LINES, "areas", "facts", "timeline", "links", "appeal"},
    "facts": {"figure", "text"},
    "timeline": {"stage", "date", "text"},
    "links": {"title", "url"},
    "appeal": {"key", "title", "prompt", "questions", "why", "opens", "closes"},
}


class SeedError(Exception):
    """A seed file cannot be used; the message names the file and the line, and says what to do."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        """Take the file, the line (from one; None for the whole file) and the problem."""
        self.path, self.line, self.problem = path, line, problem
        place = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True)
class Sheet:
    """One seed file: its front matter as strings, lists and dicts, its text, and the line of each key."""

    path: Path
    front: dict[str, Any]
    node: yaml.MappingNode
    skipped: int
    body: str
    digest: str = field(repr=False)

    def line(self, *keys: str | int) -> int:
        """Return the line of the deepest of `keys` that exists, or the first line of the front matter."""
        node: yaml.Node = self.node
        mark = node.start_mark
        for key in keys:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == key), None)
                if pair is None:
                    break
                mark, node = pair[0].start_mark, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
                node = node.value[key]
                mark = node.start_mark
        return self.skipped + mark.line + 1

    def error(self, problem: str, *keys: str | int) -> SeedError:
        """Return an error at the line of `keys`."""
        return SeedError(self.path, self.line(*keys), problem)

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the list of tables under `name`; raises SeedError for an unknown key."""
        rows = self.front.get(name) or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.error(f"“{name}” must be a list, each item with: {', '.join(sorted(ALLOWED[name]))}.", name)
        for place, row in enumerate(rows):
            self.only_known(row, name, place)
        return rows

    def only_known(self, table: dict[str, Any], name: str, *place: int) -> None:
        """Raise SeedError for an unknown key, or for a table in place of a plain value."""
        where: tuple[str | int, ...] = (name, *place) if name else ()
        for key, value in table.items():
            if key not in ALLOWED[name]:
                raise self.error(f"“{key}” is not known here. Use: {', '.join(sorted(ALLOWED[name]))}.", *where, key)
            if not isinstance(value, str) and key not in ("areas", "facts", "timeline", "links", "appeal"):
                raise self.error(f"“{key}” must be plain text. Put it in quotes.", *where, key)

    def moment(self, table: dict[str, str], key: str, *where: str) -> datetime | None:
        """Return a date and time in the town's time zone, None if the table has none."""
        value = table.get(key, "")
        if not value:
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or len(value) < len("2023-11-22 07:00"):
            raise self.error(f"“{key}” must be a date and a time, like 2023-11-22 07:00.", *where, key)
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

    def clean(self, row: models.Model, *where: str | int) -> None:
        """Validate a model instance; an error names the line of its field."""
        try:
            row.full_clean()
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            label = "" if name == "__all__" else f"“{name}”: "
            raise self.error(f"{label}{messages[0]}", *where, name) from error


def opened(path: Path) -> Path:
    """Return the path if it is a file, else raise SeedError."""
    if not path.is_file():
        raise SeedError(path, None, "There is no such file.")
    return path


def read_sheet(*, path: Path) -> Sheet:
    """Return a seed file's front matter and text; raises SeedError."""
    try:
        text = opened(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SeedError(path, None, "The file is not UTF-8 text.") from error
    handler = YAMLHandler()
    if not handler.detect(text):
        raise SeedError(path, 1, "The first line must be three hyphens (---), then the story's facts.")
    try:
        front_text, body = handler.split(text)
    except ValueError as error:
        raise SeedError(path, 1, "The facts must end with a line of three hyphens (---).") from error
    skipped = text[: text.index(front_text, 3)].count("\n")
    try:
        node, front = _parse(front_text)
    except yaml.MarkedYAMLError as error:
        line = skipped + error.problem_mark.line + 1 if error.problem_mark else 1
        raise SeedError(path, line, f"This line cannot be read ({error.problem}). Does a value need quotes?") from error
    if not isinstance(node, yaml.MappingNode):
        raise SeedError(path, 1, "Between the hyphens there must be lines like “headline: ...”.")
    digest = hashlib.sha256(text.encode()).hexdigest()
    sheet = Sheet(path=path, front=front, node=node, skipped=skipped, body=body.strip(), digest=digest)
    sheet.only_known(front, "")
    for key in NEEDED:
        if not front.get(key):
            raise sheet.error(f"“{key}” is missing.", key)
    return sheet


def _parse(text: str) -> tuple[yaml.Node | None, Any]:
    """Return YAML as nodes, which know their lines, and as strings, lists and dicts."""
    loader = yaml.BaseLoader(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node else None
    finally:
        loader.dispose()
