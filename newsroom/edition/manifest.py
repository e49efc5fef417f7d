"""What an edition holds, as its manifest.json says it."""

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

NAME = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One page: its file below the edition's folder, SHA-256 of its content, and when that last differed (seconds)."""

    file: str
    digest: str
    since: int


@dataclass(frozen=True)
class Manifest:
    """An edition. `number` is the millisecond in which it was made, and rises by at least one.

    `at` is the instant (seconds) of which it tells, `next` the one at which it is out of date by itself; `code` and
    `version` are those of the program and of the newsroom (changes.Version) that every page agrees with.
    """

    number: int
    at: float = 0.0
    next: float | None = None
    code: str = ""
    version: tuple[int, int, str] = (0, 0, "")
    pages: dict[str, Entry] = field(default_factory=dict)
    gone: dict[str, Entry] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    @property
    def made(self) -> float:
        """Return when it was made, in seconds."""
        return self.number / 1000

    def write(self, folder: Path) -> None:
        """Put the manifest into the edition's folder, durably and in one step."""
        facts: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        for part in ("pages", "gone"):
            facts[part] = {path: (entry.file, entry.digest, entry.since) for path, entry in facts[part].items()}
        unfinished = folder / f".{NAME}"
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(json.dumps(facts, separators=(",", ":")))  # dump() would take five times as long
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Return the manifest in an edition's folder; raises OSError, ValueError, KeyError or TypeError."""
        facts = json.loads((folder / NAME).read_bytes())
        for part in ("pages", "gone"):
            facts[part] = {path: Entry(*entry) for path, entry in facts[part].items()}
        facts["version"] = tuple(facts["version"])
        return cls(**facts)
