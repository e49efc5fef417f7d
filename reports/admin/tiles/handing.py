"""The tile of hand-over packs that wait for the member's own signature."""

from django.contrib.auth.models import User
from django.urls import reverse

from reports.domain.triage.bounded_count import Count, count
from reports.models import Pack


def to_sign(user: User) -> Count:
    """Count the packs that a colleague has signed and this member has not."""
    return count(Pack.objects.to_sign(user).order_by())


def at() -> str:
    """Return where those packs are listed."""
    return f"{reverse('admin:reports_pack_changelist')}?waiting=me"
