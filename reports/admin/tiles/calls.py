"""The tile of urgent calls that wait for a second person."""

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from reports.domain.triage import urgent_calls
from reports.domain.triage.bounded_count import Count, count


def to_review(user: User) -> Count:
    """Count the calls of earlier days that nobody else has looked at."""
    return count(urgent_calls.waiting(user=user, today=timezone.localdate()).order_by())


def address() -> str:
    """Return the list of them."""
    return reverse("admin:reports_tip_calls")
