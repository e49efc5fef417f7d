"""What members do from a tip's page once it has left: say whether the police must know, and that somebody told them."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern

from reports.admin.pages import actions
from reports.admin.tips import police
from reports.admin.tips.acts import TipActionView
from reports.domain.referrals import corrections
from reports.domain.rights import REFER


class JudgeView(TipActionView):
    """Says whether what the sender wrote since the tip left changes nothing, or the police must know it."""

    action = "judge"
    form_class = police.JudgeForm
    section = "left"
    right = REFER

    def perform(self, data: dict[str, Any]) -> str:
        """Record the verdict that the button names."""
        must_know = data.pop("verdict") == police.MUST_KNOW
        corrections.judge(
            tip=self.target, must_know=must_know, **data, by=self.member, keys=self.desk_keys
        )
        if must_know:
            return self.said("the police must know. Phone them now, then correct what they have.")
        return self.said("it changes nothing for the police.")


class AnnounceView(TipActionView):
    """Records whom at the police a member told that a correction follows."""

    action = "announce"
    form_class = police.AnnounceForm
    section = "left"
    right = REFER

    def perform(self, data: dict[str, Any]) -> str:
        """Write it down as a note."""
        corrections.announce(tip=self.target, **data, by=self.member, keys=self.desk_keys)
        return self.said(
            "saved as a note: the police know that a correction follows. Now correct what they have."
        )


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' addresses, below the tips'."""
    return actions.addresses((JudgeView, AnnounceView), prefix="reports_tip", wrap=wrap)
