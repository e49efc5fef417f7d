"""The tile of urgent calls that wait for a second person."""

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from reports.domain.reading.counting import Count, count
from reports.domain.working import disclosing


def to_review(user: User) -> Count:
    """Count the calls of earlier days that nobody else has looked at."""
    return count(disclosing.waiting(user=user, today=timezone.localdate()).order_by())


def address() -> str:
    """Return the list of them."""
    return reverse("admin:reports_tip_calls")
