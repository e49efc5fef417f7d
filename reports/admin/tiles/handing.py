"""The tile of hand-over packs that wait for the member's own signature."""

from django.contrib.auth.models import User
from django.urls import reverse

from reports.domain.reading import counting
from reports.models import Pack, PackQuerySet


@counting.for_each
def to_sign(user: User) -> PackQuerySet:
    """Count the packs that a colleague has signed and this member has not."""
    return Pack.objects.to_sign(user).order_by()


def at() -> str:
    """Return where those packs are listed."""
    return f"{reverse('admin:reports_pack_changelist')}?waiting=me"
