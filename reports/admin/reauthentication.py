"""Acts on accounts ask their lead to show anew that it is them: by their words, or as they sign in.

What the session holds counts for nothing: whoever sits down at a browser that was left open can do none of it.
"""

from functools import partial
from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from newsroom.admin.rights import NeedsRight
from reports.admin import lock, sign_in
from reports.admin.lock import PhraseForm, page
from reports.domain.errors import Refused, WrongWords
from reports.domain.keys import phrases
from reports.domain.people import accounts, passkeys, sign_ins
from reports.domain.people.accounts import Reauthentication, Way

WHY = gettext_lazy("Typed anew for this, even on an unlocked desk. Wrong words count as they do at the lock.")


class ReauthenticationForm(forms.Form):
    """Asks, below its own fields, for what shows that it is the lead: each has one way, and no other counts."""

    use_required_attribute = False  # the page says what is missing, in its own words

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Add the fields by which this lead shows that it is them."""
        super().__init__(*args, **kwargs)
        self.request, self.user = request, cast("User", request.user)
        self.way = _way(request, self.user)
        if self.way == Way.WORDS:
            self.fields["phrase"] = _words()
        elif self.way == Way.PASSKEY:
            self.fields["own_password"] = _password()
            self.fields["answer"] = forms.CharField(required=False, widget=forms.HiddenInput)
        else:
            self.fields["own_password"] = _password()
            if not settings.DEMO:
                self.fields["own_code"] = _code()

    @property
    def proof_fields(self) -> list[forms.BoundField]:
        """Return the fields that stand at the end, before the button."""
        return [self[name] for name in ("phrase", "own_password", "own_code") if name in self.fields]

    def reauthenticate(self) -> Reauthentication | None:
        """Return that it is the lead; None, with why not beside the field, when it is not shown. For a valid form."""
        show = {Way.WORDS: self._by_words, Way.PASSKEY: self._by_passkey, Way.PASSWORD: self._by_password}[self.way]
        try:
            return show()
        except WrongWords:
            told = phrases.after_wrong(user=self.user, phrase=self.cleaned_data["phrase"])
            self.add_error("phrase", told)
        except Refused as refusal:
            self.add_error("phrase" if self.way == Way.WORDS else None, str(refusal))
        return None

    def _by_words(self) -> Reauthentication:
        return phrases.reauthenticate(user=self.user, phrase=self.cleaned_data["phrase"])

    def _by_passkey(self) -> Reauthentication | None:
        """Take the passkey after the password: a key that was left in the machine asks nobody who touches it."""
        if not self._has_password():
            return None
        state = sign_in.take_ceremony(self.request)
        if state is None:
            raise Refused(_("That took too long. Press the button again."))
        passkeys.prove(user=self.user, state=state, answer=self.cleaned_data["answer"])
        return Reauthentication(self.user.pk, Way.PASSKEY)

    def _by_password(self) -> Reauthentication | None:
        if not self._has_password():
            return None
        if "own_code" in self.fields:
            try:
                sign_in.verified_device(user=self.user, code=self.cleaned_data["own_code"])
            except ValidationError as problem:
                self.add_error("own_code", problem)
                sign_ins.wrong_code(user=self.user)
                return None
        return Reauthentication(self.user.pk, Way.PASSWORD)

    def _has_password(self) -> bool:
        """Return whether the password is the lead's; wrong ones are counted as failed sign-ins are."""
        password = self.cleaned_data["own_password"]
        if authenticate(self.request, username=self.user.get_username(), password=password) == self.user:
            return True
        self.add_error("own_password", _("That is not your password."))
        return False


class ReauthenticationView(NeedsRight, FormView):
    """A page of one form that does one act on an account, once its lead has shown that it is them."""

    form_class: type[ReauthenticationForm] = ReauthenticationForm
    right = "reports.run_desk"
    refused_field: ClassVar[str | None] = None  # beside which field a refusal stands; None: above them all

    def page_title(self) -> str:
        """Return the page's title."""
        raise NotImplementedError

    def perform(self, data: dict[str, Any], by: User, shown: Reauthentication) -> HttpResponse:
        """Call the verb and return the answer; may raise Refused."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the request."""
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: ReauthenticationForm) -> HttpResponse:
        """Do it; what was typed stays, but for the words and the password, where anything is refused."""
        shown = form.reauthenticate()
        if shown is None:
            return self.form_invalid(form)
        try:
            return self.perform(form.cleaned_data, form.user, shown)
        except Refused as refusal:
            form.add_error(self.refused_field, str(refusal))
            return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page of the desk needs, and what a browser needs to show a passkey."""
        context = super().get_context_data(**kwargs) | page(self.request, title=self.page_title())
        form = context["form"]
        if form.way == Way.PASSKEY:
            ask = partial(passkeys.to_show, user=form.user)
            context |= sign_in.offer_passkey(self.request, ask, user=form.user)
        return context


def _way(request: HttpRequest, user: User) -> Way:
    way = accounts.way_of(user=user)
    has_passkey = way == Way.PASSWORD and sign_in.takes_passkeys(request) and passkeys.of(user=user)
    return Way.PASSKEY if has_passkey else way


def _words() -> forms.CharField:
    return forms.CharField(
        label=_("Your own six words"),
        help_text=WHY,
        max_length=200,
        error_messages={"required": _("Type your six words.")},
        widget=lock.PhraseInput(attrs=PhraseForm.base_fields["phrase"].widget.attrs),
    )


def _password() -> forms.CharField:
    return forms.CharField(
        label=_("Your own password"),
        help_text=_("Typed anew for this, as you have no key to the desk."),
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def _code() -> forms.CharField:
    return forms.CharField(
        label=_("Your own code"),
        help_text=_("The six digits that your authenticator app shows now, or a recovery code."),
        max_length=40,
        error_messages={"required": _("Type the six digits that your app shows now, or a recovery code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
