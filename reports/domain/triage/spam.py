"""What keeps a tip from being marked as spam: someone works on it, or someone may be in danger.

Spam is deleted within days, so nothing that another member, a sender or a court waits for may become it unseen.
"""

from django.utils.text import get_text_list

from reports.domain.errors import Refused
from reports.models import (
    AuditAct,
    AuditEvent,
    Enquiry,
    Hold,
    Link,
    ReferralPart,
    ReferralState,
    Status,
    Tip,
)
from reports.models.urgent_calls import MISTAKEN


def kept_from_spam(*, tip: Tip, harmless: bool = False) -> list[str]:
    """Return why a tip cannot be spam, each as what follows its reference in a sentence; empty where it can be.

    `harmless` says that a member has read it and found no danger: without that an urgent tip is kept.
    """
    linked = Enquiry.objects.under_way().filter(links__in=Link.objects.standing().filter(tip=tip))
    reasons = [f"is part of “{enquiry.codename}”" for enquiry in linked.order_by("codename")]
    return reasons + [reason for reason, keeps in _others(tip, harmless=harmless) if keeps]


def _others(tip: Tip, *, harmless: bool) -> list[tuple[str, bool]]:
    """Return what else can keep a tip, and whether it does."""
    awaits_answer = (
        tip.status == Status.NEEDS_MORE or tip.messages.filter(asks=True, taken_back=None).exists()
    )
    referred = (
        ReferralPart.objects.filter(tip=tip)
        .exclude(referral__status=ReferralState.WITHDRAWN)
        .exists()
    )
    left = (
        not referred
        and AuditEvent.objects.filter(subject=tip.reference, act=AuditAct.EXPORTED).exists()
    )
    return [
        ("has something that nobody has read yet", tip.unread and tip.status != Status.NEW),
        ("has a question to its sender", awaits_answer),
        ("has an answer from its sender", tip.answered),
        ("is in a police referral", referred),
        ("is in a police referral that was withdrawn after it was sent", left),
        ("was passed on by phone", tip.urgent_calls.exclude(MISTAKEN).exists()),
        ("is under a legal hold", Hold.objects.filter(tip=tip).exists()),
        ("is urgent", tip.urgent and not harmless),
    ]


def require_unneeded(*, tip: Tip, harmless: bool = False) -> None:
    """Raise Refused if anything keeps the tip; the caller holds its row."""
    if reasons := kept_from_spam(tip=tip, harmless=harmless):
        raise Refused(f"This tip cannot be spam. It {get_text_list(reasons, 'and')}.")
