"""Acts on accounts and on the desk's keys ask their lead anew who they are: for their words, or as at sign-in.

What the session holds counts for nothing: whoever sits down at a browser that was left open can do none of it.
"""

from functools import partial
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import FormView

from core.action_form import ActionForm
from core.rights import NeedsRight
from reports.admin.pages import lock
from reports.admin.pages.history import refusal_text
from reports.admin.people import ceremony, codes, own_password
from reports.domain.errors import Refused, WrongWords
from reports.domain.keys import passphrases
from reports.domain.people import accounts, passkeys, sign_ins
from reports.domain.people.accounts import Reauthentication, Way
from reports.domain.rights import RUN_DESK


class ComparedKey(forms.CharField):
    """The public key that the page showed, signed: what two people compared counts, not what is stored by then."""

    def __init__(self, **kwargs: Any) -> None:
        """Hide it: nobody types it."""
        super().__init__(widget=forms.HiddenInput, label="", **kwargs)

    @staticmethod
    def signed(public_key: str) -> str:
        """Return what stands in the field of a page that shows this key."""
        return Signer(salt="compared key").sign(public_key)

    def clean(self, value: Any) -> str:
        """Return the key; what we did not sign is none."""
        try:
            return Signer(salt="compared key").unsign(super().clean(value))
        except BadSignature:
            return ""


class ReauthenticationForm(ActionForm):
    """Asks, below its own fields, for what shows that it is the team lead: each has one way, and no other counts."""

    proofs: ClassVar[dict[Way, tuple[str, ...]]] = {
        Way.WORDS: ("passphrase",),
        Way.PASSKEY: ("own_password", "answer"),
        Way.PASSWORD: ("own_password", "own_code"),
    }

    passphrase = forms.CharField(
        label="Your own six words",
        help_text="We ask for them again here, even when the desk is unlocked. Too many wrong tries lock you out.",
        max_length=200,
        error_messages={"required": "Type your six words."},
        widget=lock.PassphraseInput(
            attrs=lock.PassphraseForm.base_fields["passphrase"].widget.attrs
        ),
    )
    own_password = forms.CharField(
        label="Your own password",
        help_text="We ask for it here because you have no key.",
        strip=False,
        error_messages={"required": "Type your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    own_code = forms.CharField(
        label="Your own code",
        help_text="The six digits that your authenticator app shows now, or a recovery code.",
        max_length=40,
        error_messages={
            "required": "Type the six digits that your app shows now, or a recovery code."
        },
        widget=forms.TextInput(attrs=lock.PLAIN | {"autocomplete": "one-time-code"}),
    )
    answer = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Leave the fields by which this lead shows that it is them; a demonstration asks for no code."""
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = cast("User", request.user)
        self.way = self.way_of()
        fields = {*self.proofs[self.way]}
        if settings.DEMO:
            fields.discard("own_code")
        for name in set().union(*self.proofs.values()) - fields:
            del self.fields[name]

    def way_of(self) -> Way:
        """Return by what this lead shows that it is them."""
        way = accounts.way_of(user=self.user)
        has_passkey = (
            way == Way.PASSWORD
            and ceremony.takes_passkeys(self.request)
            and passkeys.of(user=self.user)
        )
        return Way.PASSKEY if has_passkey else way

    @property
    def proof_fields(self) -> list[forms.BoundField]:
        """Return the fields that stand at the end, before the button."""
        return [
            self[name] for name in ("passphrase", "own_password", "own_code") if name in self.fields
        ]

    def reauthenticate(self) -> Reauthentication:
        """Return that it is the team lead, for a valid form.

        Raises WrongWords, or ValidationError that names the field.
        """
        if self.way == Way.WORDS:
            return self._by_words()
        if not own_password.is_password(self.request, self.cleaned_data["own_password"]):
            raise ValidationError({"own_password": own_password.WRONG_PASSWORD})
        if self.way == Way.PASSKEY:
            self._take_passkey()
        elif "own_code" in self.fields:
            self._take_code()
        return Reauthentication(self.user.pk, self.way)

    def _by_words(self) -> Reauthentication:
        try:
            return passphrases.reauthenticate(
                user=self.user, passphrase=self.cleaned_data["passphrase"]
            )
        except WrongWords:
            raise
        except Refused as refusal:
            raise ValidationError({"passphrase": str(refusal)}) from refusal

    def _take_passkey(self) -> None:
        """Take it after the password: a key that was left in the machine asks nobody who touches it."""
        state = ceremony.take_ceremony(self.request)
        if state is None:
            raise ValidationError(
                "That took too long, so nothing was changed. Press the button again."
            )
        try:
            passkeys.prove(user=self.user, state=state, answer=self.cleaned_data["answer"])
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def _take_code(self) -> None:
        try:
            codes.verified_device(user=self.user, code=self.cleaned_data["own_code"])
        except ValidationError as problem:
            sign_ins.wrong_code(user=self.user)
            raise ValidationError({"own_code": problem}) from problem


class ReauthenticationView(NeedsRight, FormView):
    """A page of one form that does one act on an account or a key, once its lead has shown that it is them."""

    right = RUN_DESK
    form_class: type[ReauthenticationForm] = ReauthenticationForm
    refused_field: ClassVar[str | None] = (
        None  # beside which field a refusal stands; None: above them all
    )
    title: str = ""  # which may have the %(name)s of the colleague whom the act is about
    colleague: User | None = None

    def named(self, sentence: str) -> str:
        """Return a sentence with the colleague's name in it."""
        name = self.colleague.get_username() if self.colleague else ""
        return str(sentence) % {"name": name}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Call the verb with what `form.reauthenticate` returns, or with the words, and return the answer.

        May raise what either raises.
        """
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the request."""
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: ReauthenticationForm) -> HttpResponse:
        """Do it; what was typed stays, but for the words and the password, where anything is refused."""
        try:
            return self.perform(form)
        except WrongWords:
            form.add_error(
                "passphrase",
                passphrases.after_wrong(user=form.user, passphrase=form.cleaned_data["passphrase"]),
            )
        except Refused as refusal:
            form.add_error(self.refused_field, refusal_text(refusal))
        except ValidationError as problem:
            form.add_error(None, problem)
        return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page of the desk needs, and what a browser needs to show a passkey."""
        own = lock.page(self.request, title=self.named(self.title)) | {"colleague": self.colleague}
        context = super().get_context_data(**kwargs) | own
        form = context["form"]
        if form.way == Way.PASSKEY:
            ask = partial(passkeys.to_show, user=form.user)
            context |= ceremony.offer_passkey(self.request, ask, user=form.user)
        return context


class ColleagueView(ReauthenticationView):
    """A re-authentication page about the colleague whom its address names."""

    colleague: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find them; the superuser is nobody's colleague."""
        super().setup(request, *args, **kwargs)
        self.colleague = get_object_or_404(User, pk=kwargs["pk"], is_superuser=False)
