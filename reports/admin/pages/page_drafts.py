"""Drafts on the desk's pages: what a member typed and did not save stands in its boxes again.

A page says which fields it keeps: `for_page`, then `draw` for each of its forms. All of them stand in one `<form>`,
which includes `admin/_draft.html`: a signed field that says whose page it is, what it is about, and what each field
began from. So a submit, or a script a second after typing stops, can keep what was changed, and nothing else that a
request holds.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt

from core.rights import STAFF, needs
from core.sent import sent_text
from reports.domain import drafts
from reports.domain.drafts import PageDraft
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.models import Enquiry, Referral, Tip

KEPT = "We kept what you typed as a draft. It is not saved yet."
SALT = "streetlight page of a draft"
_NO_FILES: MultiValueDict[str, Any] = MultiValueDict()

type Posted = MultiValueDict[str, str]  # a form's fields as a browser sent them


class DraftForm(forms.Form):
    """A draft that one of a page's buttons names."""

    unwanted = forms.UUIDField(required=False)


@dataclass(frozen=True)
class DraftPage:
    """One load of a page, as its signed field names it."""

    id: uuid.UUID
    member: int
    target: str
    tip: uuid.UUID | None
    at: str  # the page's own address
    restored: set[uuid.UUID]  # the drafts whose text the page took over
    began: dict[str, str]  # by name of a field: the digest of what was shown
    seen: dict[str, str]  # by name of a hidden field: its value, such as the version that was shown

    def token(self) -> str:
        """Return the signed field's value."""
        over = [str(draft) for draft in self.restored]
        facts = [
            str(self.id),
            self.member,
            self.target,
            str(self.tip or ""),
            self.at,
            over,
            self.began,
            self.seen,
        ]
        return signing.dumps(facts, salt=SALT, compress=True)

    def changed(self, posted: Posted) -> dict[str, list[str]]:
        """Return the values of those fields that were changed since the page was drawn."""
        return {
            name: values
            for name, values in self.sent(posted).items()
            if _digest(values) != self.began[name]
        }

    def sent(self, posted: Posted) -> dict[str, list[str]]:
        """Return the values of the page's own fields, and of no others."""
        return {name: posted.getlist(name) for name in self.began}


def page_of(posted: Posted) -> DraftPage | None:
    """Return the page that a form was sent from; None if it names none, or a forged or outdated one."""
    try:
        facts = signing.loads(sent_text(posted, "draft"), salt=SALT, max_age=drafts.KEPT)
        page, member, target, tip, at, over, began, seen = facts
    except signing.BadSignature:
        return None
    return DraftPage(
        id=uuid.UUID(page),
        member=member,
        target=target,
        tip=uuid.UUID(tip) if tip else None,
        at=at,
        restored=set(map(uuid.UUID, over)),
        began=began,
        seen=seen,
    )


def is_our_own(request: HttpRequest) -> bool:
    """Return whether a page of this site sent the request, as its browser says."""
    here = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") in (here, *settings.CSRF_TRUSTED_ORIGINS)


def _own_page(request: HttpRequest, posted: Posted | None = None) -> DraftPage | None:
    page = page_of(posted or request.POST)
    if page and page.member == request.user.pk:
        return page
    return None


