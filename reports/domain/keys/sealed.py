"""Sealing rows to the desk, which needs only the public key: nothing here can open one (`unsealed`).

Such a row has `sealed`, the `key_index` of its key, and `bound()`, the facts that its envelope is bound to.
"""

from typing import Any

from django.utils.formats import number_format

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.sealing import envelope


def typed(text: str, *, most: int, what: str, missing: str = "") -> str:
    """Return typed text as it is sealed: with one kind of line end, and no space around it.

    Raises Refused for more than `most` characters of `what`, and with the sentence `missing`, if given, for no text.
    """
    text = text.replace("\r\n", "\n").strip()
    if missing and not text:
        raise Refused(missing)
    if len(text) > most:
        room, length = (number_format(number, force_grouping=True) for number in (most, len(text)))
        message = (
            f"“{what}” is too long: {length} characters. The limit is {room}. Make it shorter."
        )
        raise Refused(message)
    return text


def fill(row: Any, content: dict[str, Any]) -> None:
    """Seal a row's content to the desk's current key; raises DeskBroken when there is none."""
    key = state_files.public_key()
    row.key_index = key.index
    row.sealed = envelope.seal(envelope.Bundle(row.bound(), content), recipients=[key.recipient])
