"""Status machines as tables: from each status, the acts that it allows and the status that each leads to.

An act that is nothing but the move has the name of the status that it leads to.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from core.errors import NoSuchMove

type Table = Mapping[Any, Mapping[str, Any]]


def straight(*statuses: str) -> dict[str, Any]:
    """Return a line of a table whose acts are the moves themselves."""
    return {str(status): status for status in statuses}


def locked[Row: Model](row: Row) -> Row:
    """Return the stored row, locked until the transaction ends.

    Raises NoSuchMove if it has been deleted, or has another status than `row`: another member was quicker.
    """
    stored = type(row)._base_manager.select_for_update().filter(pk=row.pk).first()  # noqa: SLF001 - Django's public name
    if stored is None or stored.status != row.status:  # type: ignore[attr-defined]
        raise NoSuchMove(
            "Another team member has changed this since you opened it. Look at it again, then decide."
        )
    return stored


def after(row: Any, act: str, *, table: Table, status: str = "") -> Any:
    """Return the status that an act leads to from the row's (or from `status`); raises NoSuchMove if to none."""
    now = status or row.status
    if act not in table[now]:
        names = dict(row._meta.get_field("status").flatchoices)  # noqa: SLF001 - Django's public name
        raise NoSuchMove(f"You cannot do this while the status is “{names[now]}”.")
    return table[now][act]


def move(row: Any, act: str, *, table: Table, **fields: Any) -> None:
    """Store a locked row in the status that an act leads to, together with `fields`; raises NoSuchMove."""
    row.status = after(row, act, table=table)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=["status", *fields])
