"""What a member posted after they had been signed out, or had signed in again elsewhere: carried on, never done.

It stands as ciphertext in the page that answers, and nowhere else: in no anonymous session and in no table. Once the
member whose page it was signs in, it is their draft. Only what a page of the desk sent is carried: its signed field
names member and record, and its Origin is ours.
"""

import base64
import json
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple, cast

from django.contrib import admin, messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from newsroom.admin.carried import CarriedFieldForm
from newsroom.admin.rights import STAFF, needs
from newsroom.domain import carried_form
from reports.admin import drafts as pages
from reports.admin.lock import page
from reports.domain import drafts
from reports.domain.errors import Refused
from reports.models import Draft
from reports.security import errors

_SIGNER = signing.TimestampSigner(salt="streetlight carried text")


class Carried(NamedTuple):
    """What a page carries: the field's value, whose it is, and the address of the page that it is of.

    A text of the desk is a sealed draft that is in no table yet; a story's form opens at its own address.
    """

    token: str
    member: int
    at: str
    draft: Draft | None = None
    restored: dict[uuid.UUID, str] = {}

    @property
    def goes_to(self) -> str:
        """Return the address that takes it."""
        return reverse("admin:reports_draft_carried") if self.draft else self.at


def posted(request: HttpRequest) -> Carried | None:
    """Return what a request posted of its page, sealed; None if it is not to be carried.

    That is a request that another site sent, that names no page of ours, or with nothing typed or too much in it; and
    a page of the desk of somebody without a key, who could not open it.
    """
    if request.method != "POST" or not pages.is_our_own(request):
        return None
    return _of_the_desk(request) or _of_a_story(request)


def _of_the_desk(request: HttpRequest) -> Carried | None:
    sent = pages.page_of(request)
    member = User.objects.filter(pk=sent.member, is_active=True).first() if sent else None
    if sent is None or member is None or not drafts.may_keep(user=member):
        return None
    try:
        draft = pages.sealed(sent, by=member, posted=request.POST)
    except Refused:
        return None
    return _signed(draft, sent) if draft else None


def _of_a_story(request: HttpRequest) -> Carried | None:
    form = CarriedFieldForm(request.POST)
    page_named = carried_form.page_of(form.cleaned_data["signed_page"]) if form.is_valid() else None
    if page_named is None:
        return None
    member, at = page_named
    typed = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    token = carried_form.seal(member=member, at=at, typed=typed)
    return Carried(token, member, at) if token else None


def again(request: HttpRequest) -> Carried | None:
    """Return what the page before carried; None for nothing, and for what we have not signed, or too long ago."""
    form = CarriedFieldForm(request.POST)
    token = form.cleaned_data["carried"] if form.is_valid() else ""
    if story := carried_form.opened(token):
        return Carried(token, story.member, story.at)
    try:
        facts = json.loads(_SIGNER.unsign(token, max_age=drafts.KEPT))
    except signing.BadSignature:
        return None
    page_id, member, record, tip, at, restored, day, key_index, sealed = facts
    draft = Draft(
        id=uuid.UUID(page_id),
        author_id=member,
        record=record,
        tip_id=uuid.UUID(tip) if tip else None,
        day=date.fromisoformat(day),
        key_index=key_index,
        sealed=base64.b64decode(sealed),
    )
    return Carried(token, member, at, draft, {uuid.UUID(one): mark for one, mark in restored.items()})


def _signed(draft: Draft, sent: pages.Page) -> Carried:
    restored, tip = {str(one): mark for one, mark in sent.restored.items()}, str(draft.tip_id or "")
    sealed = base64.b64encode(bytes(draft.sealed)).decode()
    facts = [str(draft.pk), draft.author_id, draft.record, tip, sent.at, restored]
    token = _SIGNER.sign(json.dumps([*facts, draft.day.isoformat(), draft.key_index, sealed]))
    return Carried(token, draft.author_id, sent.at, draft, sent.restored)


def adopt(request: HttpRequest, carried: Carried) -> HttpResponse | None:
    """Give it to the member who has signed in, if it is theirs; anybody else's is dropped.

    A text of the desk becomes a draft. For a story's form the page is returned that leads back to it, once its editor
    presses the button.
    """
    by, draft = cast("User", request.user), carried.draft
    if by.pk != carried.member or (draft and not drafts.may_keep(user=by)):
        messages.warning(request, _("What was typed before was typed by somebody else. It was dropped."))
    elif draft is None:
        return _held(request, carried, title=_("You are signed in"))
    else:
        _store(request, draft, carried.restored)
    return None


def _store(request: HttpRequest, draft: Draft, restored: dict[uuid.UUID, str]) -> None:
    try:
        drafts.store(draft, restored=restored)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(request, pages.KEPT)


@needs(post=STAFF)
def go_on(request: HttpRequest) -> HttpResponse:
    """Take what the page about an outdated form carried, and go to the page that it is of."""
    carried = again(request)
    if carried is None:
        return redirect("admin:index")
    return adopt(request, carried) or redirect(carried.at)


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the address to which the page about an outdated form sends on what it carries."""
    return [path("draft/carried/", wrap(go_on), name="reports_draft_carried")]


def outdated(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form with an outdated CSRF token, and carry what it sent.

    Most often somebody has signed in again in another tab, or their session has ended with the browser.
    """
    carried = posted(request) or again(request) if hasattr(request, "user") and pages.is_our_own(request) else None
    if carried is None:
        return errors.stale_form(request, reason)
    if request.user.is_anonymous:
        return sign_in_first(request, carried)
    return _held(request, carried, title=_("You signed in again after this page was opened"), status=403)


def _held(request: HttpRequest, carried: Carried, *, title: str, status: int = 200) -> HttpResponse:
    context = page(request, title=title) | {"carried": carried}
    return TemplateResponse(request, "admin/reports/sign_in/outdated.html", context, status=status)


def sign_in_first(request: HttpRequest, carried: Carried) -> HttpResponse:
    """Return the sign-in page with what is carried, in answer to what a member posted who is signed out."""
    form = cast("type[AuthenticationForm]", admin.site.login_form)(request)
    own = {"form": form, "app_path": reverse("admin:login"), "next": carried.at, "carried": carried}
    context = page(request, title=_("Sign in")) | own
    return TemplateResponse(request, "admin/login.html", context, status=403)
