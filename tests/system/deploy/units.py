"""Reads systemd's unit files as far as ours and those of Debian's packages go."""

import shlex
from collections import defaultdict
from dataclasses import dataclass

FOLDERS = ("etc/systemd/system", "usr/lib/systemd/system")


@dataclass(frozen=True)
class Unit:
    """One unit file: its settings, each with every value that it is given."""

    name: str
    settings: dict[str, list[str]]

    def all(self, name):
        """Return every value of a setting; an empty one forgets those before it."""
        values = []
        for value in self.settings.get(name, []):
            values = [*values, value] if value else []
        return values

    def one(self, name, default=""):
        """Return the last value of a setting."""
        return (self.all(name) or [default])[-1]

    def seconds(self, name, default):
        """Return a time that is written as seconds."""
        return float(self.one(name, str(default)).removesuffix("s"))

    @property
    def environment(self):
        """Return what its Environment= lines say."""
        return dict(
            pair.split("=", 1) for line in self.all("Environment") for pair in shlex.split(line)
        )


def read(root, name):
    """Return a unit of the machine in `root`, also one that a template makes; raises FileNotFoundError."""
    before, at, instance = name.removesuffix(".service").partition("@")
    file = f"{before}@.service" if at else name
    found = next(
        (root / folder / file for folder in FOLDERS if (root / folder / file).exists()), None
    )
    if found is None:
        raise FileNotFoundError(name)
    return parsed(name, found.read_text(encoding="utf-8").replace("%i", instance))


def parsed(name, text):
    """Return the unit that a file's text describes."""
    settings = defaultdict(list)
    for line in text.replace("\\\n", " ").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";", "[")):
            settings[key.strip()].append(value.strip())
    return Unit(name, dict(settings))


def environment_file(path):
    """Return what an EnvironmentFile= says."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: " ".join(shlex.split(value)) for name, _equals, value in pairs}