class PageDrafts:
    """The drafts of a page that is being drawn. `may_save` is False for a member whose drafts cannot be kept."""

    def __init__(
        self,
        page: DraftPage,
        offered: Sequence[PageDraft],
        *,
        before: DraftPage | None,
        may_save: bool,
        waiting: int,
    ) -> None:
        """Take the page, the drafts that it may show, the newest first, and the load that it was sent from."""
        self.may_save = may_save
        self.waiting = waiting
        self.moved_on = False
        self.restored = False
        self.colleagues = drafts.colleagues(member=page.member, target=page.target)
        self.typed: dict[str, list[str]] = {}  # by field name: what stands in the boxes again
        self.box = ""  # the id of one of these boxes
        self._page = page
        self._offered = offered
        self._before = before

    def draw[Form: forms.BaseForm](self, form: Form) -> Form:
        """List a form's fields as the page's own, and fill one that is not bound with what was typed."""
        before = self._before if form.is_bound and self._before else None
        hidden = {name for name, field in form.fields.items() if field.widget.is_hidden}
        taken: dict[str, str] = {}
        for field in form.fields.keys() - hidden:
            name = form.add_prefix(field)
            initial = _digest(_values(form, field))
            self._page.began[name] = before.began.get(name, initial) if before else initial
            taken |= self._take(name, initial, form)
            if name in self.typed and not self.box:
                self.box = form[field].id_for_label
        for field in hidden:
            name = form.add_prefix(field)
            value = "".join(_values(form, field))
            self._page.seen[name] = (
                before.seen.get(name, value) if before else taken.get(name, value)
            )
            if name in taken:
                self.typed[name] = [taken[name]]
        if not form.is_bound:
            self._fill(form)
        return form

    def _take(self, name: str, initial: str, form: forms.BaseForm) -> dict[str, str]:
        """Put the newest draft of a field in its box unless that shows the same anyway; return what it began from."""
        draft = next((one for one in self._offered if name in one.typed), None)
        if draft is None or (_digest(draft.typed[name]) == initial and not form.is_bound):
            return {}
        self.typed[name] = draft.typed[name]
        self._page.began[name] = draft.began_from.get(name, "")
        self.moved_on |= not form.is_bound and self._page.began[name] != initial
        self.restored |= self._before is None or draft.page != self._before.id
        return draft.began_from

    def _fill(self, form: forms.BaseForm) -> None:
        for field, its in form.fields.items():
            name = form.add_prefix(field)
            values = self.typed.get(name)
            if values is not None:
                sent = QueryDict(mutable=True)
                if values:
                    sent.setlist(name, values)
                form.initial[field] = its.widget.value_from_datadict(sent, _NO_FILES, name)

    def holds(self, form: forms.BaseForm, fields: Iterable[str]) -> bool:
        """Return whether something was typed in one of these fields of a form and not saved."""
        names = {form.add_prefix(field) for field in fields}
        return any(names & draft.typed.keys() for draft in self._offered)

    @property
    def token(self) -> str:
        """Return the signed field's value, once all forms are drawn."""
        over = {draft.page for draft in self._offered if draft not in self.others}
        if self._before and self._before.id in over:
            over |= self._before.restored
        return replace(self._page, restored=over).token()

    @property
    def others(self) -> list[PageDraft]:
        """Return the drafts that do not stand in the boxes as a whole, to be shown beside them."""
        return [draft for draft in self._offered if not self._stands_whole(draft)]

    def _stands_whole(self, draft: PageDraft) -> bool:
        return all(self._stands(name, values) for name, values in draft.typed.items())

    def _stands(self, name: str, values: list[str]) -> bool:
        """Return whether a field of the page shows these values."""
        current = _digest(self.typed[name]) if name in self.typed else self._page.began.get(name)
        return current == _digest(values)


def for_page(
    request: HttpRequest, *, target: str, tip: Tip | None = None, keys: Keys | None = None
) -> PageDrafts:
    """Return the drafts of a page that is being drawn, for the member who asks.

    After a submit that was not carried out, all that was sent is among them. Without keys nothing is opened: `waiting`
    says how many drafts there are.
    """
    by = cast("User", request.user)
    before = _own_page(request)
    if before and before.target != target:
        before = None
    at = before.at if before else request.path
    page = DraftPage(uuid.uuid4(), by.pk, target, tip.pk if tip else None, at, set(), {}, {})
    sent = []
    known = set()
    if before:
        known = {before.id, *before.restored}
        typed = before.changed(request.POST)
        sent = [PageDraft(before.id, timezone.localdate(), typed, before.began | before.seen)]
    may_save = drafts.may_keep(user=by)
    stored = []
    if may_save and keys:
        stored = drafts.offered(by=by, target=target, keys=keys)
    waiting = 0
    if may_save and not keys:
        waiting = drafts.waiting(by=by, target=target, besides=known)
    offered = [*sent, *(draft for draft in stored if draft.page not in known)]
    return PageDrafts(page, offered, before=before, may_save=may_save, waiting=waiting)


def kept_for(request: HttpRequest) -> bool:
    """Return whether what the member types is kept."""
    return drafts.may_keep(user=cast("User", request.user))


def names(form: forms.BaseForm) -> set[str]:
    """Return the names of a form's fields as the page sends them."""
    return {form.add_prefix(name) for name in form.fields}


def save(request: HttpRequest, *, used: Collection[str] = (), posted: Posted | None = None) -> bool:
    """Keep what a submit sends of its page's fields, but for those that were used up; says so if it cannot.

    `posted` is an earlier submit of the member's that was carried here. Returns True if something is kept. Does nothing
    for what names no page of the member's.
    """
    page = _own_page(request, posted)
    if page is None:
        return False
    try:
        return _keep(request, page, posted or request.POST, used)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return False


def set_apart(request: HttpRequest, form: forms.BaseForm) -> str:
    """Keep what a submit sends, what stands in one form in a draft of its own, which goes once that form is done.

    Returns the signed field with which the page that asks for the words sends the form on; "" for no page of ours.
    """
    page = _own_page(request)
    own = names(form)
    posted = request.POST.copy()
    if page and not page.began.keys() <= own:  # else it is that page's own submit
        began = {name: digest for name, digest in page.began.items() if name in own}
        apart = uuid.uuid5(
            page.id, request.path
        )  # the same again, should the member go back and press once more
        posted["draft"] = replace(page, id=apart, restored=set(), began=began).token()
        save(request, posted=posted)
        save(request, used=own)
    elif page:
        save(request)
    if page:
        return sent_text(posted, "draft")
    return ""


def save_all(request: HttpRequest) -> str:
    """Keep all that a button beside the page's own acts sends, say so, and return the page's address; "" for none."""
    if save(request):
        messages.info(request, KEPT)
    page = _own_page(request)
    return page.at if page else ""


