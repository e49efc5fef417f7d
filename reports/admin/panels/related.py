"""The panel of related tips: how many sources stand behind them, a picture of how they hang together, and a list."""

from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from reports.admin.panels.scene import Scene
from reports.domain.triage import relations
from reports.graphics import charts
from reports.models import Verdict

DRAWN = 9  # tips in the picture; the list has all


def web(scene: Scene) -> dict[str, Any]:
    """Return what members have said of this tip and others; the machine's finds are a page of their own."""
    found = relations.web(tip=scene.tip, by=scene.user)
    own = relations.judged(tip=scene.tip, by=scene.user)
    return {
        "tips": [(tip, own.get(tip.pk)) for tip in found.tips[1:]],
        "count": len(found.tips),
        "sources": found.sources,
        "picture": mark_safe(_drawn(found)) if found.relations else "",  # noqa: S308 - charts escapes all text
        "undrawn": max(0, len(found.tips) - DRAWN),
        "one_source": any(row.verdict == Verdict.RELATED for row in own.values()),
    }


def _drawn(found: relations.Web) -> str:
    places = {tip.pk: place for place, tip in enumerate(found.tips[:DRAWN])}
    lines = [
        charts.Line(places[row.low_id], places[row.high_id], broken=row.verdict == Verdict.INDEPENDENT)
        for row in found.relations
        if row.low_id in places and row.high_id in places
    ]
    return charts.web(
        "web",
        title=_("How the related tips hang together"),
        desc=_("A line joins tips that count as one source, a dotted line tips that do not. The list says the same."),
        knots=[tip.reference for tip in found.tips[:DRAWN]],
        lines=lines,
    )
