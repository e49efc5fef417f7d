"""Untrusted pictures, decoded in a child process that has no files, environment or network."""

import subprocess
import sys
from pathlib import Path

# By path, not as a module: -I keeps the project, and whatever lies in a working folder, off the child's import path.
CHILD = Path(__file__).resolve().parent / "child.py"


class PictureRefused(Exception):
    """A picture did not come back; `why` is a word of `newsroom.imaging.child.Refusal`, or "slow", or "busy"."""

    def __init__(self, why: str) -> None:
        """Take the word."""
        super().__init__(why)
        self.why = why


def rebuilt(raw: bytes, *widths: int, timeout: float) -> bytes:
    """Return what `child.py` makes of `raw`, at those widths (pixels) or as one JPEG; raise PictureRefused.

    Nothing is written to disk: the picture passes through pipes. `timeout` is in seconds.
    """
    command = [sys.executable, "-I", "-B", str(CHILD), *map(str, widths)]
    try:
        child = subprocess.run(command, input=raw, capture_output=True, env={}, cwd="/", timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise PictureRefused("slow") from None  # The cause would carry what the child had written.
    except OSError as error:  # The machine has no memory or no process left to give.
        raise PictureRefused("busy") from error
    if child.returncode == 0:
        return child.stdout
    if child.returncode < 0:  # A signal: the decoder crashed, or ran into the limit of its time.
        raise PictureRefused("broken")
    raise PictureRefused(child.stderr.decode(errors="replace"))
