"""What every process that can hold keys or tips says of itself to the kernel."""

import ctypes
import sys
from contextlib import suppress

PR_SET_DUMPABLE = 4


def hide_memory() -> None:
    """Keep this process's memory from other processes of its user, and out of core dumps; its children inherit that.

    So code that took over a picture's decoder, which runs as the same user, cannot read its parent. A program that
    this process starts is open again. Linux only.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
