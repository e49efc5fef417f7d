"""What the first screen says of the site itself: what is wrong with it; and how a lead confirms its clock."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin.actions import ActionView, Attempt
from reports.domain.health import clock, examination, faults, nodes


def facts(*, now: datetime) -> dict[str, Any]:
    """Return what is wrong with this machine and with the others, for every member: each can tell the administrator."""
    return {
        "causes": examination.standing(now=now),
        "clock": faults.CLOCK.id,
        "lags": nodes.lagging(now=now),
        "now": timezone.localtime(now),
        "manage": settings.MANAGE_COMMAND,
    }


class ConfirmClockView(ActionView):
    """Says that date and time are right, so that maintenance deletes and releases again."""

    action, title, right = "clock", gettext_lazy("The date is right"), "reports.run_desk"

    def get_record(self) -> None:
        """Return nothing: it is about this machine."""

    def get_success_url(self) -> str:
        return reverse("admin:index")

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Go back to the first screen, which says what is wrong."""
        return redirect(self.get_success_url())

    def perform(self, data: dict[str, Any]) -> str:
        clock.confirm(by=cast("User", self.request.user))
        return _("Within a minute maintenance deletes and releases again what is due.")
