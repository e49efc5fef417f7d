"""Inviting a colleague, and how they join, page by page; what they have done so far lies in their sealed session only.

name and code -> password -> app or passkey -> recovery codes -> (signed in) six words -> a colleague's grant
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import mark_safe
from django_otp.models import Device

from core.rights import EVERYBODY, STAFF, needs
from core.sent import sent_text
from reports.admin.pages.lock import PLAIN, PassphraseInput, page
from reports.admin.people import ceremony, sign_in
from reports.admin.people.reauthentication import (
    ColleagueView,
    ReauthenticationForm,
    ReauthenticationView,
)
from reports.domain.errors import Refused
from reports.domain.keys import keyholders, passphrases
from reports.domain.people import joining, passkeys
from reports.domain.rights import DUTIES, READ_TIP, RUN_DESK
from reports.models import Invitation
from reports.sealing import keyholder

HANDED = "handed-over"  # the session's slot for a code that waits to be shown


class InviteForm(ReauthenticationForm):
    """A name and a role."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        help_text=(
            "They sign in with this username and the audit log shows it. Nobody can change it later. Use small "
            "letters, digits, full stops, hyphens and underscores."
        ),
        error_messages={"required": "Type the username that they will sign in with."},
        widget=forms.TextInput(attrs=PLAIN),
    )
    role = forms.ChoiceField(
        label="Role",
        choices=DUTIES.items(),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role."},
    )


def _hand_over(request: HttpRequest, name: str, code: str) -> HttpResponse:
    """Lead to the code for somebody: the page that answered the six words could be loaded again with them."""
    request.session[HANDED] = {"name": name, "code": code}
    return redirect("admin:people-code")


@needs(RUN_DESK)
def show_code(request: HttpRequest) -> HttpResponse:
    """Show the code that was just made, once."""
    made = request.session.pop(HANDED, None)
    if made is None:
        return redirect("admin:people")
    context = page(request, title=f"Invitation for {made['name']}") | made
    return TemplateResponse(request, "admin/reports/people/joining/code.html", context)


class InviteView(ReauthenticationView):
    """Asks for a newcomer's name and role."""

    form_class = InviteForm
    template_name = "admin/reports/people/joining/invite.html"
    refused_field = "username"
    title = "Invite a team member"

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Invite them."""
        name = form.cleaned_data["username"]
        role = form.cleaned_data["role"]
        code = joining.invite(
            username=name, role=role, by=form.user, reauthentication=form.reauthenticate()
        )
        return _hand_over(self.request, name, code)


class StartAgainView(ColleagueView):
    """Lets a colleague who lost password or phone set up both anew."""

    template_name = "admin/reports/people/joining/again.html"
    title = "Reset sign-in for %(name)s"

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Let them start again."""
        code = joining.start_again(
            user=self.colleague, by=form.user, reauthentication=form.reauthenticate()
        )
        return _hand_over(self.request, self.colleague.get_username(), code)


class WithdrawView(ReauthenticationView):
    """Makes an invitation void."""

    template_name = "admin/reports/people/joining/withdraw.html"
    title = "Withdraw invitation"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the invitation."""
        invitation = get_object_or_404(Invitation, pk=self.kwargs["pk"])
        return super().get_context_data(**kwargs) | {"invitation": invitation}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Withdraw it."""
        invitation = get_object_or_404(Invitation, pk=self.kwargs["pk"])
        joining.withdraw(
            invitation=invitation, by=form.user, reauthentication=form.reauthenticate()
        )
        said = f"You have withdrawn the invitation for {invitation.username}."
        messages.success(self.request, said)
        return redirect("admin:people")


SLOT = "joining"
CODES = "recovery-codes"
WORDS = "new-words"
FINGERPRINT = "own-fingerprint"
UNSEEN = "new-words-unseen"
STEPS = (
    "Your invitation code",
    "Your password",
    "Two-step sign-in",
    "Recovery codes",
    "Your six words",
    "Access from a team lead",
)


