"""The panel of a tip's labels."""

from typing import Any

from reports.admin.panels.scene import Scene
from reports.models import Label


def on_it(scene: Scene) -> dict[str, Any]:
    """Return the labels that the tip has, and those that it can be given."""
    has = list(scene.tip.labels.all())
    others = Label.objects.filter(retired=False).exclude(pk__in=[one.pk for one in has])
    return {"labels": has, "others": others if scene.user.has_perm("reports.triage_tip") else ()}