def _keep(
    request: HttpRequest, page: DraftPage, posted: Posted, used: Collection[str] = ()
) -> bool:
    typed = {name: values for name, values in page.changed(posted).items() if name not in used}
    return drafts.keep(
        page=page.id,
        by=cast("User", request.user),
        target=page.target,
        tip=page.tip,
        typed=typed,
        began_from=page.began | page.seen,
        restored=page.restored,
    )


@csrf_exempt  # the signed field does as much, and outlives a sign-in in another tab
@needs(post=STAFF)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a page's draft, as its script asks a second after typing stops.

    It asks for no keys, so it neither needs an unlocked desk nor keeps one from locking.
    """
    page = _own_page(request) if is_our_own(request) else None
    if page is None:
        return HttpResponse(status=400)
    if not kept_for(request):
        return HttpResponse(status=403)
    try:
        _keep(request, page, request.POST)
    except Refused as refusal:
        return HttpResponse(str(refusal), status=409, content_type="text/plain")
    return HttpResponse(status=204)


@needs(get=STAFF)
def connection(request: HttpRequest) -> HttpResponse:
    """Say that this site can be reached, as a page's script asks before it sends what was typed."""
    return HttpResponse(status=204)


@needs(post=STAFF)
def stay(request: HttpRequest) -> HttpResponse:
    """Keep a page's draft, and show the page again: for those without scripts, and for Enter in a box of several."""
    return redirect(save_all(request) or "admin:index")


@needs(post=STAFF)
def discard(request: HttpRequest) -> HttpResponse:
    """Discard another draft that a page shows, and keep what is typed; or all that the page itself holds."""
    page = _own_page(request)
    form = DraftForm(request.POST)
    if page is None or not form.is_valid():
        return redirect("admin:index")
    if unwanted := form.cleaned_data["unwanted"]:
        save(request)
    drafts.drop(
        by=cast("User", request.user), pages={unwanted} if unwanted else {page.id, *page.restored}
    )
    return redirect(page.at)


# What the boxes of a tip's page hold, by the beginning of their names.
WRITING = {
    "save-note": "You were writing a note on %(name)s",
    "write-": "You were writing a message on %(name)s",
    "wording-": "You were writing our wording of %(name)s",
}


def unfinished(request: HttpRequest, keys: Keys | None) -> list[tuple[str, str]]:
    """Return the address and a sentence for each page on which the member typed something and did not save it.

    A locked desk says no more than which page it is.
    """
    lines = []
    for draft in drafts.unfinished(by=cast("User", request.user), keys=keys):
        address, name = _place(draft)
        typed = _writing(draft.boxes)
        sentence = "You were writing on %(name)s"
        if len(typed) == 1:
            sentence = typed.pop()
        if name:
            lines.append((address, sentence % {"name": name}))
    return lines


def _writing(boxes: Collection[str]) -> set[Any]:
    """Return the sentences of WRITING that are about one of these boxes."""
    found = set()
    for beginning, sentence in WRITING.items():
        if any(box.startswith(beginning) for box in boxes):
            found.add(sentence)
    return found


def _place(draft: drafts.Unfinished) -> tuple[str, str]:
    """Return the address and the name of what a draft is about; no name if that is gone."""
    kind, _colon, pk = draft.target.partition(":")
    if draft.tip:
        page = "change" if kind == "tip" else kind
        return reverse(f"admin:reports_tip_{page}", args=[draft.tip.pk]), draft.tip.reference
    if kind == "call":
        return reverse("admin:reports_tip_record"), "a tip from a call"
    rows: dict[str, Any] = {"enquiry": Enquiry.objects, "referral": Referral.objects}
    row = rows[kind].filter(pk=pk).first() if kind in rows else None
    if row:
        return (reverse(f"admin:reports_{kind}_change", args=[pk]), str(row))
    return ("", "")


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses to which pages send their drafts."""
    return [
        path("draft/", wrap(keep), name="reports_draft"),
        path("draft/stay/", wrap(stay), name="reports_draft_stay"),
        path("draft/connection/", wrap(connection), name="reports_connection"),
        path("draft/discard/", wrap(discard), name="reports_draft_discard"),
    ]


def _values(form: forms.BaseForm, name: str) -> list[str]:
    """Return what a browser sends of a field that nobody has touched."""
    field = form.fields[name]
    value = field.prepare_value(form.get_initial_for_field(field, name))
    if isinstance(field.widget, forms.CheckboxInput):
        if field.widget.check_test(value):
            return ["on"]
        return []
    values = value if isinstance(value, list | tuple | set) else [value]
    return [str(one) for one in values if one is not None]


def _digest(values: Iterable[str]) -> str:
    """Return a short digest of a field's values; "" for nothing."""
    text = sorted(value.replace("\r\n", "\n") for value in values if value)
    if text:
        return hashlib.sha256(json.dumps(text).encode()).hexdigest()[:12]
    return ""
