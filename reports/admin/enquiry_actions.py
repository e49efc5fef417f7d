"""What can be done from an enquiry's page: each act binds a form and calls a verb.

All but the summary work on a locked desk too: that one waits, as a draft, until the desk is unlocked.
"""

from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from reports.admin.actions import ActionView, Attempt
from reports.admin.danger_fields import danger_in
from reports.admin.enquiries import (
    CodenameForm,
    ColleagueForm,
    LinkTipForm,
    MoveForm,
    StoryForm,
    SummaryForm,
    TipReferenceForm,
    enquiry_for,
    show,
)
from reports.domain import enquiries
from reports.domain.outcomes import articles
from reports.models import Enquiry


class EnquiryActionView(ActionView):
    """An act on an enquiry."""

    right = "reports.triage_tip"
    takes_out: ClassVar[bool] = False

    def get_record(self) -> Enquiry:
        """Return the enquiry."""
        return enquiry_for(self.request, self.kwargs["pk"], right="reports.triage_tip")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form's fields the ids that the page gives them."""
        out = {"prefix": "out"} if self.takes_out else {}  # a button beside the box of the same name
        return super().get_form_kwargs() | {"auto_id": f"{self.action}_%s"} | out

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the enquiry's newest page."""
        self.record.refresh_from_db()
        return show(self.request, self.record, attempt)

    def get_success_url(self) -> str:
        """Return the enquiry's page."""
        return reverse("admin:reports_enquiry_change", args=[self.record.pk])

    @property
    def member(self) -> User:
        """Return who acts."""
        return cast("User", self.request.user)


class RenameView(EnquiryActionView):
    """Gives the enquiry another codename."""

    action, form_class, refused_field = "rename", CodenameForm, "codename"

    def perform(self, data: dict[str, Any]) -> str:
        """Rename it."""
        enquiries.rename(enquiry=self.record, codename=data["codename"], by=self.member)
        return _("The codename is “%(name)s” now.") % {"name": self.record.codename}


class SummariseView(EnquiryActionView):
    """Seals a new summary."""

    action, form_class, refused_field = "summarise", SummaryForm, "text"
    keys = "held"  # nobody's unlocking vouches for a text that they did not write

    def perform(self, data: dict[str, Any]) -> str:
        """Seal it."""
        enquiries.summarise(enquiry=self.record, text=data["text"], seen=data["seen"], by=self.member)
        return _("The summary is saved and sealed.")


class MoveView(EnquiryActionView):
    """Moves the enquiry to another status."""

    action, form_class = "move", MoveForm

    def perform(self, data: dict[str, Any]) -> str:
        """Move it."""
        enquiries.move(enquiry=self.record, to=data["to"], by=self.member)
        said = {"name": self.record.codename, "status": self.record.get_status_display()}
        return _("“%(name)s” is now: %(status)s.") % said


class EnquiryTipView(EnquiryActionView):
    """An act on the enquiry and one tip."""

    form_class, refused_field = TipReferenceForm, "tip"  # type: ignore[assignment]  # it takes `by` too, which the kwargs give

    def get_form_kwargs(self) -> dict[str, Any]:
        """Look only among the tips that the member may see."""
        return super().get_form_kwargs() | {"by": self.member}

    def names(self, data: dict[str, Any]) -> dict[str, str]:
        """Return what the two are called."""
        return {"tip": data["tip"].reference, "enquiry": self.record.codename}


class LinkView(EnquiryTipView):
    """Makes a tip part of the enquiry."""

    action, form_class = "link", LinkTipForm

    def perform(self, data: dict[str, Any]) -> str:
        """Link it."""
        enquiries.link(tip=data["tip"], enquiry=self.record, by=self.member, danger=danger_in(data))
        return _("%(tip)s: now part of “%(enquiry)s”.") % self.names(data)


class UnlinkView(EnquiryTipView):
    """Takes a tip out of the enquiry."""

    action, takes_out = "unlink", True

    def perform(self, data: dict[str, Any]) -> str:
        """Take the link back."""
        enquiries.unlink(tip=data["tip"], enquiry=self.record, by=self.member)
        return _("%(tip)s: no longer part of “%(enquiry)s”.") % self.names(data)


class JoinView(EnquiryActionView):
    """Puts a colleague on the enquiry."""

    action, form_class, refused_field = "join", ColleagueForm, "member"

    def perform(self, data: dict[str, Any]) -> str:
        """Put them on it."""
        enquiries.join(enquiry=self.record, member=data["member"], by=self.member)
        return _("On it now: %(name)s.") % {"name": data["member"].get_username()}


class LeaveView(EnquiryActionView):
    """Takes a colleague off the enquiry."""

    action, form_class, refused_field = "leave", ColleagueForm, "member"
    takes_out = True

    def perform(self, data: dict[str, Any]) -> str:
        """Take them off it."""
        enquiries.leave(enquiry=self.record, member=data["member"], by=self.member)
        return _("No longer on it: %(name)s.") % {"name": data["member"].get_username()}


class TellView(EnquiryActionView):
    """Names a story that tells of the enquiry."""

    action, form_class, refused_field = "tell", StoryForm, "article"

    def perform(self, data: dict[str, Any]) -> str:
        """Name it."""
        articles.tell(enquiry=self.record, article=data["article"], by=self.member)
        return _("The story is named. Stories that tell of one enquiry name each other on their pages.")


class UntellView(EnquiryActionView):
    """Takes a story off the enquiry."""

    action, form_class, refused_field = "untell", StoryForm, "article"
    takes_out = True

    def perform(self, data: dict[str, Any]) -> str:
        """Take its name off."""
        articles.untell(enquiry=self.record, article=data["article"], by=self.member)
        return _("The story is not named any more.")


VIEWS = (RenameView, SummariseView, MoveView, LinkView, UnlinkView, JoinView, LeaveView, TellView, UntellView)
