"""Context for every template: who runs the site and its newest figures, read from files only when asked for."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from reports.domain import desk
from reports.domain.figures import counting
from reports.text import catalogues


def who_and_whether(request: HttpRequest) -> dict[str, Any]:
    """Return the desk's profile, and the totals of the newest quarter by measure with its `quarter`, as functions.

    `unchecked`: no native speaker has checked the whole page's language.
    """
    unchecked = catalogues.is_unchecked(get_language() or "", settings.LOCALE_PATHS[0])
    return {"profile": desk.profile, "newest_figures": _newest_figures, "unchecked": unchecked}


def _newest_figures() -> dict[str, Any]:
    """Return the newest totals (None: too small to show) and their quarter; nothing before the first release."""
    for release in counting.releases()[:1]:
        totals = {measure: figures.total for measure, figures in release.measures.items()}
        return totals | {"quarter": counting.title(release.quarter)}
    return {}
