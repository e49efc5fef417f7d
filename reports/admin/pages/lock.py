"""The desk's lock: its pages, and the only place that puts keys into a session and takes them out again.

The session's data is sealed under the cookie (reports/security/sessions.py), and the keys in it under a file of this
machine's (reports/domain/people/session_files.py), so they are at rest nowhere in clear.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from core.rights import needs
from core.sent import sent_text
from core.text import plural
from reports.admin.pages import page_drafts
from reports.domain.audit import verification
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.errors import Refused, WrongWords
from reports.domain.intake import outbox
from reports.domain.keys import keyholders, passphrases
from reports.domain.keys.keyholders import Keys
from reports.domain.people import session_files
from reports.domain.people.accounts import Reauthentication
from reports.domain.rights import READ_TIP
from reports.domain.tips import opening
from reports.domain.triage import alarm, triaging
from reports.models import Tip
from reports.models.tips import URGENT
from reports.security.sessions import row_of

SLOT = "desk"
NEXT = "next"  # in a session: the tip that “Read next” came from last, and where it led
DECIDED = "decided"  # hashes of texts whose copies “Read next” leaves for last
DECIDED_MOST = 100


def keys_of(request: HttpRequest) -> Keys | None:
    """Return the session's keys and note that the member is there; None, and no keys left, once a limit has passed.

    Nobody needs to be there for what a script of a page sends, such as a draft: that holds no limit off.
    The same when the desk has another key by now: these would open nothing that is new.
    """
    if not request.user.is_authenticated or SLOT not in request.session:
        return None
    keys = _keys_in_session(request)
    if keys is None or keys.outdated():
        _drop(request)
        return None
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        session_files.touch(row_of(request))
    keyholders.prove(keys=keys)
    return keys


def locks_in(keys: Keys) -> int:
    """Return in how many seconds the desk of these keys locks itself if its member does nothing from now on."""
    in_all = settings.ABSOLUTE_LOCK - (time.time() - keys.since)
    return max(0, int(min(settings.IDLE_LOCK, in_all)))


def renew(request: HttpRequest, keys: Keys) -> None:
    """Put the keys that an act on the key file gave into a session whose desk is open; a locked one stays locked."""
    if SLOT in request.session:
        _hold(request, keys)


def unlock_session(request: HttpRequest, *, passphrase: str) -> Keys:
    """Unlock this session's desk with the member's passphrase; raises Refused with what to do."""
    keys = keyholders.unlock(user=cast("User", request.user), passphrase=passphrase)
    _hold(request, keys)
    if keys.strays:
        messages.warning(
            request, "A key that belongs to nobody here can open tips. Tell a team lead today."
        )
    if verification.head_problems():
        messages.warning(
            request, "Part of the audit log was removed or rewritten. Tell a team lead today."
        )
    return keys


def lock(request: HttpRequest) -> None:
    """Lock this session's desk."""
    if SLOT in request.session:
        if keys := _keys_in_session(request):
            keyholders.lock(user=cast("User", request.user), keys=keys)
        _drop(request)


def safe_next(request: HttpRequest, *, default: str) -> str:
    """Return the address in the request's `next` when it is one of the desk's own, else the default."""
    address = sent_text(request.POST, "next") or sent_text(request.GET, "next")
    here = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if here and address.startswith(reverse("admin:index")):
        return address
    return default


def _hold(request: HttpRequest, keys: Keys) -> None:
    """Put the keys into a new session: the cookie of the one before opens nothing."""
    request.session.cycle_key()
    audit_keys = keys.audit_keys or AuditKeys(())
    content = {
        "identities": keys.identities,
        "index": keys.index,
        "strays": keys.strays,
        "audit_keys": [(first, key.hex()) for first, key in audit_keys.keys],
        "stood_at": audit_keys.stood_at,
    }
    request.session[SLOT] = {
        "sealed": session_files.seal(content, row=row_of(request), since=keys.since)
    }


