"""The panel of the enquiries of which a tip is part."""

from typing import Any

from reports.admin.panels.scene import Scene
from reports.domain import enquiries
from reports.models import Enquiry


def part_of(scene: Scene) -> dict[str, Any] | None:
    """Return the tip's enquiries, and those to which it can be linked."""
    if not scene.user.has_perm("reports.view_enquiry"):
        return None
    linked = list(enquiries.of_tip(tip=scene.tip))
    others = Enquiry.objects.under_way().exclude(pk__in=[one.pk for one in linked]).in_working_order()
    return {"linked": linked, "others": others}
