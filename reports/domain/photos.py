"""Cleaning of the pictures that tipsters send: pixels stay; what a camera or an app wrote beside them does not."""

import subprocess
import sys
import threading
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.domain.errors import BadPicture

MAX_BYTES = 8 * 1024 * 1024  # of one picture, as sent
MAX_PICTURES = 5
AT_ONCE = 2  # children of one server process; each may hold 800 MiB
PATIENCE = 10.0  # seconds that a picture waits for its turn
TIMEOUT = 20.0  # seconds that a child may take

# By path, not as a module: -I keeps the project, and whatever lies in a working folder, off the child's import path.
CHILD = Path(__file__).resolve().parent.parent / "pixels.py"

TOO_LARGE = _("This picture is too large. Send one of at most 8 MB: a screenshot of it will do.")
TOO_SLOW = _("This picture took too long to prepare. Take a screenshot of it and send that instead.")
BUSY = _("We are busy and could not prepare this picture. Try again in a minute, or tell us in words what it shows.")
# The words are those of `reports.pixels.Refusal`.
REFUSALS: dict[bytes, Promise | str] = {
    b"not-a-picture": _("This file is not a JPEG, PNG or WebP picture. Take a screenshot of it and send that instead."),
    b"too-many-pixels": _("This picture has too many pixels. Take a screenshot of it and send that instead."),
    b"broken": _(
        "This picture is damaged and we cannot open it. Choose it again, or take a screenshot of it and send that."
    ),
}

_turns = threading.BoundedSemaphore(AT_ONCE)


def clean(raw: bytes) -> bytes:
    """Return the JPEG, PNG or WebP picture `raw` (at most 8 MiB) as a JPEG without metadata, 2560 pixels at most.

    Nothing is written to disk: the picture passes through pipes to a child process that has no files, environment or
    network. May wait for its turn. Raises `BadPicture`, with a sentence for the sender.
    """
    if len(raw) > MAX_BYTES:
        raise BadPicture(str(TOO_LARGE))
    if not _turns.acquire(timeout=PATIENCE):
        raise BadPicture(str(BUSY))
    try:
        return _rebuilt(raw)
    finally:
        _turns.release()


def _rebuilt(raw: bytes) -> bytes:
    command = [sys.executable, "-I", "-B", str(CHILD)]
    try:
        child = subprocess.run(command, input=raw, capture_output=True, env={}, cwd="/", timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise BadPicture(str(TOO_SLOW)) from None  # The cause would carry what the child had written.
    except OSError as error:  # The machine has no memory or no process left to give.
        raise BadPicture(str(BUSY)) from error
    if child.returncode == 0:
        return child.stdout
    raise BadPicture(str(_sentence(child.returncode, child.stderr)))


def _sentence(code: int, word: bytes) -> Promise | str:
    if code < 0:  # A signal: the decoder crashed, or ran into the limit of its time.
        return REFUSALS[b"broken"]
    return REFUSALS.get(word, BUSY)
