"""The log: one line of JSON for each error, with what failed and where, and never what anybody sent.

An error's own message quotes what people typed, a request's address may hold anything, and so may a message's
arguments: none of them is written. Needs no settings, so that gunicorn's own process can use it.
"""

import errno
import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
OURS = ("reports.", "newsroom.", "config.")  # whose log lines are constants of the code
GUNICORNS = (
    "Worker ",
    "WORKER TIMEOUT",
    "Exception in worker process",
    "Unhandled exception in main loop",
)
FRAMES = 6  # the innermost that are written
CAUSES = 4  # errors that led to the one that is written

log = logging.getLogger(__name__)


class LineFormatter(logging.Formatter):
    """Writes a record as JSON: level, logger, what our code says, and of an error its class, file and line.

    Of a request stand the status, the method and the name of its route; of an error that led to another its class, and
    the system's or the mail server's code.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        facts: dict[str, Any] = {"level": record.levelname, "logger": record.name}
        if message := _own_words(record):
            facts["what"] = message
        facts |= _of_request(record)
        error = record.exc_info[1] if record.exc_info else None
        if error:
            facts |= _of_error(error)
        else:
            facts["at"] = f"{_inside(record.pathname)}:{record.lineno}"
        return json.dumps(facts)


def catch_the_rest() -> None:
    """Let what no code catches be logged in the same way: Python itself would print its message."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda unraised: log.error(
        "a thread ended by an error", exc_info=unraised.exc_value
    )
    sys.unraisablehook = lambda unraised: log.error(
        "an error could not be raised", exc_info=unraised.exc_value
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.error("a process ended by an error", exc_info=(kind, error, trace))


def _own_words(record: logging.LogRecord) -> str:
    """Return what our own code says failed, a constant with numbers at the most; of gunicorn a few constants."""
    if not isinstance(record.msg, str):
        return ""
    if record.name.startswith(OURS):
        numbers = record.args if isinstance(record.args, tuple) else ()
        if all(isinstance(number, int) for number in numbers):
            if numbers:
                return record.msg % numbers
            return record.msg
    if record.name == "gunicorn.error" and record.msg.startswith(GUNICORNS):
        return record.msg
    return ""


def _of_request(record: logging.LogRecord) -> dict[str, Any]:
    """Return the status of an answer and the name of the route, for what Django logs of a request."""
    request: Any = getattr(record, "request", None)
    if not hasattr(request, "resolver_match"):
        return {}
    match = request.resolver_match
    method = request.method
    status = getattr(record, "status_code", None)
    return {
        "status": status if isinstance(status, int) else None,
        "method": method if method in METHODS else "?",
        "route": match.view_name if match else "(no such address)",
    }


def _of_error(error: BaseException) -> dict[str, Any]:
    """Return an error's class, where it was raised, through where, and what led to it."""
    found = traceback.extract_tb(error.__traceback__)
    frames = [f"{_inside(frame.filename)}:{frame.lineno}" for frame in reversed(found[-FRAMES:])]
    facts: dict[str, Any] = {"error": _named(error), "at": frames[0] if frames else ""}
    if frames[1:]:
        facts["through"] = frames[1:]
    if causes := [_named(cause) for cause in _causes(error)]:
        facts["because"] = causes
    return facts


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield what led to an error, the nearest first."""
    cause: BaseException | None = error
    for _ in range(CAUSES):
        cause = cause and (cause.__cause__ or cause.__context__)
        if cause is None:
            return
        yield cause


def _named(error: BaseException) -> str:
    """Return an error's class, with the number that the system or a mail server gave."""
    code = getattr(error, "smtp_code", None)
    if isinstance(error, OSError) and error.errno:
        code = errno.errorcode.get(error.errno)
    if isinstance(code, int | str):
        return f"{type(error).__name__} {code}"
    return type(error).__name__


def _inside(name: str) -> str:
    """Return a source file's path within the project, or within the packages it uses."""
    return name.rpartition("site-packages/")[2].removeprefix(f"{ROOT}/")
