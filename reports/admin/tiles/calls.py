"""The tile of urgent calls that wait for a second person."""

from datetime import date

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from reports.domain.reading import counting
from reports.domain.reading.counting import Count
from reports.domain.working import disclosing
from reports.models import Disclosure


def to_review(user: User) -> Count:
    """Count the calls of earlier days that nobody else has looked at."""
    return _waiting(user, timezone.localdate())


@counting.of_day
def _waiting(user: User, day: date) -> "QuerySet[Disclosure]":
    return disclosing.waiting(user=user, today=day).order_by()


def address() -> str:
    """Return the list of them."""
    return reverse("admin:reports_tip_calls")
