"""The tile of urgent calls that wait for a second person."""

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from reports.domain import counting, disclosing
from reports.domain.counting import Count


def to_review(user: User) -> Count:
    """Count the calls of earlier days that nobody else has looked at."""
    return counting.up_to(disclosing.waiting(user=user, today=timezone.localdate()))


def address() -> str:
    """Return the list of them."""
    return reverse("admin:reports_tip_calls")
