"""The panel of urgent calls: who passed the tip on by phone, and who looked at it afterwards."""

from typing import Any, NamedTuple

from reports.admin.panels.scene import Scene
from reports.domain.triage import urgent_calls
from reports.models import UrgentCall


class Call(NamedTuple):
    """A call as the panel shows it; `told` is empty on a locked desk."""

    row: UrgentCall
    told: dict[str, Any]
    own: bool
    alone: bool


def calls(scene: Scene) -> dict[str, Any] | None:
    """Return the calls, and to whom one can be made."""
    if not scene.user.has_perm("reports.triage_tip"):
        return None
    rows, name = list(scene.tip.urgent_calls.all()), scene.user.get_username()
    alone = bool(rows) and not urgent_calls.second_person(author=name)
    shown = [
        Call(row, urgent_calls.content(row, keys=scene.keys) if scene.keys else {}, row.author == name, alone)
        for row in rows
    ]
    return {"calls": shown, "to": urgent_calls.TO.items()}
