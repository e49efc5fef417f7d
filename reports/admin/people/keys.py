"""The people of the desk and its keys, for team leads: who has access, and every act that changes the key file."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from core.rights import needs
from reports.admin.pages import lock
from reports.admin.people.accounts import AccountView, LeaveView
from reports.admin.people.reauthentication import (
    ComparedKey,
    ReauthenticationForm,
    ReauthenticationView,
)
from reports.domain import key_rotation, leaving, state_files
from reports.domain.errors import DeskBroken, Refused
from reports.domain.keys import keyholders
from reports.domain.people import second_person
from reports.domain.people.accounts import Way
from reports.domain.rights import RUN_DESK
from reports.models import Invitation, Member, Node
from reports.sealing import keyring

RESEAL_FOR = 2.0  # seconds that one press of the button works at the most


@needs(RUN_DESK)
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody with their role and key, who is invited, and the desk's own keys."""
    staff = (
        User.objects.filter(is_superuser=False).select_related("member").prefetch_related("groups")
    )
    new = _too_new()
    left = leaving.names()
    approvers = set(second_person.approvers().values_list("pk", flat=True))
    rows = []
    for user in staff.order_by("-is_active", "username"):
        member = getattr(user, "member", None)
        name = user.get_username()[:60]
        row = {
            "person": user,
            "member": member,
            "fingerprint": keyring.fingerprint(member.recipient)
            if member and member.granted
            else "",
            "new_until": new.get(name) if user.pk in approvers else None,
            "has_left": name in left,
        }
        rows.append(row)
    context = lock.page(request, title="People") | {
        "staff": rows,
        "invitations": Invitation.objects.all(),
        "nodes": Node.objects.all(),
        **_desk_keys(request),
    }
    return TemplateResponse(request, "admin/reports/people/keys/people.html", context)


def _too_new() -> dict[str, datetime]:
    """Return whose account is too new to approve something, and until when."""
    found = dict[str, datetime]()
    for right in second_person.APPROVING:
        found |= second_person.unsettled(right)
    return found


@needs(post=RUN_DESK)
def reseal(request: HttpRequest) -> HttpResponse:
    """Seal kept tips to the current key for two seconds at the most; the page shows how far that came."""
    keys = lock.keys_of(request)
    if keys is None:
        return redirect(lock.unlock_first(reverse("admin:people")))
    try:
        key_rotation.seal_again(by=cast("User", request.user), keys=keys, seconds=RESEAL_FOR)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:people")


