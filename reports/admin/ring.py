"""The people of the desk and its keys, for leads: who has access, and every act that changes the ring."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import lock
from reports.admin.lock import PhraseForm, page, unlock_first
from reports.admin.naming import row_or_404
from reports.domain import desk, key_rotation
from reports.domain.errors import DeskBroken, Refused
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.models import Invitation, Member, Node
from reports.sealing import keyring

RESEAL_FOR = 2.0  # seconds that one press of the button works at the most

for_leads = permission_required("reports.run_desk", raise_exception=True)


class Act(NamedTuple):
    """One act on the ring: what it is called, what it leads to, and the verb."""

    title: str | Promise
    consequences: tuple[str | Promise, ...]
    button: str | Promise
    done: str | Promise
    do: Callable[[Member, User, str], Keys]
    takes_member: bool = True


ACTS: dict[str, Act] = {
    "strays": Act(
        gettext_lazy("Take away keys that belong to nobody"),
        (
            gettext_lazy("Somebody may have changed a colleague’s key in the database, or removed their account."),
            gettext_lazy("Before this: find out who could write to the database, and copy it together with desk/."),
            gettext_lazy("The desk gets a new key that these never open. Everybody types their six words again."),
        ),
        gettext_lazy("Take them away"),
        gettext_lazy("The desk opens for its members and the recovery sheet only, and has a new key."),
        lambda _member, by, phrase: keyholders.expel(by=by, phrase=phrase),
        takes_member=False,
    ),
    "grant": Act(
        gettext_lazy("Give %(name)s access"),
        (
            gettext_lazy("They will be able to open every tip that the desk can open, old and new."),
            gettext_lazy("Meet or phone them. Let them read the fingerprint of their key to you, all five groups."),
        ),
        gettext_lazy("Give access"),
        gettext_lazy("%(name)s has access now. They unlock the desk with their own six words."),
        lambda member, by, phrase: keyholders.grant(member=member, by=by, phrase=phrase),
    ),
    "revoke": Act(
        gettext_lazy("Take access away from %(name)s"),
        (
            gettext_lazy("The desk gets a new key that they never see. They open nothing that comes from now on."),
            gettext_lazy("What they could open until now they may have kept. Nobody can undo that."),
            gettext_lazy("Their sessions end at once. Everybody else types their six words again."),
            gettext_lazy("Their account stays. Switch it off too if they leave."),
        ),
        gettext_lazy("Take access away"),
        gettext_lazy("%(name)s has no access any more, and the desk has a new key."),
        lambda member, by, phrase: keyholders.revoke(member=member, by=by, phrase=phrase),
    ),
    "lost": Act(
        gettext_lazy("%(name)s has lost their six words"),
        (
            gettext_lazy("Nobody can tell or reset lost words. Their key is taken away, as somebody may find them."),
            gettext_lazy("The desk gets a new key. Everybody else types their six words again."),
            gettext_lazy("Next they sign in and make new words. Then you give them access again."),
        ),
        gettext_lazy("Take the lost key away"),
        gettext_lazy("The lost key is gone. Ask %(name)s to sign in and make new words, then give them access."),
        lambda member, by, phrase: keyholders.forget(member=member, by=by, phrase=phrase),
    ),
    "rotate": Act(
        gettext_lazy("Make a new desk key"),
        (
            gettext_lazy("Tips that come from now on are sealed to the new key. Older tips stay readable."),
            gettext_lazy("Everybody types their six words again."),
            gettext_lazy("Where the form runs on a machine of its own, copy the new desk.pub there."),
            gettext_lazy("Make a new backup of ring.age afterwards, and destroy the older copies."),
        ),
        gettext_lazy("Make a new key"),
        gettext_lazy("The desk has a new key. Now seal the kept tips to it."),
        lambda _member, by, phrase: keyholders.rotate(by=by, phrase=phrase),
        takes_member=False,
    ),
    "retire": Act(
        gettext_lazy("Remove the oldest desk key"),
        (
            gettext_lazy("What was sealed to it can never be opened again, not from any backup either."),
            gettext_lazy("This works only when nothing needs the key: no stored tip, no outbox, no machine."),
            gettext_lazy("Make a new backup of ring.age afterwards, and destroy the older copies."),
        ),
        gettext_lazy("Remove it for good"),
        gettext_lazy("The oldest key is gone from the ring."),
        lambda _member, by, phrase: key_rotation.retire(by=by, phrase=phrase, now=timezone.now()),
        takes_member=False,
    ),
}


class ActForm(PhraseForm):
    """The lead's own words, and for a grant the last group of the fingerprint as the colleague reads it."""

    heard = forms.CharField(
        label=gettext_lazy("The last five digits that they read to you"),
        max_length=10,
        error_messages={"required": gettext_lazy("Type the last five digits that they read to you.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, fingerprint: str = "", **kwargs: Any) -> None:
        """Ask for the digits only where a fingerprint is compared."""
        super().__init__(*args, **kwargs)
        self.last_group = fingerprint[-5:]
        if not fingerprint:
            del self.fields["heard"]

    def clean_heard(self) -> str:
        """Refuse a key that is not the one the colleague has."""
        heard = "".join(self.cleaned_data["heard"].split())
        if heard != self.last_group:
            raise forms.ValidationError(
                _("That is not how this key's fingerprint ends. Do not give access. Compare again, slowly.")
            )
        return heard


@for_leads
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody with their role and key, who is invited, and the desk's own keys."""
    staff = User.objects.filter(is_superuser=False).select_related("member").prefetch_related("groups")
    context = page(request, title=_("People and keys")) | {
        "staff": [(user, getattr(user, "member", None)) for user in staff.order_by("-is_active", "username")],
        "invitations": Invitation.objects.all(),
        "nodes": Node.objects.all(),
        **_desk_keys(request),
    }
    return TemplateResponse(request, "admin/people/list.html", context)


@for_leads
def act(request: HttpRequest, name: str, pk: int | None = None) -> HttpResponse:
    """Say what an act leads to; do it with the lead's words, typed for it, and with nothing that the session holds."""
    wanted = ACTS[name]
    member = row_or_404(Member.objects.select_related("user"), user=pk) if wanted.takes_member else None
    fingerprint = keyring.fingerprint(member.recipient) if member and name == "grant" else ""
    form = ActForm(request.POST or None, fingerprint=fingerprint)
    named = {"name": member.user.get_username() if member else ""}
    if request.method == "POST" and form.is_valid() and _done(request, wanted, member, form):
        messages.success(request, str(wanted.done) % named)
        return redirect("admin:people")
    context = page(request, title=str(wanted.title) % named) | {
        "act": wanted,
        "phrase_form": form,
        "first_groups": fingerprint[:-5],
    }
    return TemplateResponse(request, "admin/people/act.html", context)


@require_POST
@for_leads
def reseal(request: HttpRequest) -> HttpResponse:
    """Seal kept tips to the current key for two seconds at the most; the page shows how far that came."""
    keys = lock.keys_of(request)
    if keys is None:
        return redirect(unlock_first(reverse("admin:people")))
    until, before, progress = time.monotonic() + RESEAL_FOR, -1, key_rotation.progress()
    while progress.left and progress.done != before and time.monotonic() < until:
        before = progress.done
        progress = key_rotation.step(by=cast("User", request.user), keys=keys)
    if progress.left and progress.done == before:
        messages.error(request, _("What is left does not open with the desk's keys. Its tips say so on their pages."))
    return redirect("admin:people")


def _done(request: HttpRequest, wanted: Act, member: Member | None, form: ActForm) -> bool:
    """Do the act; False, with the reason beside the words, when it is refused."""
    try:
        keys = wanted.do(cast("Member", member), cast("User", request.user), form.cleaned_data["phrase"])
    except Refused as refusal:
        form.add_error("phrase", str(refusal))
        return False
    lock.renew(request, keys)
    return True


def _desk_keys(request: HttpRequest) -> dict[str, Any]:
    """Return what the page says of the desk's own keys; a `desk.pub` that cannot be used is said, too."""
    now = timezone.now()
    try:
        current = desk.public_key()
    except DeskBroken as problem:
        return {"desk_problem": str(problem)}
    keys = lock.keys_of(request)
    return {
        "current": current,
        "desk_fingerprint": keyring.fingerprint(current.recipient),
        "older": len(keys.identities) - 1 if keys else None,
        "strays": [keyring.fingerprint(recipient) for recipient in keys.strays] if keys else [],
        "progress": key_rotation.progress(),
        "due": key_rotation.due(now=now),
        "hindrances": key_rotation.hindrances(index=current.index - 1, now=now),
    }
