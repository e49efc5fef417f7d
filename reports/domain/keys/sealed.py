"""A row that is sealed to the desk: filling it takes the public key alone, opening it the desk's keys."""

from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext as _

from reports.domain import desk
from reports.domain.errors import Swapped
from reports.sealing import envelope

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys


class Row(Protocol):
    """What such a row has: its envelope, the number of the key, and the facts that must stand inside."""

    key_index: Any
    sealed: Any

    def bound(self) -> dict[str, Any]:
        """Return what the envelope must hold inside."""


def fill(row: Row, content: dict[str, Any]) -> None:
    """Seal a row's content to the desk's current key; raises DeskBroken when there is none."""
    key = desk.public_key()
    row.key_index = key.index
    row.sealed = envelope.seal(envelope.Bundle(row.bound(), content), recipients=[key.recipient])


def opened(row: Row, *, keys: "Keys") -> dict[str, Any]:
    """Return a row's content; raises Swapped when it does not open. The caller has recorded that it is read."""
    try:
        bundle = envelope.open_sealed(bytes(row.sealed), identities=keys.identities, bound=row.bound())
    except envelope.EnvelopeError as error:
        raise Swapped(_("This does not open, or does not belong here. Tell a lead.")) from error
    return bundle.content


def text(row: Row, *, keys: "Keys", broken: str, name: str = "text") -> str:
    """Return the text in a row, or `broken`, a sentence that says that it does not open: the rest still shows."""
    try:
        return str(opened(row, keys=keys)[name])
    except Swapped:
        return broken
