"""Every byte that a server's processes write to a file, as the kernel sees it, whatever becomes of the file."""

import os
import re
import shutil
import subprocess

from tests.system.proofs.hunt import Find

CALLS = "trace=write,pwrite64,writev,pwritev,pwritev2"
# A call with its file, or the end of one that another process interrupted, which says nothing new.
CALL = re.compile(rb"^\d+ +\w+\(\d+<([^>]*)>, (.*)")
TEXT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')
CODED = re.compile(rb"\\x([0-9a-f]{2})")


def is_allowed():
    """Return whether there is `strace`, and it may look at a process."""
    if not shutil.which("strace"):
        return False
    tried = subprocess.run(
        ["strace", "-f", "-e", CALLS, "-o", os.devnull, "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


def command(to):
    """Return the command under which a program's writings are noted in the file `to`."""
    return (
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-y",
        "-xx",
        "-s",
        "100000000",
        "-e",
        CALLS,
        "-A",
        "-o",
        str(to),
    )


def writings(trace):
    """Yield each file's name, and what one call wrote to it; pipes, sockets and terminals are no files."""
    with trace.open("rb") as lines:
        for line in lines:
            if not (call := CALL.match(line)):
                continue
            path = os.fsdecode(_bytes(call[1]))
            if path.startswith("/") and path != os.devnull:
                yield path, b"".join(_bytes(text) for text in TEXT.findall(call[2]))


def finds_in(trace, hunter):
    """Return where secrets were written, and how many different writings were looked at."""
    finds, seen = set[Find](), set[bytes]()
    for path, data in writings(trace):
        if data not in seen:
            seen.add(data)
            finds |= hunter.look(data, f"a write to {path}")
    return finds, len(seen)


def _bytes(coded):
    """Return what strace wrote as \\x.., or the same where it did not."""
    return CODED.sub(lambda found: bytes.fromhex(found[1].decode()), coded)
