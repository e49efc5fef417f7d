"""Another place has another site: the whole of other_place.py, in a process that has read another folder."""

import os
import re
import subprocess
import sys

from tests.settings import ROOT

OWN = (
    "TEST_SHARED",
    "TEST_POSTGRES",
    "DATABASE_URL",
    "STATE_DIR",
    "PYTEST_XDIST_WORKER",
)  # of this run alone


def test_another_place_is_a_site_without_a_word_of_the_first():
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in OWN and "PYTEST" not in name
    }
    options = ["--show-capture=no", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, "tests/site/other_place.py"]
    where = {"cwd": ROOT, "env": environment | {"TEST_PLACE": str(ROOT / "tests" / "place")}}
    ran = subprocess.run(command, **where, capture_output=True, text=True, check=False, timeout=600)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert re.search(r"^\d+ passed", ran.stdout, re.MULTILINE)
