"""The tile of outcomes that want this member's signature."""

from django.contrib.auth.models import User
from django.urls import reverse

from reports.domain import outcomes
from reports.domain.triage.bounded_count import Count


def to_sign(user: User) -> Count:
    """Count the outcomes that this member may sign now."""
    return Count(outcomes.to_sign(by=user))


def address() -> str:
    """Return where they are listed."""
    return f"{reverse('admin:reports_outcome_changelist')}?status__in=proposed,half_signed"
