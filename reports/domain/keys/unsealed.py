"""What is in a row that is sealed to the desk. Who imports this may see clear text: docs/architecture.md lists them.

Anybody who writes to the database can seal anything to the desk: what is not of the shape that we seal does not open.
"""

from collections.abc import Iterable
from types import UnionType
from typing import Any

from reports.domain.errors import Swapped
from reports.domain.keys.keyholders import Keys
from reports.sealing import envelope


def bundle(row: Any, *, keys: Keys) -> envelope.Bundle:
    """Return a row's content with its files and the facts it is bound to; raises Swapped if it does not open.

    The caller has recorded the reading, or shows nothing of it.
    """
    try:
        return envelope.open_sealed(
            bytes(row.sealed), identities=keys.identities, bound=row.bound()
        )
    except envelope.EnvelopeError as error:
        raise _swapped() from error


def content(row: Any, *, keys: Keys, **shape: type | UnionType) -> dict[str, Any]:
    """Return what a row holds under each name of `shape`; raises Swapped if it does not open, or not in that shape.

    A name whose kind may be None may be missing. Lists and dictionaries hold texts. The caller has recorded the
    reading.
    """
    inside = envelope.readable(bundle(row, keys=keys).content)
    if not all(_fits(inside.get(name), kind) for name, kind in shape.items()):
        raise _swapped()
    return {name: inside[name] for name in shape if name in inside}


def text(row: Any, *, keys: Keys, name: str = "text") -> str:
    """Return the text in a row, or a sentence if it does not open, so that the rest still shows."""
    try:
        return str(content(row, keys=keys, **{name: str})[name])
    except Swapped as refusal:
        return str(refusal)


def _fits(value: Any, kind: type | UnionType) -> bool:
    inside: Iterable[Any] = ()
    if isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list):
        inside = value
    return isinstance(value, kind) and all(isinstance(one, str) for one in inside)


def _swapped() -> Swapped:
    return Swapped("This cannot be unlocked, or it does not belong here. Tell a team lead.")
