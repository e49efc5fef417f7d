"""Debian's own `age`, to prove that what we seal opens without us."""

import os
import shutil
import subprocess

import pytest


def age(*arguments, stdin=b""):
    """Return what `age` prints; skip the test where there is no `age`, but fail it on the build machine."""
    program = shutil.which("age")
    if program is None:
        message = "age is not installed, so nothing but pyrage has opened our files"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return subprocess.run(
        [program, *arguments], input=stdin, check=True, capture_output=True
    ).stdout
