"""The panel of what was written to the sender, and what they answered."""

from typing import Any

from reports.admin.panels.scene import Scene
from reports.domain.mailbox import messages
from reports.models import ReplyTemplate


def talk(scene: Scene) -> dict[str, Any]:
    """Return the talk, or how much of it there is while it is sealed."""
    facts = {
        "count": scene.tip.messages.count(),
        "burned": scene.tip.burned is not None,
        "ready": ReplyTemplate.objects.all(),
    }
    if scene.reading is None or scene.keys is None:
        return facts
    return facts | {"lines": messages.thread(reading=scene.reading, keys=scene.keys)}
