"""What can be done from a pack's page: each act binds a form, calls a verb, and says what it takes of the desk."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin import drafts, lock
from reports.admin.actions import ActionView, Attempt
from reports.admin.danger_fields import danger_in
from reports.admin.packs import (
    NO_PICTURE,
    RIGHT,
    ConfirmationForm,
    DangerForm,
    ExportForm,
    SeenForm,
    pack_for,
    show,
)
from reports.domain import handover
from reports.domain.errors import Refused
from reports.domain.handover import departure, second_reader
from reports.domain.keys.keyholders import Keys
from reports.models import Entry, Pack, PackPicture, PackState


class NewPictureForm(forms.Form):
    """A picture of one of the pack's tips: its entry and its number there, with a colon between."""

    picture = forms.CharField(error_messages={"required": NO_PICTURE})

    def clean_picture(self) -> tuple[Entry, int]:
        """Return the entry and the number."""
        entry, _colon, number = self.cleaned_data["picture"].partition(":")
        try:
            return Entry.objects.select_related("tip").get(pk=entry), int(number)
        except (Entry.DoesNotExist, ValidationError, ValueError) as error:
            raise ValidationError(NO_PICTURE) from error


class PictureForm(forms.Form):
    """A picture that is in the pack."""

    picture = forms.ModelChoiceField(
        PackPicture.objects.none(), error_messages=dict.fromkeys(("required", "invalid_choice"), NO_PICTURE)
    )


class PackActionView(ActionView):
    """An act on a pack. A verb that refuses may have taken signatures off before, and they stay off."""

    atomic = False
    right = RIGHT

    def get_record(self) -> Pack:
        """Return the pack."""
        return pack_for(self.request, self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form's fields the ids that the page gives them."""
        return super().get_form_kwargs() | {"auto_id": f"{self.action}_%s"}

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the pack's newest page."""
        self.record.refresh_from_db()
        return show(self.request, self.record, attempt)

    def get_success_url(self) -> str:
        """Return the pack's page."""
        return reverse("admin:reports_pack_change", args=[self.record.pk])

    @property
    def member(self) -> User:
        """Return who acts."""
        return cast("User", self.request.user)

    @property
    def desk_keys(self) -> Keys:
        """Return the session's keys, which an act that takes them has by now."""
        return cast("Keys", lock.keys_of(self.request))

    @property
    def with_keys(self) -> dict[str, Any]:
        """Return who acts, with the session's keys and with their own."""
        return {"by": self.member, "keys": self.desk_keys, "own": self.own_key}


class SignPackView(PackActionView):
    """Signs the pack as the member has read it."""

    action, title, form_class = "sign", gettext_lazy("Sign this pack"), SeenForm
    keys = "own"

    def perform(self, data: dict[str, Any]) -> str:
        """Sign it."""
        before = self.record.signatures.count()
        handover.sign(pack=self.record, seen=data["seen"], **self.with_keys)
        if before and self.record.state == PackState.SIGNED_ONCE:
            said = _("The signature that stood there counts no more, and was taken off. Somebody else has to sign too.")
            messages.warning(self.request, said)
        return _("You have signed %(pack)s.") % {"pack": self.record.reference}


class SignAloneView(PackActionView):
    """Lets the only keyholder's signature count."""

    action, title, form_class = "alone", gettext_lazy("Let your signature count"), SeenForm
    keys = "own"

    def perform(self, data: dict[str, Any]) -> str:
        """Let it count."""
        now = timezone.now()
        handover.sign_alone(pack=self.record, seen=data["seen"], now=now, **self.with_keys)
        return _("%(pack)s is signed, by you alone. It says so.") % {"pack": self.record.reference}


class DangerView(PackActionView):
    """Names the danger to a life or a child that overrides a sender's no."""

    action, title, form_class = "danger", gettext_lazy("Name the danger"), DangerForm
    keys = "held"

    def perform(self, data: dict[str, Any]) -> str:
        """Name it."""
        handover.name_danger(pack=self.record, ground=data["ground"], reason=data["danger"], by=self.member)
        return _("Saved, and on the record.")


class WithdrawPackView(PackActionView):
    """Withdraws the pack."""

    action, title = "withdraw", gettext_lazy("Withdraw this pack")

    def perform(self, data: dict[str, Any]) -> str:
        """Withdraw it."""
        handover.withdraw(pack=self.record, by=self.member)
        return _("%(pack)s is withdrawn.") % {"pack": self.record.reference}


class ConfirmView(PackActionView):
    """Records that the police have it."""

    action, title, form_class = "confirm", gettext_lazy("Record that the police have it"), ConfirmationForm
    keys = "held"

    def perform(self, data: dict[str, Any]) -> str:
        """Record it."""
        told = {name: data[name] for name in ("reference", "who")}
        departure.confirm(pack=self.record, **told, by=self.member, danger=danger_in(data))
        return _("Confirmed. Its tips are passed on, and deleted 30 days from now unless an enquiry needs them.")


class ChoosePictureView(PackActionView):
    """Puts a picture in."""

    action, title, form_class = "choose", gettext_lazy("Put a picture in"), NewPictureForm
    keys = "held"

    def perform(self, data: dict[str, Any]) -> str:
        """Choose it."""
        entry, number = data["picture"]
        second_reader.choose(pack=self.record, entry=entry, number=number, by=self.member, keys=self.desk_keys)
        return _("The picture is in the pack. Now somebody else has to look at it.")


class PictureActionView(PackActionView):
    """An act on a picture that is in the pack."""

    form_class = PictureForm

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Look only among the pack's own pictures."""
        form: forms.Form = super().get_form(form_class)
        cast("forms.ModelChoiceField", form.fields["picture"]).queryset = self.record.pictures.all()
        return form


class VouchView(PictureActionView):
    """Says that a picture gives nobody away."""

    action, title, keys = "vouch", gettext_lazy("Vouch for a picture"), "held"

    def perform(self, data: dict[str, Any]) -> str:
        """Vouch for it."""
        second_reader.vouch(picture=data["picture"], by=self.member)
        return _("You say that this picture gives nobody away.")


class LeaveOutView(PictureActionView):
    """Leaves a picture out."""

    action, title, keys = "leave-out", gettext_lazy("Leave a picture out"), "held"

    def perform(self, data: dict[str, Any]) -> str:
        """Leave it out."""
        second_reader.leave_out(picture=data["picture"], by=self.member)
        return _("The picture stays here.")


class ExportView(PackActionView):
    """Sends a signed pack as a file, with words typed for it, after its leaving is recorded."""

    action, title, form_class = "export", gettext_lazy("Export this pack"), ExportForm
    keys = "own"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Send the file."""
        kind, partner = form.cleaned_data["kind"], form.cleaned_data["partner"]
        try:
            file = departure.export(pack=self.record, kind=kind, partner=partner, **self.with_keys)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        drafts.save(self.request, used=drafts.names(form))
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(file.data, content_type=file.type, headers=headers)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """Show why not; a partner who is not there is not found, so that nothing leaves unsealed in their place."""
        if "partner" in form.errors:
            raise Http404
        return super().form_invalid(form)


VIEWS = (
    SignPackView,
    SignAloneView,
    DangerView,
    WithdrawPackView,
    ConfirmView,
    ChoosePictureView,
    VouchView,
    LeaveOutView,
    ExportView,
)