class KeyForm(ReauthenticationForm):
    """The team lead's own words, which open the key file.

    For a grant also the fingerprint's end as the colleague reads it.
    """

    heard = forms.CharField(
        label="Last five digits that they read to you",
        max_length=10,
        error_messages={"required": "Type the last five digits that they read to you."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    compared = ComparedKey(required=False)

    def __init__(self, *args: Any, public_key: str, **kwargs: Any) -> None:
        """Ask for the digits only where a key's fingerprint is compared."""
        super().__init__(*args, **kwargs)
        fingerprint = keyring.fingerprint(public_key) if public_key else ""
        self.first_groups = fingerprint[:-5]
        self.last_group = fingerprint[-5:]
        self.fields["compared"].initial = ComparedKey.signed(public_key)
        if not public_key:
            del self.fields["heard"], self.fields["compared"]

    def way_of(self) -> Way:
        """Ask for words, also a team lead without a key: the verb says why it does nothing for them."""
        return Way.WORDS

    def clean_heard(self) -> str:
        """Refuse a key that is not the one the colleague has."""
        heard = "".join(self.cleaned_data["heard"].split())
        if heard != self.last_group:
            raise forms.ValidationError(
                "The fingerprint of this key has another end. Do not give access. Compare again, slowly."
            )
        return heard


class KeyAct(NamedTuple):
    """A line of the table of changes of the key file.

    Its verb, its names, what it leads to, and what it says once done.

    The verb is called with `by`, `passphrase` and, where it is about one, the `member`, and the key that was
    `compared`; it returns the keys that it leaves.
    """

    action: str
    verb: Callable[..., keyholders.Keys]
    title: str
    consequences: tuple[str, ...]
    button: str
    done: str
    of_member: bool = True
    compares: bool = False  # the fingerprint of the member's key


class KeyActView(ReauthenticationView):
    """One change of the key file: says what it leads to, and does it with the team lead's words, typed for it."""

    form_class = KeyForm
    template_name = "admin/reports/people/keys/change.html"
    refused_field = "passphrase"
    act: KeyAct = cast("KeyAct", None)  # which its address fills in

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the member whose key it is about."""
        super().setup(request, *args, **kwargs)
        self.about: dict[str, Member] = {}
        if "pk" in kwargs:
            self.colleague = get_object_or_404(User, pk=kwargs["pk"])
            self.about["member"] = get_object_or_404(
                Member.objects.select_related("user"), user=self.colleague
            )

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the key whose fingerprint is compared."""
        public_key = ""
        if self.act.compares:
            public_key = self.about["member"].recipient
        return super().get_form_kwargs() | {"public_key": public_key}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Do it: the verb opens the key file with the words, so nobody else looks at them."""
        typed = {
            name: form.cleaned_data[name]
            for name in ("passphrase", "compared")
            if name in form.fields
        }
        lock.renew(self.request, self.act.verb(**self.about, **typed, by=form.user))
        messages.success(self.request, self.named(self.act.done))
        return redirect("admin:people")


ACTS = (
    KeyAct(
        "strays",
        keyholders.expel,
        "Remove keys that belong to nobody",
        (
            "Someone may have changed a team member’s key in the database, or removed their account.",
            "Before you do this, find out who could change the database, and copy the database and the folder desk.",
            "We make a new desk key that these keys cannot open. Everyone has to unlock the desk again.",
        ),
        button="Remove keys",
        done="There is a new desk key. Only team members with access and the recovery sheet can open tips.",
        of_member=False,
    ),
    KeyAct(
        "grant",
        keyholders.grant,
        "Give %(name)s access",
        (
            "They will be able to read every tip, old and new.",
            "Meet or phone them. Ask them to read you the fingerprint of their key, all five groups.",
        ),
        button="Give access",
        done="You have given %(name)s access. They can now unlock the desk with their own six words.",
        compares=True,
    ),
    KeyAct(
        "revoke",
        keyholders.revoke,
        "Remove access of %(name)s",
        (
            "We make a new desk key that they will not have. They cannot read tips that come from now on.",
            "They may have copied tips that they could read until now. Nobody can undo that.",
            "They are signed out at once. Everyone else has to unlock the desk again.",
            "Their account stays. If they leave the team, choose “Leaves the team” under “People”.",
            (
                "If they have only lost their six words, which nobody can reset, they then sign in and make new ones, "
                "and you give them access again."
            ),
        ),
        button="Remove access",
        done="You have removed the access of %(name)s. There is a new desk key.",
    ),
    KeyAct(
        "rotate",
        keyholders.rotate,
        "Make a new desk key",
        (
            "New tips will be locked with the new key. You can still read older tips.",
            "Everyone has to unlock the desk again.",
            "If the form runs on its own server, copy the new desk.pub to it.",
            "Afterwards make a new backup of keyring.age, and destroy the older copies.",
        ),
        button="Make a new key",
        done="There is a new desk key. Now lock the older tips with it.",
        of_member=False,
    ),
    KeyAct(
        "retire",
        lambda **given: key_rotation.retire(**given, now=timezone.now()),
        "Remove the oldest desk key",
        (
            "Nobody will be able to open anything that was locked with it, not even from a backup.",
            "You can do this only when no stored tip, outbox or server needs the key.",
            "Afterwards make a new backup of keyring.age, and destroy the older copies.",
        ),
        button="Remove key permanently",
        done="You have removed the oldest key from the key file.",
        of_member=False,
    ),
)


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses of the page and of each change of the key file."""
    paths = [
        path("people/", wrap(people), name="people"),
        path("people/reseal/", wrap(reseal), name="people-reseal"),
        path("people/<int:pk>/account/", wrap(AccountView.as_view()), name="people-account"),
        path("people/<int:pk>/leave/", wrap(LeaveView.as_view()), name="people-leave"),
    ]
    for act in ACTS:
        route = f"people/<int:pk>/{act.action}/" if act.of_member else f"people/{act.action}/"
        view = KeyActView.as_view(act=act, title=act.title)
        paths.append(path(route, wrap(view), name=f"people-{act.action}"))
    return paths


def _desk_keys(request: HttpRequest) -> dict[str, Any]:
    """Return what the page says of the desk's own keys; a `desk.pub` that cannot be used is said, too."""
    now = timezone.now()
    try:
        current = state_files.public_key()
    except DeskBroken as problem:
        return {"desk_problem": str(problem)}
    keys = lock.keys_of(request)
    return {
        "current": current,
        "desk_fingerprint": keyring.fingerprint(current.recipient),
        "older": len(keys.identities) - 1 if keys else None,
        "strays": [keyring.fingerprint(recipient) for recipient in keys.strays] if keys else [],
        "rows_left": key_rotation.rows_left(),
        "due": key_rotation.due(now=now),
        "hindrances": key_rotation.hindrances(index=current.index - 1, now=now),
    }