class CodeForm(forms.Form):
    """The invitation."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        error_messages={"required": "Type the username that the team lead gave you."},
        widget=forms.TextInput(attrs=PLAIN),
    )
    code = forms.CharField(
        label="Code",
        max_length=60,
        help_text="Four groups of five letters and digits.",
        error_messages={"required": "Type the code that the team lead gave you."},
        widget=forms.TextInput(attrs=PLAIN),
    )

    def clean_username(self) -> str:
        """Take a name that a phone began with a capital letter."""
        return str(self.cleaned_data["username"]).lower()


class NewPasswordForm(SetPasswordForm):
    """A password, twice, as Django checks it."""

    error_messages = {
        "password_mismatch": "The two passwords are different. Type the same password twice."
    }
    new_password1, new_password2 = SetPasswordForm.create_password_fields(
        "Password", "Password again"
    )
    new_password1.help_text = (
        "Use 12 characters or more. You only sign in with it. It does not open tips."
    )
    new_password2.help_text = ""


class AppForm(forms.Form):
    """What the app shows."""

    code = forms.CharField(
        label="Six digits that the app shows now",
        max_length=12,
        error_messages={"required": "Type the six digits that the app shows now."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class NewWordsForm(forms.Form):
    """The six words, typed back."""

    passphrase = forms.CharField(
        label="Type your six words",
        max_length=200,
        error_messages={"required": "Type the six words from your paper."},
        widget=PassphraseInput(attrs=PLAIN | {"class": "words"}),
    )


@needs(EVERYBODY)
def start(request: HttpRequest) -> HttpResponse:
    """Ask for name and code."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = joining.open_invitation(**form.cleaned_data)
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.cycle_key()
            request.session[SLOT] = {"invitation": invitation.pk}
            return redirect("admin:join-password")
    return _page(request, 1, "start", form=form)


@needs(EVERYBODY)
def password(request: HttpRequest) -> HttpResponse:
    """Ask for a password; its hash waits in the session."""
    invitation = _invitation(request)
    if invitation is None:
        return redirect("admin:join")
    form = NewPasswordForm(User(username=invitation.username), request.POST or None)
    if request.method == "POST" and form.is_valid():
        hashed = make_password(form.cleaned_data["new_password1"])
        request.session[SLOT] = {
            "invitation": invitation.pk,
            "password": hashed,
            "key": joining.new_app_key(),
        }
        return redirect("admin:join-app")
    return _page(request, 2, "password", form=form, username=invitation.username)


@needs(EVERYBODY)
def app(request: HttpRequest) -> HttpResponse:
    """Offer an app or a passkey; a code from the app makes the account and signs the newcomer in."""
    invitation = _invitation(request)
    state = request.session.get(SLOT, {})
    if invitation is None or "key" not in state:
        return redirect("admin:join-password" if invitation else "admin:join")
    form = AppForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            join = partial(joining.with_app, key=state["key"], code=form.cleaned_data["code"])
            return _sign_in(request, invitation, join)
        except Refused as refusal:
            form.add_error("code", str(refusal))
    return _factors(request, invitation, form=form)


@needs(post=EVERYBODY)
def passkey(request: HttpRequest) -> HttpResponse:
    """Take the passkey that the newcomer's browser has made; it makes the account as an app's code does."""
    invitation = _invitation(request)
    state = ceremony.take_ceremony(request)
    answer = sent_text(request.POST, "answer")
    if invitation is None or state is None or "key" not in request.session.get(SLOT, {}):
        return redirect("admin:join-app")
    try:
        return _sign_in(request, invitation, partial(passkeys.make, state=state, answer=answer))
    except Refused as refusal:
        return _factors(request, invitation, form=AppForm(), passkey_problem=str(refusal))


@needs(STAFF)
def codes(request: HttpRequest) -> HttpResponse:
    """Show the recovery codes until they are written down."""
    codes_made = request.session.get(CODES)
    if request.method == "POST" or not codes_made:
        request.session.pop(CODES, None)
        needs_words = request.user.has_perm(READ_TIP)
        needs_words = needs_words and keyholders.state_of(cast("User", request.user)) == "none"
        return redirect("admin:join-words" if needs_words else "admin:index")
    return _page(request, 4, "codes", codes=codes_made)


