"""Who has read the tips of a referral, each on its own page: the audit log says up to which part."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import IntegerField, Max
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from reports.domain.errors import Refused
from reports.domain.referrals.contents import Content
from reports.models import AuditAct, AuditEvent, Tip

PARTS = Max(Cast(KT("detail__parts"), IntegerField()))


def up_to(*, tips: Iterable[Tip], by: User) -> dict[str, int]:
    """Return by reference up to which position a member has read these tips; those that they never opened are missing.

    Only a tip's own page writes such a reading: it has shown all that had come.
    """
    references = [tip.reference for tip in tips]
    read = AuditEvent.objects.filter(
        act=AuditAct.READ, actor=by.get_username(), subject__in=references
    )
    counted = (
        read.order_by().values("subject").annotate(parts=PARTS).values_list("subject", "parts")
    )
    return {reference: parts for reference, parts in counted if parts}


def unread(content: Content, *, by: User) -> list[Tip]:
    """Return the tips of a referral that a member has to read, or to read on, before they approve it."""
    read = up_to(tips=[report.tip for report in content.reports], by=by)
    return [
        report.tip
        for report in content.reports
        if read.get(report.tip.reference, 0) < content.to_read(report)
    ]


def require_read(content: Content, *, by: User) -> None:
    """Raise Refused unless a member has read of each tip what `Content.to_read` asks."""
    if tips := unread(content, by=by):
        message = "Before you approve, read each of these tips on its own page, with all that came later: %(tips)s."
        raise Refused(message % {"tips": ", ".join(tip.reference for tip in tips)})
