"""Pictures that must not be looked at: one press closes them, and two team leads open or delete them."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern

from reports.admin.pages import actions
from reports.admin.tips import tip_forms
from reports.admin.tips.acts import TipActionView
from reports.domain.errors import Refused
from reports.domain.retention import closed_pictures
from reports.domain.rights import READ_TIP, RUN_DESK
from reports.models import ClosedPictures


class CloseView(TipActionView):
    """Closes all pictures of the tip to everybody."""

    action = "close-pictures"
    section = "pictures"
    right = READ_TIP

    def perform(self, data: dict[str, Any]) -> str:
        closed_pictures.close(tip=self.target, by=self.member, keys=self.desk_keys)
        return self.said(
            "nobody can see its pictures now. Phone the police, and tell two team leads."
        )


class _OfClosedView(TipActionView):
    """An act of a team lead on pictures that are closed."""

    section = "pictures"
    right = RUN_DESK

    def closed(self) -> ClosedPictures:
        """Return what stands; raises Refused where another team lead has ended it."""
        row = closed_pictures.of_tip(self.target)
        if row is None:
            raise Refused(closed_pictures.CHANGED)
        return row


class ProposeView(_OfClosedView):
    """Proposes what becomes of them."""

    action = "propose-pictures"
    form_class = tip_forms.ClosedPicturesForm
    refused_field = "reference"

    def perform(self, data: dict[str, Any]) -> str:
        closed_pictures.propose(closed=self.closed(), **data, by=self.member, keys=self.desk_keys)
        return self.said("nothing has happened yet. Another team lead has to agree.")


class AgreeView(_OfClosedView):
    """Does what another team lead proposed."""

    action = "agree-pictures"
    form_class = tip_forms.AgreeForm

    def perform(self, data: dict[str, Any]) -> str:
        row = self.closed()
        closed_pictures.agree(closed=row, seen=data["seen"], by=self.member, keys=self.desk_keys)
        if row.end == closed_pictures.End.DELETE:
            return self.said("its pictures are deleted. Older backups have them until they go.")
        return self.said("its pictures can be seen again.")


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' addresses, below the tips'."""
    views = (CloseView, ProposeView, AgreeView)
    return actions.addresses(views, prefix="reports_tip", wrap=wrap)
