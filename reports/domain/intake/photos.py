"""Cleaning of the pictures that tipsters send: pixels stay; what a camera or an app wrote beside them does not."""

import threading

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from newsroom.imaging import decode
from reports.domain.errors import BadPicture, Refused

MAX_BYTES = 8 * 1024 * 1024  # of one picture, as sent
MAX_PICTURES = 5
AT_ONCE = 2  # children of one server process; each may hold 800 MiB
PATIENCE = 10.0  # seconds that a picture waits for its turn
TIMEOUT = 20.0  # seconds that a child may take

TOO_LARGE = gettext_lazy("This picture is too large (%(size)s). Send one of at most 8 MB.")
SCREENSHOT = gettext_lazy("If you take a screenshot, crop it so that only the picture shows.")
BUSY = gettext_lazy(
    "We are busy and could not prepare this picture. Try again in a minute, or tell us in words what it shows."
)
# The words are those of `newsroom.imaging.decode.PictureRefused`.
REFUSALS: dict[str, Promise | str] = {
    "not-a-picture": gettext_lazy(
        "This file is not a JPEG, PNG or WebP picture. Send a JPEG copy."
    ),
    "too-many-pixels": gettext_lazy("This picture has too many pixels. Send a smaller copy."),
    "broken": gettext_lazy("This picture is damaged and we cannot open it. Choose it again."),
    "slow": gettext_lazy("This picture took too long to prepare. Send a smaller copy."),
}
NOT_OURS = gettext_lazy(
    "This is not a picture as we store them. Someone may have added it outside Streetlight. Tell a team lead."
)
BUSY_AT_DESK = gettext_lazy("We could not prepare this picture. Try again in a minute.")

_turns = threading.BoundedSemaphore(AT_ONCE)
_desks_turn = threading.BoundedSemaphore(
    1
)  # a flood of senders' pictures keeps nobody from looking at one


def check_size(size: int) -> None:
    """Raise `BadPicture`, with a sentence for the sender, if a picture of `size` bytes is too large."""
    if size > MAX_BYTES:
        raise BadPicture(f"{TOO_LARGE % {'size': filesizeformat(size)}} {SCREENSHOT}")


def clean(raw: bytes) -> bytes:
    """Return the JPEG, PNG or WebP picture `raw` (at most 8 MiB) as a JPEG without metadata, 2560 pixels at most.

    It is decoded in a child process and never written to disk. May wait for its turn. Raises `BadPicture`, with a
    sentence for the sender.
    """
    check_size(len(raw))
    if not _turns.acquire(timeout=PATIENCE):
        raise BadPicture(str(BUSY))
    try:
        return decode.rebuilt(raw, timeout=TIMEOUT)
    except decode.PictureRefused as refused:
        problem = REFUSALS.get(str(refused))
        raise BadPicture(f"{problem} {SCREENSHOT}" if problem else str(BUSY)) from None
    finally:
        _turns.release()


def redrawn(stored: bytes) -> bytes:
    """Return a stored JPEG as the child process draws it now: whatever came into the database shows only pixels.

    May wait for the desk's turn. Raises Refused.
    """
    if not _desks_turn.acquire(timeout=PATIENCE):
        raise Refused(str(BUSY_AT_DESK))
    try:
        return decode.rebuilt(stored, "stored", timeout=TIMEOUT)
    except decode.PictureRefused as refused:
        raise Refused(str(BUSY_AT_DESK if str(refused) in ("slow", "busy") else NOT_OURS)) from None
    finally:
        _desks_turn.release()
