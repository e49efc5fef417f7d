"""The people of the desk and its keys, for leads: who has access, and every act that changes the ring."""

import time
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from reports.admin import lock
from reports.admin.lock import PhraseForm, page, unlock_first
from reports.domain import desk, key_rotation
from reports.domain.errors import DeskBroken, Refused, WrongWords
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.people import second_person
from reports.models import Invitation, Member, Node
from reports.sealing import keyring

RESEAL_FOR = 2.0  # seconds that one press of the button works at the most

for_leads = permission_required("reports.run_desk", raise_exception=True)


@for_leads
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody with their role and key, who is invited, and the desk's own keys."""
    staff = User.objects.filter(is_superuser=False).select_related("member").prefetch_related("groups")
    rows = [(user, getattr(user, "member", None)) for user in staff.order_by("-is_active", "username")]
    lost = keyholders.taken_away(members=[member for _user, member in rows if member])
    new = second_person.unsettled()
    context = page(request, title=_("People and keys")) | {
        "staff": [
            (user, member, lost.get(user.get_username()), new.get(user.get_username()[:60])) for user, member in rows
        ],
        "invitations": Invitation.objects.all(),
        "nodes": Node.objects.all(),
        **_desk_keys(request),
    }
    return TemplateResponse(request, "admin/reports/keys/people.html", context)


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
        messages.error(request, _("What is left does not open with the desk’s keys. Its tips say so on their pages."))
    return redirect("admin:people")


class KeyActionForm(PhraseForm):
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
                _("That is not how this key’s fingerprint ends. Do not give access. Compare again, slowly.")
            )
        return heard


@method_decorator(for_leads, name="dispatch")
class KeyActionView(FormView):
    """One change of the ring: says what it leads to, and does it with the lead's words, typed for it.

    Nothing that the session holds counts.
    """

    form_class, template_name = KeyActionForm, "admin/reports/keys/change.html"
    success_url = reverse_lazy("admin:people")
    action: ClassVar[str]
    title: ClassVar[str | Promise]
    consequences: ClassVar[tuple[str | Promise, ...]]
    button: ClassVar[str | Promise]
    done: ClassVar[str | Promise]
    takes_member: ClassVar[bool] = True
    member: Member

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Keep who acts."""
        super().setup(request, *args, **kwargs)
        self.by = cast("User", request.user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the member whose key it is about."""
        if self.takes_member:
            user = get_object_or_404(User, pk=kwargs["pk"])
            self.member = get_object_or_404(Member.objects.select_related("user"), user=user)
        return super().dispatch(request, *args, **kwargs)

    def fingerprint(self) -> str:
        """Return the fingerprint to compare, where one is."""
        return ""

    def change(self, phrase: str) -> Keys:
        """Call the verb and return the keys that it leaves; may raise Refused."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the fingerprint whose end is asked for."""
        return super().get_form_kwargs() | {"fingerprint": self.fingerprint()}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do it; a refusal stands beside the words."""
        try:
            keys = self.change(form.cleaned_data["phrase"])
        except WrongWords:
            cast("KeyActionForm", form).say_wrong(self.request)
            return self.form_invalid(form)
        except Refused as refusal:
            form.add_error("phrase", str(refusal))
            return self.form_invalid(form)
        lock.renew(self.request, keys)
        messages.success(self.request, self._named(self.done))
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the act is called and leads to, and the fingerprint but for its end."""
        context = super().get_context_data(**kwargs) | page(self.request, title=self._named(self.title))
        return context | {"phrase_form": context["form"], "first_groups": self.fingerprint()[:-5]}

    def _named(self, sentence: str | Promise) -> str:
        return str(sentence) % {"name": self.member.user.get_username() if self.takes_member else ""}


class StraysView(KeyActionView):
    """Takes keys away that belong to nobody."""

    action, title = "strays", gettext_lazy("Take away keys that belong to nobody")
    consequences = (
        gettext_lazy("Somebody may have changed a colleague’s key in the database, or removed their account."),
        gettext_lazy("Before this: find out who could write to the database, and copy it together with desk/."),
        gettext_lazy("The desk gets a new key that these never open. Everybody types their six words again."),
    )
    button = gettext_lazy("Take them away")
    done = gettext_lazy("The desk opens for its members and the recovery sheet only, and has a new key.")
    takes_member = False

    def change(self, phrase: str) -> Keys:
        """Do it."""
        return keyholders.expel(by=self.by, phrase=phrase)


