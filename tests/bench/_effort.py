"""How much work a server does for its answers: seconds of processor time, which a busy machine does not change much."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def spent(port: int) -> float:
    """Return the seconds of processor time that whoever listens on a port has used, with its children."""
    own = set(_listeners(port))
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) in own:
            total += int(facts[11]) + int(facts[12])
    return total / TICK


def _listeners(port: int) -> list[int]:
    """Return the ids of the processes that hold the listening socket of a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    inodes = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    found = []
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            held = {str(handle.readlink()) for handle in folder.iterdir()}
        except OSError:
            continue
        if held & inodes:
            found.append(int(folder.parent.name))
    return found
