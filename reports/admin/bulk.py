"""Acts on several tips at once: each through its verb, with its own record; one message says what came of it."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from reports.admin import history, lock, tip_actions
from reports.admin.lock import PhraseForm, keys_or_unlocked, page
from reports.domain import triage
from reports.domain.errors import Refused
from reports.domain.triage.queue import PAGE
from reports.models import Label, Status, Tip

type Choices = Iterable[tuple[Any, str | Promise]]

RIGHT = "reports.triage_tip"


def _assign(request: HttpRequest, tip: Tip) -> str:
    to = tip_actions.colleague(request.POST.get("assign", ""))
    triage.assign(tip=tip, to=to, by=cast("User", request.user))
    return _("given to %(name)s") % {"name": to.get_username() if to else _("nobody")}


def _move(request: HttpRequest, tip: Tip) -> str:
    triage.move(tip=tip, to=request.POST.get("move", ""), by=cast("User", request.user))
    return _("moved to “%(status)s”") % {"status": tip.get_status_display()}


def _spam(request: HttpRequest, tip: Tip) -> str:
    triage.move(tip=tip, to=Status.SPAM, by=cast("User", request.user))
    return _("marked as spam")


def _label(request: HttpRequest, tip: Tip) -> str:
    found = tip_actions.label_of(request.POST.get("label", ""))
    triage.label(tip=tip, label=found, by=cast("User", request.user))
    return _("labelled “%(label)s”") % {"label": found.name}


class Bulk(NamedTuple):
    """An act on each of several tips, and what is chosen for it; without choices it is one button."""

    act: tip_actions.Act
    button: str | Promise
    choices: Callable[[], Choices] | None = None


BULK: dict[str, Bulk] = {
    "assign": Bulk(
        tip_actions.Act(_assign, gettext_lazy("Give to"), stale_after=("assigned",)),
        gettext_lazy("Give"),
        lambda: [("", _("Nobody")), *triage.members().values_list("pk", "username")],
    ),
    "move": Bulk(
        tip_actions.Act(_move, gettext_lazy("Move to"), stale_after=("moved",)),
        gettext_lazy("Move"),
        lambda: [choice for choice in Status.choices if choice[0] not in (Status.NEW, Status.SPAM)],
    ),
    "label": Bulk(
        tip_actions.Act(_label, gettext_lazy("Label")),
        gettext_lazy("Label"),
        lambda: [(one.pk, one.name) for one in Label.objects.filter(retired=False)],
    ),
    "spam": Bulk(
        tip_actions.Act(_spam, gettext_lazy("Mark as spam"), stale_after=("moved",)), gettext_lazy("Mark as spam")
    ),
}


class Offer(NamedTuple):
    """A bulk act as the queue draws it."""

    name: str
    label: str | Promise
    button: str | Promise
    choices: list[tuple[Any, str | Promise]]


def offered(user: User) -> list[Offer]:
    """Return what the member may do with several tips at once."""
    return [
        Offer(name, one.act.name, one.button, list(one.choices() if one.choices else ()))
        for name, one in BULK.items()
        if user.has_perm(one.act.right)
    ]


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the address, below the tips'."""
    return [path("bulk/", wrap(bulk), name="reports_tip_bulk")]


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one act on each chosen tip and go back to where it was asked for; a locked desk keeps the choice."""
    wanted = BULK.get(request.POST.get("do", ""))
    if not request.user.has_perms(["reports.view_tip", wanted.act.right if wanted else RIGHT]):
        raise PermissionDenied
    back = redirect(lock.safe_next(request, default=reverse("admin:reports_tip_changelist")))
    chosen = request.POST.getlist("tip")
    if problem := _problem(wanted, chosen):
        messages.error(request, problem)
        return back
    form = PhraseForm(request.POST)
    if keys_or_unlocked(request, form) is None:
        return _ask_phrase(request, form, cast("Bulk", wanted))
    _each(request, cast("Bulk", wanted), chosen)
    return back


def _problem(wanted: Bulk | None, chosen: list[str]) -> str:
    if wanted is None:
        return _("Choose what to do with the tips.")
    if not chosen:
        return _("Tick at least one tip first.")
    if len(chosen) > PAGE:
        return _("That is more than %(most)d tips. Nothing was done.") % {"most": PAGE}
    return ""


def _each(request: HttpRequest, wanted: Bulk, chosen: list[str]) -> None:
    """Do it to each tip by itself, and say how many went and which were refused, and why."""
    visible = Tip.objects.visible_to(request.user).in_bulk([UUID(pk) for pk in chosen if _is_uuid(pk)])
    done: dict[str, int] = {}
    refused = []
    for tip in visible.values():
        try:
            said = tip_actions.do(request, tip, wanted.act)
        except Refused as refusal:
            refused.append(f"{tip.reference}: {history.meanwhile(refusal)}")
        else:
            done[said] = done.get(said, 0) + 1
    if gone := len(set(chosen)) - len(visible):
        refused.append(
            ngettext("%(gone)d is not there any more.", "%(gone)d are not there any more.", gone) % {"gone": gone}
        )
    went = [
        ngettext("%(count)d tip %(said)s.", "%(count)d tips %(said)s.", count) % {"count": count, "said": said}
        for said, count in done.items()
    ] or [_("Nothing was changed.")]
    if refused:
        went.append(ngettext("Refused: %(count)d.", "Refused: %(count)d.", len(refused)) % {"count": len(refused)})
    (messages.warning if refused else messages.success)(request, " ".join([*went, *refused]))


def _ask_phrase(request: HttpRequest, form: PhraseForm, wanted: Bulk) -> HttpResponse:
    """Show what was chosen, kept until the words are there."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "phrase")
        for value in values
    ]
    context = page(request, title=_("The desk has locked")) | {
        "kept": kept,
        "act": wanted.act.name,
        "count": len(request.POST.getlist("tip")),
        "phrase_form": form if "phrase" in request.POST else PhraseForm(),
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/bulk/locked.html", context)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
