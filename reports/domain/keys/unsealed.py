"""What is in a row that is sealed to the desk. Who imports this may see clear text: docs/architecture.md lists them."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from reports.domain.errors import Swapped
from reports.sealing import envelope

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys


def bundle(row: Any, *, keys: "Keys") -> envelope.Bundle:
    """Return a row's content with its files and the facts it is bound to; raises Swapped if it does not open.

    The caller has recorded the reading, or shows nothing of it.
    """
    try:
        return envelope.open_sealed(bytes(row.sealed), identities=keys.identities, bound=row.bound())
    except envelope.EnvelopeError as error:
        raise Swapped(_("This cannot be unlocked, or it does not belong here. Tell a team lead.")) from error


def content(row: Any, *, keys: "Keys") -> dict[str, Any]:
    """Return a row's content; raises Swapped if it does not open. The caller has recorded the reading."""
    return bundle(row, keys=keys).content


def text(row: Any, *, keys: "Keys", name: str = "text") -> str:
    """Return the text in a row, or a sentence if it does not open, so that the rest still shows."""
    try:
        return str(content(row, keys=keys)[name])
    except Swapped as refusal:
        return str(refusal)