def _keys_in_session(request: HttpRequest) -> Keys | None:
    """Return the keys in the session, if its file is there."""
    opened = session_files.opened(request.session[SLOT].get("sealed", ""), row=row_of(request))
    if opened is None:
        return None
    content, since = opened
    stood_at = None
    if content["stood_at"]:
        stood_at = (int(content["stood_at"][0]), str(content["stood_at"][1]))
    by_checkpoint = tuple((first, bytes.fromhex(key)) for first, key in content["audit_keys"])
    audit_keys = AuditKeys(by_checkpoint, stood_at)
    return Keys(
        tuple(content["identities"]),
        since=since,
        index=content["index"],
        strays=tuple(content["strays"]),
        audit_keys=audit_keys,
    )


def _drop(request: HttpRequest) -> None:
    """Take the keys out, under a new session: a slower request of the old one cannot write them back."""
    request.session.pop(SLOT, None)
    request.session.cycle_key()


log = logging.getLogger(__name__)


PLAIN = {
    "autocomplete": "off",
    "autocapitalize": "none",
    "spellcheck": "false",
}  # of a box that no browser helps with


class PassphraseInput(forms.PasswordInput):
    """A box that never comes back filled; hidden by CSS and not by its type, so that no browser offers to keep it."""

    input_type = "text"


class PassphraseForm(forms.Form):
    """The member's six words."""

    passphrase = forms.CharField(
        label="Your six words",
        max_length=200,
        error_messages={"required": "Type your six words."},
        widget=PassphraseInput(attrs=PLAIN | {"class": "words"}),
    )

    def unlock(self, request: HttpRequest) -> Keys | None:
        """Return the keys that the words give, and None with the reason beside the field when they give none."""
        return self._opened(request, partial(unlock_session, request))

    def reauthenticate(self, request: HttpRequest) -> Reauthentication | None:
        """Return that it is the member; None with the reason beside the field when the words do not show it."""
        return self._opened(
            request, partial(passphrases.reauthenticate, user=cast("User", request.user))
        )

    def _opened[Opened](self, request: HttpRequest, verb: Callable[..., Opened]) -> Opened | None:
        if not self.is_valid():
            return None
        try:
            return verb(passphrase=self.cleaned_data["passphrase"])
        except WrongWords:
            told = passphrases.after_wrong(
                user=cast("User", request.user), passphrase=self.cleaned_data["passphrase"]
            )
            self.add_error("passphrase", told)
        except Refused as refusal:
            self.add_error("passphrase", str(refusal))
        return None


