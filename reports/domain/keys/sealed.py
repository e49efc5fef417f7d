"""Rows sealed to the desk: sealing needs only the public key, opening the desk's keys.

Such a row has `sealed`, the `key_index` of its key, and `bound()`, the facts that its envelope is bound to.
"""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from reports.domain import desk
from reports.domain.errors import Swapped
from reports.sealing import envelope

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys


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


def text(row: Any, *, keys: "Keys", broken: str, name: str = "text") -> str:
    """Return the text in a row, or the sentence `broken` if it does not open, so that the rest still shows."""
    try:
        return str(opened(row, keys=keys)[name])
    except Swapped:
        return broken
