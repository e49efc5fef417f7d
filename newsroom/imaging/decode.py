"""Decodes untrusted pictures in a child process without files, environment or network."""

import subprocess
import sys
from pathlib import Path

# By path, not as a module: -I keeps the project and the working folder off the child's import path.
CHILD = Path(__file__).resolve().parent / "child.py"


class PictureRefused(Exception):
    """A picture was refused; the text is a reason of `newsroom.imaging.child`, "slow" or "busy"."""


def rebuilt(raw: bytes, *arguments: int | str, timeout: float) -> bytes:
    """Return the output of `child.py` for a picture: its files at widths (pixels), or one JPEG without these.

    Nothing is written to disk: the picture passes through pipes. `timeout` is in seconds. Raises PictureRefused.
    """
    command = [sys.executable, "-I", "-B", str(CHILD), *map(str, arguments)]
    try:
        child = subprocess.run(  # noqa: S603 - a list of our own names and numbers, and no shell
            command, input=raw, capture_output=True, env={}, cwd="/", timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise PictureRefused("slow") from None  # the cause would hold the child's output
    except OSError as error:  # no memory or no process is left
        raise PictureRefused("busy") from error
    if child.returncode == 0:
        return child.stdout
    if child.returncode < 0:  # a signal: the decoder crashed or exceeded its CPU time
        raise PictureRefused("broken")
    raise PictureRefused(child.stderr.decode(errors="replace"))