@needs(READ_TIP)
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the passphrase; go on to `next` once it opens the desk. What was typed on the page before is kept."""
    before = page_drafts.save_all(request)
    form = PassphraseForm(
        None if before and "passphrase" not in request.POST else request.POST or None
    )
    target = safe_next(request, default=before or reverse("admin:index"))
    if request.method == "POST" and (keys := form.unlock(request)):
        open_new(request, keys)
        messages.success(request, "The desk is unlocked.")
        _say_unfinished(request, keys, target)
        return redirect(target)
    if not form.is_bound and keys_of(request):
        return redirect(target)
    state = keyholders.state_of(cast("User", request.user))
    context = page(request, title="Unlock the desk") | {
        "passphrase_form": form,
        "next": target,
        "key_state": state,
    }
    return TemplateResponse(request, "admin/reports/pages/unlock.html", context)


@needs(post=READ_TIP)
def lock_now(request: HttpRequest) -> HttpResponse:
    """Lock the desk and go back to the first screen. What was typed on the page before is kept."""
    page_drafts.save_all(request)
    lock(request)
    messages.success(request, "The desk is locked.")
    return redirect("admin:index")


@needs(READ_TIP)
def read_next(request: HttpRequest) -> HttpResponse:
    """Go to the tip that should be read next."""
    if (keys := keys_of(request)) is None:
        return redirect(unlock_first(request.get_full_path()))
    let_in(request)
    after = (
        Tip.objects.visible_to(request.user)
        .filter(reference=sent_text(request.GET, "after"))
        .first()
    )
    decided = request.session.get(DECIDED, [])
    if (
        after
        and after.decided
        and (text := opening.alike(tip=after, keys=keys)) not in ("", *decided)
    ):
        decided = request.session[DECIDED] = [*decided, text][-DECIDED_MOST:]
    by = cast("User", request.user)
    since = datetime.fromtimestamp(keys.since, UTC)
    came_from, led_to = request.session.get(NEXT, ("", ""))
    # A second click on the same button leads to the same tip: the first has opened it, and perhaps nobody saw it.
    again = (
        Tip.objects.visible_to(by).filter(pk=led_to, decided=None, assignee=None)
        if led_to
        else Tip.objects.none()
    )
    tip = triaging.next_to_read(by=by, after=after, decided=decided, since=since, keys=keys)
    twice = again.first() if after and came_from == after.reference else None
    if twice and (twice.rank == URGENT or not tip or tip.rank != URGENT):
        tip = twice
    if tip is None:
        _say_read_all(request, urgent=Tip.objects.visible_to(by).urgent_waiting().count())
        return redirect("admin:reports_tip_changelist")
    request.session[NEXT] = (after.reference if after else "", str(tip.pk))
    return redirect("admin:reports_tip_change", tip.pk)


def _say_read_all(request: HttpRequest, *, urgent: int) -> None:
    """Say that nothing is left to read; that urgent tips still have nobody is a warning that leads to them."""
    read = "You have read every tip."
    if not urgent:
        messages.success(request, read)
        return
    still = plural(urgent, f"Nobody has {urgent} urgent tip.", f"Nobody has {urgent} urgent tips.")
    listed = f"{reverse('admin:reports_tip_changelist')}?waiting=urgent"
    messages.warning(request, format_html('{} <a href="{}">{}</a>', read, listed, still))


def unlock_first(path: str) -> str:
    """Return the address of the unlock page that comes back to `path`."""
    return f"{reverse('admin:unlock')}?{urlencode({'next': path})}"


def let_in(request: HttpRequest) -> None:
    """Drain the outbox, and open what is new when the desk is unlocked; a failure leaves everything where it waits."""
    try:
        outbox.drain()
    except (OSError, DatabaseError):
        log.warning("drain failed; entries wait in the outbox", exc_info=True)
    if keys := keys_of(request):
        open_new(request, keys)


def open_new(request: HttpRequest, keys: Keys) -> None:
    """Unseal new tips in bounded time, reopen what says danger now, and say how many are left."""
    if not opening.open_new(by=cast("User", request.user), keys=keys):
        return
    alarm.reopen(tips=Tip.objects.all())
    if left := opening.left():
        message = plural(
            left,
            f"{left} new message is still locked. Each page that you open unlocks more.",
            f"{left} new messages are still locked. Each page that you open unlocks more.",
        )
        messages.info(request, message)


def keys_or_unlocked(
    request: HttpRequest, form: PassphraseForm, *, fresh: bool = False
) -> Keys | None:
    """Return the session's keys; on a locked desk, those that a passphrase sent along with the act gives.

    A `fresh` act takes none, although the desk stays open, from ten minutes after its passphrase on.
    """
    keys = keys_of(request)
    if keys and (not fresh or keys.fresh(now=time.time())):
        return keys
    keys = form.unlock(request) if "passphrase" in request.POST else None
    if keys:
        open_new(request, keys)
    return keys


def _say_unfinished(request: HttpRequest, keys: Keys, target: str) -> None:
    """Lead back to what the member wrote last and did not save, unless the next page shows it."""
    lines = []
    if target != reverse("admin:index"):
        lines = page_drafts.unfinished(request, keys)[:1]
    for address, sentence in lines:
        if address != target:
            messages.info(request, format_html('<a href="{}">{}</a>', address, sentence))


def page(request: HttpRequest, *, title: str) -> dict[str, Any]:
    """Return what every page of the admin needs: also after how long the desk locks itself, idle and in all."""
    limits = {
        "idle_minutes": settings.IDLE_LOCK // 60,
        "lock_hours": settings.ABSOLUTE_LOCK // 3600,
    }
    return {**admin.site.each_context(request), "title": title, **limits}
