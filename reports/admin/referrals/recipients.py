"""Those to whom a referral can be sealed: team leads keep the list, and compare each key before it counts."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest

from newsroom.domain import request_rebuild
from reports.admin.pages import lock
from reports.admin.people.reauthentication import ComparedKey
from reports.admin.tips.labels import SetUp
from reports.domain.keys.keyholders import Keys
from reports.domain.people.accounts import Reauthentication
from reports.domain.referrals import departure
from reports.models import AuditAct, Recipient
from reports.sealing import keyring


class RecipientForm(forms.ModelForm):
    """A name, a recipient, and once both are there the fingerprint as the recipient reads it."""

    heard = forms.CharField(
        label="The whole fingerprint, as they read it to you",
        required=False,
        max_length=40,
        help_text="Phone them on a number that you already know. We use the key only after this check.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    passphrase = forms.CharField(
        label="Your six words",
        required=False,
        help_text="Enter them again to check the key, even if the desk is unlocked.",
        widget=lock.PassphraseForm.base_fields["passphrase"].widget,
    )
    compared_key = ComparedKey(required=False)
    request: HttpRequest
    reauthentication: Reauthentication | None = (
        None  # that it is the team lead who has compared the key
    )

    class Meta:
        """What can be typed."""

        model = Recipient
        fields = ("name", "public_key")
        help_texts = {"public_key": "Their public key: it begins with age1."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Carry the key whose fingerprint the page shows."""
        super().__init__(*args, **kwargs)
        if "compared_key" in self.fields:
            self.fields["compared_key"].initial = ComparedKey.signed(self.instance.public_key)

    def clean_public_key(self) -> str:
        """Refuse what is no age recipient."""
        try:
            return keyring.check_recipient(self.cleaned_data["public_key"].strip())
        except keyring.KeyringError as error:
            raise forms.ValidationError(
                "This is not a public key for age. Such a key begins with age1."
            ) from error

    def clean(self) -> dict[str, Any]:
        """Refuse digits that are not the fingerprint, and words that are not the team lead's."""
        cleaned: dict[str, Any] = super().clean() or {}
        heard = "".join(cleaned.get("heard", "").split())
        public_key = cleaned.get("public_key")
        if heard and public_key and keyring.fingerprint(public_key).replace(" ", "") != heard:
            self.add_error(
                "heard",
                "This is not this key’s fingerprint. Do not use the key. Check all 25 digits again.",
            )
        elif heard and public_key != cleaned.get("compared_key"):
            self.add_error(
                "heard",
                "This is not the key whose fingerprint you saw. Save it first, then compare it.",
            )
        elif heard and lock.keys_of(self.request) is None:
            self.add_error(
                "heard",
                "Unlock the desk first. We note which key you checked under the desk’s own key.",
            )
        elif heard:
            words = lock.PassphraseForm(self.request.POST)
            self.reauthentication = words.reauthenticate(self.request)
            if self.reauthentication is None:
                self.add_error("passphrase", list(words.errors["passphrase"]))
        return cleaned


class RecipientAdmin(SetUp):
    """Recipients; each change is on the record, and a changed key has to be compared again.

    Public pages that speak of the Home Office follow each change: those who are not named in place.toml end that.
    """

    form = RecipientForm
    list_display = ("name", "fingerprint", "compared", "compared_by")
    readonly_fields = ("fingerprint", "compared", "compared_by")
    removed = AuditAct.REMOVED_RECIPIENT

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the comparison once there is a key to compare."""
        return [
            "name",
            "public_key",
            *(
                ("fingerprint", "heard", "passphrase", "compared_key", "compared", "compared_by")
                if obj
                else ()
            ),
        ]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Give the form the request, whose member types their words."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.request = request
        return form

    def save_model(self, request: HttpRequest, obj: Recipient, form: Any, change: bool) -> None:
        """Save; a new key is not compared yet, and one whose digits were read is."""
        if {"name", "public_key"} & set(form.changed_data):  # the log names the key by the name
            obj.compared = None
            obj.compared_by = ""
        super().save_model(request, obj, form, change)
        request_rebuild.request_rebuild(articles=[])
        if form.reauthentication:
            by = cast("User", request.user)
            typed = {
                "heard": form.cleaned_data["heard"],
                "compared": form.cleaned_data["compared_key"],
            }
            keys = cast("Keys", lock.keys_of(request))
            departure.compare(
                recipient=obj, **typed, by=by, keys=keys, reauthentication=form.reauthentication
            )
        elif obj.compared is None:
            messages.warning(
                request,
                "Now check the key with the recipient. You cannot export to them until then.",
            )

    def delete_model(self, request: HttpRequest, obj: Recipient) -> None:
        """Delete."""
        super().delete_model(request, obj)
        request_rebuild.request_rebuild(articles=[])

    @admin.display(description="key fingerprint")
    def fingerprint(self, recipient: Recipient) -> str:
        """Return what the two of you read to each other."""
        return keyring.fingerprint(recipient.public_key)
