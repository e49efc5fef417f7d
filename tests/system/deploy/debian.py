"""An empty Debian, made once a run for all machines and images of it, and the skip where none can be made."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.settings import SHARED
from tests.system.harness import homes

# Packages may come through a proxy that has an authority of its own.
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def need(*programs):
    """Skip in a line where this machine cannot make roots of Debian; in CI it must be able to."""
    missing = [program for program in ("mmdebstrap", *programs) if shutil.which(program) is None]
    if not missing and os.geteuid() == 0:
        return
    what = f"needs root and mmdebstrap: apt-get install {' '.join(missing) or 'mmdebstrap'}"
    if os.environ.get("CI"):
        pytest.fail(f"CI {what}")
    pytest.skip(what)


def root():
    """Return the root of an empty Debian, which nobody may write to; skips where none can be made.

    Whichever of a run's processes asks first makes it.
    """
    made = SHARED / "debian"
    with homes.turn(SHARED / "debian.lock"):
        if not made.exists():
            half = made.with_name("debian.half")
            command = ["mmdebstrap", "--variant=minbase", "--quiet", "trixie", str(half)]
            try:
                subprocess.run(command, check=True, capture_output=True)
            except subprocess.CalledProcessError as error:
                shutil.rmtree(half, ignore_errors=True)
                pytest.skip(f"no Debian can be made here: {error.stderr.decode()[-300:]}")
            half.rename(made)
    return made


def copy(to, *, like=None):
    """Copy the empty Debian, or another root, with its owners and modes."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(like or root()), str(to)], check=True)
