"""Urgent calls: the two acts on the tip's page."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern
from django.utils.translation import gettext as _

from core.sent import sent_text
from reports.admin.desk import actions
from reports.admin.tips.acts import TipActionView
from reports.admin.tips.forms import DiscloseForm, ReviewForm, ids
from reports.domain.referrals import urgent_calls

SHOWN = 200


class DiscloseView(TipActionView):
    """Seals to whom a tip was passed on by phone."""

    action, form_class = "disclose", DiscloseForm
    section = "calls"

    def perform(self, data: dict[str, Any]) -> str:
        """Record it, and say what became of the tip."""
        before = self.target.status
        new = urgent_calls.add(tip=self.target, **data, by=self.member, keys=self.desk_keys)
        said = _("%(tip)s: your call is recorded.") % {"tip": self.target.reference}
        if self.target.status != before:
            said += " " + _("The tip is now “%(status)s”.") % {"status": self.target.get_status_display()}
        elif new.police and self.target.decided is None:
            said += " " + _("The tip stays open until you also record a call for the child.")
        return said

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the fields of the line that the button names."""
        line = sent_text(self.request.POST, "line")
        return super().get_form_kwargs() | ids(f"{self.action}-{line}" if line in urgent_calls.TO else self.action)


class ReviewView(TipActionView):
    """Takes what a second person found of a call."""

    action, form_class = "review", ReviewForm
    section, refused_field = "calls", "found"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the fields of the call that the button names."""
        return super().get_form_kwargs() | ids(f"review-{sent_text(self.request.POST, 'call')}")

    def perform(self, data: dict[str, Any]) -> str:
        """Write down that it was looked at."""
        urgent_calls.review(call=data["call"], result=data["found"], by=self.member, keys=self.desk_keys)
        done = _("%(tip)s: you have looked at the call. We saved what you found as a note.")
        return done % {"tip": self.target.reference}


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' addresses, below the tips'."""
    return actions.addresses((DiscloseView, ReviewView), prefix="reports_tip", wrap=wrap)