class GrantView(KeyActionView):
    """Gives a member access, whose fingerprint was compared."""

    action, title = "grant", gettext_lazy("Give %(name)s access")
    consequences = (
        gettext_lazy("They will be able to open every tip that the desk can open, old and new."),
        gettext_lazy("Meet or phone them. Let them read the fingerprint of their key to you, all five groups."),
    )
    button = gettext_lazy("Give access")
    done = gettext_lazy("Now %(name)s has access. They unlock the desk with their own six words.")

    def change(self, phrase: str) -> Keys:
        """Do it."""
        return keyholders.grant(member=self.member, by=self.by, phrase=phrase)

    def fingerprint(self) -> str:
        """Return that of the member's key."""
        return keyring.fingerprint(self.member.recipient)


class RevokeView(KeyActionView):
    """Takes a member's access away."""

    action, title = "revoke", gettext_lazy("Take access away from %(name)s")
    consequences = (
        gettext_lazy("The desk gets a new key that they never see. They open nothing that comes from now on."),
        gettext_lazy("What they could open until now they may have kept. Nobody can undo that."),
        gettext_lazy("Their sessions end at once. Everybody else types their six words again."),
        gettext_lazy("Their account stays. Switch it off too if they leave."),
    )
    button = gettext_lazy("Take access away")
    done = gettext_lazy("From now on %(name)s has no access, and the desk has a new key.")

    def change(self, phrase: str) -> Keys:
        """Do it."""
        return keyholders.revoke(member=self.member, by=self.by, phrase=phrase)


class LostView(KeyActionView):
    """Takes the key away of a member who has lost their words."""

    action, title = "lost", gettext_lazy("%(name)s has lost their six words")
    consequences = (
        gettext_lazy("Nobody can tell or reset lost words. Their key is taken away, as somebody may find them."),
        gettext_lazy("The desk gets a new key. Everybody else types their six words again."),
        gettext_lazy("Next they sign in and make new words. Then you give them access again."),
    )
    button = gettext_lazy("Take the lost key away")
    done = gettext_lazy("The lost key is gone. Ask %(name)s to sign in and make new words, then give them access.")

    def change(self, phrase: str) -> Keys:
        """Do it."""
        return keyholders.forget(member=self.member, by=self.by, phrase=phrase)


class RotateView(KeyActionView):
    """Makes a new desk key."""

    action, title = "rotate", gettext_lazy("Make a new desk key")
    consequences = (
        gettext_lazy("Tips that come from now on are sealed to the new key. Older tips stay readable."),
        gettext_lazy("Everybody types their six words again."),
        gettext_lazy("Where the form runs on a machine of its own, copy the new desk.pub there."),
        gettext_lazy("Make a new backup of ring.age afterwards, and destroy the older copies."),
    )
    button = gettext_lazy("Make a new key")
    done = gettext_lazy("The desk has a new key. Now seal the kept tips to it.")
    takes_member = False

    def change(self, phrase: str) -> Keys:
        """Do it."""
        return keyholders.rotate(by=self.by, phrase=phrase)


class RetireView(KeyActionView):
    """Removes the oldest desk key."""

    action, title = "retire", gettext_lazy("Remove the oldest desk key")
    consequences = (
        gettext_lazy("What was sealed to it can never be opened again, not from any backup either."),
        gettext_lazy("This works only when nothing needs the key: no stored tip, no outbox, no machine."),
        gettext_lazy("Make a new backup of ring.age afterwards, and destroy the older copies."),
    )
    button = gettext_lazy("Remove it for good")
    done = gettext_lazy("The oldest key is gone from the ring.")
    takes_member = False

    def change(self, phrase: str) -> Keys:
        """Do it."""
        return key_rotation.retire(by=self.by, phrase=phrase, now=timezone.now())


VIEWS: tuple[type[KeyActionView], ...] = (StraysView, GrantView, RevokeView, LostView, RotateView, RetireView)


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
