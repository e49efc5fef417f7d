"""Rows sealed to the desk: sealing needs only the public key, opening the desk's keys.

Such a row has `sealed`, the `key_index` of its key, and `bound()`, the facts that its envelope is bound to.
"""

from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from reports.domain import desk
from reports.domain.errors import Refused, Swapped
from reports.sealing import envelope

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys


def typed(text: str, *, most: int, what: str, missing: str = "") -> str:
    """Return typed text as it is sealed: with one kind of line end, and no space around it.

    Raises Refused for more than `most` characters of `what`, and with the sentence `missing`, if given, for no text.
    """
    text = text.replace("\r\n", "\n").strip()
    if missing and not text:
        raise Refused(missing)
    if len(text) > most:
        room, length = (number_format(number, force_grouping=True) for number in (most, len(text)))
        message = _("“%(what)s” is too long: %(length)s characters. The limit is %(room)s. Make it shorter.")
        raise Refused(message % {"what": what, "length": length, "room": room})
    return text


def fill(row: Any, content: dict[str, Any]) -> None:
    """Seal a row's content to the desk's current key; raises DeskBroken when there is none."""
    key = desk.public_key()
    row.key_index = key.index
    row.sealed = envelope.seal(envelope.Bundle(row.bound(), content), recipients=[key.recipient])


def opened(row: Any, *, keys: "Keys") -> dict[str, Any]:
    """Return a row's content; raises Swapped if it does not open. The caller has recorded the reading."""
    try:
        bundle = envelope.open_sealed(bytes(row.sealed), identities=keys.identities, bound=row.bound())
    except envelope.EnvelopeError as error:
        raise Swapped(_("This cannot be unlocked, or it does not belong here. Tell a team lead.")) from error
    return bundle.content


def text(row: Any, *, keys: "Keys", name: str = "text") -> str:
    """Return the text in a row, or a sentence if it does not open, so that the rest still shows."""
    try:
        return str(opened(row, keys=keys)[name])
    except Swapped as refusal:
        return str(refusal)