@needs(READ_TIP)
def words(request: HttpRequest) -> HttpResponse:
    """Show new words, once, when asked; then take them back, and make the key that they open."""
    user = cast("User", request.user)
    if keyholders.state_of(user) != "none":
        return redirect("admin:join-wait")
    if "show" in request.POST:
        request.session[WORDS] = keyholder.new_passphrase()
        request.session[UNSEEN] = True
        return redirect("admin:join-words")
    if request.method == "GET" and request.session.pop(UNSEEN, False):
        return _page(request, 5, "words", words=request.session[WORDS].split())
    pending = request.session.get(WORDS, "")
    form = NewWordsForm(request.POST or None)
    if request.method == "POST" and pending and form.is_valid():
        if keyholder.normalise_passphrase(form.cleaned_data["passphrase"]) == pending:
            keyholders.enrol(user=user, passphrase=pending)
            del request.session[WORDS]
            # Kept from here, where the words are, and not read from the database later.
            request.session[FINGERPRINT] = passphrases.own_fingerprint(
                user=user, passphrase=pending
            )
            return redirect("admin:join-wait")
        form.add_error(
            "passphrase",
            "Those are not the words that we showed you. Check each word on your paper.",
        )
    return _page(request, 5, "words", form=form if pending else None)


@needs(READ_TIP)
def wait(request: HttpRequest) -> HttpResponse:
    """Say that a colleague has to give access, and what to read to them."""
    state = keyholders.state_of(cast("User", request.user))
    if state == "none":
        return redirect("admin:join-words")
    return _page(
        request,
        6,
        "wait",
        granted=state == "granted",
        fingerprint=request.session.get(FINGERPRINT, ""),
    )


def _invitation(request: HttpRequest) -> Invitation | None:
    """Return the invitation whose code this session has shown, while it is open."""
    try:
        return joining.still_open(pk=request.session[SLOT]["invitation"])
    except (KeyError, Refused):
        request.session.pop(SLOT, None)
        return None


def _sign_in(
    request: HttpRequest, invitation: Invitation, prove: Callable[..., Device]
) -> HttpResponse:
    """Make the account, sign it in with the second factor that was just proved, and go on."""
    joined = joining.complete(
        invitation=invitation, password=request.session[SLOT]["password"], prove=prove
    )
    sign_in.sign_in(request, joined.user, joined.device)
    request.session.pop(SLOT, None)
    request.session[CODES] = joined.codes
    return redirect("admin:join-codes")


def _factors(request: HttpRequest, invitation: Invitation, **more: Any) -> HttpResponse:
    """Show both ways to a second factor: the app's key to scan, and what a browser needs to make a passkey."""
    address = joining.app_address(username=invitation.username, key=request.session[SLOT]["key"])
    secret = address.split("secret=")[1].split("&")[0]
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    offer = ceremony.offer_passkey(request, partial(passkeys.to_make, username=invitation.username))
    return _page(
        request, 3, "app", qr=_qr(address), secret=groups, app_address=address, **offer, **more
    )


def _qr(address: str) -> str:
    """Return a picture of the address without a style attribute, which the content policy would block."""
    return mark_safe(segno.make(address).svg_inline(scale=5, dark="#000", light="#fff"))  # noqa: S308 - our own text


def _standing(at: int, number: int) -> str:
    """Return how a step stands beside the one of this number: "done", "now" or ""."""
    if at < number:
        return "done"
    return "now" if at == number else ""


def _page(request: HttpRequest, number: int, name: str, **more: Any) -> TemplateResponse:
    steps = [(at, step, _standing(at, number)) for at, step in enumerate(STEPS, 1)]
    context = page(request, title="Join the team") | {
        "steps": steps,
        "step": STEPS[number - 1],
        **more,
    }
    return TemplateResponse(
        request, f"admin/reports/people/joining/{name}.html", context | {"number": number}
    )


def addresses(wrap: Callable[[Any], Any], *, outside: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses of the team leads' pages and of a newcomer's.

    The newcomer's first three are `outside`: they cannot sign in yet, and each is guarded by the one before.
    """
    return [
        path("people/invite/", wrap(InviteView.as_view()), name="people-invite"),
        path("people/<int:pk>/again/", wrap(StartAgainView.as_view()), name="people-again"),
        path("people/code/", wrap(show_code), name="people-code"),
        path(
            "people/invitations/<int:pk>/withdraw/",
            wrap(WithdrawView.as_view()),
            name="people-withdraw",
        ),
        path("join/", start, name="join"),
        path("join/password/", password, name="join-password"),
        path("join/app/", app, name="join-app"),
        path("join/passkey/", outside(passkey), name="join-passkey"),
        path("join/codes/", wrap(codes), name="join-codes"),
        path("join/words/", wrap(words), name="join-words"),
        path("join/wait/", wrap(wait), name="join-wait"),
    ]
