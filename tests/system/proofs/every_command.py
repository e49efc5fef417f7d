"""Runs commands of manage.py where a server runs, each in a process of its own.

It is given a list of commands, each a list of words, and prints for each how it ended and what it said.
"""

import json
import os
import resource
import runpy
import signal
import sys
import tempfile
from pathlib import Path

import django

LONGEST = 30  # seconds for one command, after which its end is -14: a server that started has none of its own


def run(words):
    """Run one command in a child that has loaded Django and opened nothing; return its end and what it said."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            _be(words, said.fileno())
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read().decode(errors="replace")


def _be(words, said):
    """Become the command; never returns."""
    signal.alarm(LONGEST)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for handle in (1, 2):
        os.dup2(said, handle)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.setsid()  # no terminal to ask at
    sys.argv = ["manage.py", *words]
    code = 0
    try:
        runpy.run_path("manage.py", run_name="__main__")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(ended.code)
    except BaseException:  # noqa: BLE001 - what Python itself would print
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # there is one
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    django.setup()
    ended = [run(words) for words in json.load(sys.stdin)]
    Path("/dev/stdout").write_text(json.dumps(ended), encoding="utf-8")
