"""Tips that came by phone, by letter or at the door: recorded by a member through the same intake as any other."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.intake import receiving
from reports.models import AuditAct

MARK = (
    "recorded"  # the token is of one page of ours: the same tip under it is one that was sent twice
)
CHANNELS = {"phone": "By phone", "letter": "By letter", "visit": "In person"}


def store(*, token: str, answers: dict[str, Any], channel: str, by: User) -> receiving.Receipt:
    """Seal a tip as it was told, with its channel (a key of CHANNELS) and the recording member inside.

    Returns the receipt, whose words are for the person who told it. Raises NotReceived if it could not be stored.
    """
    if channel not in CHANNELS:
        raise Refused("Choose how the tip arrived.")
    with transaction.atomic():
        audit_log.record(by=by, act=AuditAct.RECORDED, channel=channel)
        tip = answers | {"channel": channel, "recorded_by": by.get_username()}
        return receiving.accept(token=token, answers=tip, mark=MARK)
