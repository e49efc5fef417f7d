"""What can be done from a pack's page, one row each: the verb, and what it takes of the desk."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import lock, packpage
from reports.admin.lock import PhraseForm, keys_or_unlocked
from reports.admin.tip import Pending, State
from reports.domain import handover
from reports.domain.errors import Refused
from reports.domain.handover import departure, second_reader
from reports.domain.keys.keyholders import Keys
from reports.models import Entry, Pack, PackPicture, Partner


class Act(NamedTuple):
    """One act: what is done (it returns what to tell the member), its name, and what it takes of the desk."""

    do: Callable[[HttpRequest, Pack], str]
    name: str | Promise
    keys: Literal["none", "held"] = "none"


def _by(request: HttpRequest) -> User:
    return cast("User", request.user)


def _held(request: HttpRequest) -> Keys:
    """Return the session's keys, which an act that takes them has by now."""
    return cast("Keys", lock.keys_of(request))


def _sign(request: HttpRequest, pack: Pack) -> str:
    handover.sign(pack=pack, seen=request.POST.get("seen", ""), by=_by(request), keys=_held(request))
    return _("You have signed %(pack)s.") % {"pack": pack.reference}


def _alone(request: HttpRequest, pack: Pack) -> str:
    seen, now = request.POST.get("seen", ""), timezone.now()
    handover.sign_alone(pack=pack, seen=seen, by=_by(request), keys=_held(request), now=now)
    return _("%(pack)s is signed, by you alone. It says so.") % {"pack": pack.reference}


def _danger(request: HttpRequest, pack: Pack) -> str:
    handover.name_danger(pack=pack, reason=request.POST.get("danger", ""), by=_by(request))
    return _("Saved, and on the record.")


def _withdraw(request: HttpRequest, pack: Pack) -> str:
    handover.withdraw(pack=pack, by=_by(request))
    return _("%(pack)s is withdrawn.") % {"pack": pack.reference}


def _confirm(request: HttpRequest, pack: Pack) -> str:
    reference, who = request.POST.get("reference", ""), request.POST.get("who", "")
    departure.confirm(pack=pack, reference=reference, who=who, by=_by(request))
    return _("Confirmed. Its tips are passed on, and deleted 30 days from now unless an enquiry needs them.")


def _choose(request: HttpRequest, pack: Pack) -> str:
    entry, _colon, number = request.POST.get("picture", "").partition(":")
    try:
        found = Entry.objects.select_related("tip").get(pk=entry)
        at = int(number)
    except (Entry.DoesNotExist, ValidationError, ValueError) as error:
        raise Refused(_("There is no such picture.")) from error
    second_reader.choose(pack=pack, entry=found, number=at, by=_by(request), keys=_held(request))
    return _("The picture is in the pack. Now somebody else has to look at it.")


def _vouch(request: HttpRequest, pack: Pack) -> str:
    second_reader.vouch(picture=_picture(request, pack), by=_by(request))
    return _("You say that this picture gives nobody away.")


def _leave_out(request: HttpRequest, pack: Pack) -> str:
    second_reader.leave_out(picture=_picture(request, pack), by=_by(request))
    return _("The picture stays here.")


def _picture(request: HttpRequest, pack: Pack) -> PackPicture:
    chosen = request.POST.get("picture", "")
    found = pack.pictures.filter(pk=chosen).first() if chosen.isdecimal() else None
    if found is None:
        raise Refused(_("There is no such picture."))
    return found


ACTS: dict[str, Act] = {
    "sign": Act(_sign, gettext_lazy("Sign this pack"), keys="held"),
    "alone": Act(_alone, gettext_lazy("Let your signature count"), keys="held"),
    "danger": Act(_danger, gettext_lazy("Name the danger")),
    "withdraw": Act(_withdraw, gettext_lazy("Withdraw this pack")),
    "confirm": Act(_confirm, gettext_lazy("Record that the police have it")),
    "choose": Act(_choose, gettext_lazy("Put a picture in"), keys="held"),
    "vouch": Act(_vouch, gettext_lazy("Vouch for a picture")),
    "leave-out": Act(_leave_out, gettext_lazy("Leave a picture out")),
}


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' addresses: `<pack>/<name>/`, called `reports_pack_<name>`."""
    return [
        *(path(f"<uuid:pk>/{name}/", wrap(partial(act, name=name)), name=f"reports_pack_{name}") for name in ACTS),
        path("<uuid:pk>/export/", wrap(export), name="reports_pack_export"),
    ]


@require_POST
def act(request: HttpRequest, pk: str, name: str) -> HttpResponse:
    """Do one act on a pack, say what was done, and go back; a refusal keeps what was typed."""
    pack, wanted, form = packpage.pack_for(request, pk), ACTS[name], PhraseForm(request.POST)
    if wanted.keys == "held" and keys_or_unlocked(request, form) is None:
        return _ask_phrase(request, pack, form, name=str(wanted.name))
    try:
        messages.success(request, wanted.do(request, pack))
    except Refused as refusal:
        return _refused(request, pack, refusal, act=name)
    return redirect("admin:reports_pack_change", pack.pk)


@require_POST
def export(request: HttpRequest, pk: str) -> HttpResponse:
    """Send a signed pack as a file, with words typed within ten minutes, after its leaving is recorded."""
    pack, form = packpage.pack_for(request, pk), PhraseForm(request.POST)
    keys = keys_or_unlocked(request, form, fresh=True)
    if keys is None:
        return _ask_phrase(request, pack, form, name=_("Export this pack"))
    chosen = request.POST.get("partner", "")
    partner = get_object_or_404(Partner, pk=chosen) if chosen.isdecimal() else None
    try:
        kind = request.POST.get("kind", "")
        file = departure.export(pack=pack, kind=kind, partner=partner, by=_by(request), keys=keys)
    except Refused as refusal:
        return _refused(request, pack, refusal, act="export")
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(file.data, content_type=file.type, headers=headers)


def _refused(request: HttpRequest, pack: Pack, refusal: Refused, *, act: str) -> HttpResponse:
    """Say why, on the page in its newest state, with what was typed in its place."""
    pack.refresh_from_db()
    return packpage.show(request, pack, State(act, request.POST, str(refusal)))


def _ask_phrase(request: HttpRequest, pack: Pack, form: PhraseForm, *, name: str) -> HttpResponse:
    """Show the locked pack with the act and everything that was typed in it, ready to go on."""
    asked = form if "phrase" in request.POST else PhraseForm()
    pending = Pending.of(request, name=name)
    return packpage.show(request, pack, State(pending=pending, phrase_form=asked))
