"""What stands beside and below a tip's text: one panel a subject, in the page's order.

A panel only shows; what its forms do are acts (`reports/admin/acts.py`) or pages of their own. Each subject is one file
here, with a function from the scene to what its template needs, as `panel.<name>`; None leaves the panel out.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from reports.admin.panels import calls, enquiries, labels, passing, related, standing, talk
from reports.admin.panels.scene import Scene


class Panel(NamedTuple):
    """A template under `admin/reports/tip/`, and the function that says what it shows."""

    template: str
    facts: Callable[[Scene], dict[str, Any] | None]


MAIN = (
    Panel("_sanitised.html", passing.sanitised),
    Panel("_talk.html", talk.talk),
    Panel("_related.html", related.web),
    Panel("_notes.html", standing.notes),
)
SIDE = (
    Panel("_decide.html", standing.decide),
    Panel("_labels.html", labels.on_it),
    Panel("_enquiries.html", enquiries.part_of),
    Panel("_grading.html", passing.graded),
    Panel("_calls.html", calls.calls),
    Panel("_handover.html", passing.handed),
    Panel("_contact.html", standing.contact),
    Panel("_keeping.html", standing.keeping),
    Panel("_history.html", standing.record),
)


def shown(panels: Sequence[Panel], scene: Scene) -> list[dict[str, Any]]:
    """Return what the page draws of these panels for this member, in their order."""
    drawn = [(panel.template, panel.facts(scene)) for panel in panels]
    return [{"template": f"admin/reports/tip/{template}", **facts} for template, facts in drawn if facts is not None]
