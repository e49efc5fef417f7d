"""What the first screen says of the site itself: what is wrong with it; and how a team lead confirms its clock."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.rights import needs
from reports.domain.health import clock, examination, faults, nodes
from reports.domain.rights import RUN_DESK


def facts(*, now: datetime) -> dict[str, Any]:
    """Return what is wrong with this machine and with the others, for every member: each can tell the administrator."""
    return {
        "causes": examination.standing(now=now),
        "clock": faults.CLOCK.id,
        "lags": nodes.lagging(now=now),
        "now": timezone.localtime(now),
        "manage": settings.MANAGE_COMMAND,
    }


@needs(post=RUN_DESK)
def confirm_clock(request: HttpRequest) -> HttpResponse:
    """Say that date and time are right, so that maintenance deletes and releases again."""
    clock.confirm(by=cast("User", request.user))
    messages.success(
        request,
        "You have confirmed the date. Within a minute maintenance will delete and publish what is due.",
    )
    return redirect("admin:index")
