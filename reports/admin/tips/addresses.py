"""The addresses below the list of tips: a tip's acts, and the pages about tips."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from reports.admin.pages import undo
from reports.admin.tips import (
    acts,
    closed_pictures,
    corrections,
    danger,
    recorded_tips,
    recusals,
    related,
    retention,
    tip_page,
)


def of_tips(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses, each view wrapped as the site wraps its pages."""
    return [
        *acts.addresses(wrap),
        *closed_pictures.addresses(wrap),
        *corrections.addresses(wrap),
        path("danger/", wrap(danger.waiting), name="reports_tip_danger"),
        path("record/", wrap(recorded_tips.record_tip), name="reports_tip_record"),
        path("record/words/", wrap(recorded_tips.slip), name="reports_tip_slip"),
        *recusals.addresses(wrap),
        path("undo/<str:press>/", wrap(undo.undo_press), name="reports_tip_undo"),
        *related.addresses(wrap),
        *retention.addresses(wrap),
        path("keys/", wrap(tip_page.switch_keys), name="reports_tip_keys"),
    ]
