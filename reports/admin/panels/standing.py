"""The panels that every tip has: notes, what becomes of it, contact, how long it is kept, and its history."""

from typing import TYPE_CHECKING, Any

from reports.admin import history
from reports.admin.panels.scene import Scene
from reports.domain import retention, triage
from reports.domain.tips import opening
from reports.models import AuditEvent, Hold

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

HISTORY = 200  # events that the page looks at; repeated ones are shown as one


def notes(scene: Scene) -> dict[str, Any]:
    """Return the notes, or how many there are while they are sealed."""
    return {"remarks": scene.reading.notes if scene.reading else (), "count": scene.tip.notes.count()}


def decide(scene: Scene) -> dict[str, Any] | None:
    """Return where the tip may go, and to whom."""
    if not scene.user.has_perm("reports.triage_tip"):
        return None
    return {"moves": triage.moves_from(scene.tip.status), "colleagues": colleagues()}


def contact(scene: Scene) -> dict[str, Any] | None:
    """Return whether there are contact details, and the reasons for which they may be revealed."""
    if scene.reading is None or not scene.user.has_perm("reports.reveal_contact"):
        return None
    return {"left": scene.reading.has_contact, "reasons": opening.REVEAL_REASONS.items()}


def keeping(scene: Scene) -> dict[str, Any]:
    """Return the legal hold and the day of deletion, if there is one."""
    hold = Hold.objects.filter(tip=scene.tip).first()
    in_use = retention.kept_by_enquiry(scene.tip)
    return {"hold": hold, "in_use": in_use, "due_on": None if in_use else retention.due_on(scene.tip)}


def record(scene: Scene) -> dict[str, Any]:
    """Return what was done with the tip, newest first."""
    return {"lines": history.lines(AuditEvent.objects.filter(subject=scene.tip.reference)[:HISTORY])}


def colleagues() -> "QuerySet[User]":
    """Return the members who can be given a tip."""
    return triage.members()
