"""Tips that say the same are set aside, or brought back, from their line in the queue."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from reports.admin import tip_actions, undo
from reports.admin.actions import ActionView, Attempt
from reports.admin.lock import NextForm, safe_next
from reports.domain.triage import aside
from reports.domain.triage import undo as undoing
from reports.models import Tip


class AsideView(ActionView):
    """Sets a tip aside with all that say the same, from its line in the queue; a locked desk can do it."""

    action, title, form_class = "aside", gettext_lazy("Set aside"), NextForm
    verb = staticmethod(aside.set_aside)
    show_queue: Callable[..., HttpResponse] | None = None  # what draws the queue with an attempt

    def get_record(self) -> Tip:
        """Return the tip."""
        return tip_actions.tip_for(self.request, self.kwargs["pk"], right="reports.triage_tip")

    def get_success_url(self) -> str:
        """Return the page of the queue on which the button stood."""
        return safe_next(self.request, default=reverse("admin:reports_tip_changelist"))

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the newest queue, and why nothing was done."""
        draw = cast("Callable[..., HttpResponse]", self.show_queue)
        return draw(self.request, address=self.get_success_url(), attempt=attempt)

    def perform(self, data: dict[str, Any]) -> str:
        """Do it, and say of how many; the line can undo it."""
        press = undoing.new_press()
        self.tags = undo.tags(press)
        return self.said(self.verb(tip=self.record, by=cast("User", self.request.user), press=press))

    def said(self, count: int) -> str:
        """Return what was done."""
        return ngettext(
            "%(count)d tip set aside. It is kept until somebody reads it.",
            "%(count)d tips set aside. They are kept until somebody reads them.",
            count,
        ) % {"count": count}


class BackView(AsideView):
    """Brings a tip back that was set aside, with all that say the same."""

    action, title = "back", gettext_lazy("Bring back")
    verb = staticmethod(aside.bring_back)

    def said(self, count: int) -> str:
        """Return what was done."""
        return ngettext("%(count)d tip brought back.", "%(count)d tips brought back.", count) % {"count": count}
