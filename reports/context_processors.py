"""Context for every template: who runs the site, and its newest figures, read from a file only when asked for."""

from typing import Any

from django.http import HttpRequest

from reports import who
from reports.domain.figures import counting


def who_and_whether(request: HttpRequest) -> dict[str, Any]:
    """Return who runs the site, and the totals of the newest quarter by measure with its `quarter`, as functions."""
    return {"operator": who.operator, "newest_figures": _newest_figures}


def _newest_figures() -> dict[str, Any]:
    """Return the newest totals (None: too small to show) and their quarter; nothing before the first release."""
    for release in counting.releases()[:1]:
        totals = {measure: figures.total for measure, figures in release.measures.items()}
        return totals | {"quarter": counting.title(release.quarter)}
    return {}
