"""The recovery sheet, as commands ask for it."""

import getpass
import sys
from collections.abc import Callable
from contextlib import suppress

from django.core.management.base import CommandError

from reports.sealing import keyring


def ask_for_sheet(read: Callable[[], str] | None = None) -> str:
    """Return the sheet's identity (`AGE-SECRET-KEY-1...`), typed by hand; raises CommandError for what is none.

    `read` returns the line where somebody else has asked for it.
    """
    try:
        line = (
            read() if read else getpass.getpass("The AGE-SECRET-KEY line of the recovery sheet: ")
        )
        identity = line.strip().upper()
        keyring.recipient_of(identity)
    except (EOFError, KeyboardInterrupt):
        raise CommandError("Stopped. Nothing was changed.") from None
    except keyring.KeyringError as error:
        raise CommandError(
            "That is not an AGE-SECRET-KEY line. Check it letter by letter."
        ) from error
    return identity


def ask_if_written() -> None:
    """Ask at a terminal until somebody says that the line of the desk key, shown before, is on the sheet, or stops."""
    question = "Is the line of the desk key on the recovery sheet? Type yes: "
    with suppress(EOFError, KeyboardInterrupt):
        while sys.stdin.isatty() and input(question).strip().lower() != "yes":
            pass
