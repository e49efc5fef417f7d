"""Drafts: what a member has typed on a page of the desk and not saved, sealed, for that member alone.

A draft belongs to one load of a page, so two tabs never overwrite each other. Keeping one needs no keys. Every
keyholder holds the keys that open it; that no page shows it to another member is a rule of the program. Nothing of a
draft goes on the record: nobody has decided anything yet.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from reports.domain import state_files
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.models import Draft, Link, Member, ReferralPart, Tip, hidden_from

ROOM = 256 * 1024  # bytes of everything that one page keeps
KEPT = timedelta(days=14)

# Records that hold tips: what is written there may speak of each of them, also of one that was taken out.
_HOLD: dict[str, tuple[type[Link | ReferralPart], str]] = {
    "referral": (ReferralPart, "referral"),
    "enquiry": (Link, "enquiry"),
    "outcome": (Link, "enquiry"),
}

_SIGNER = signing.Signer(
    salt="streetlight draft"
)  # whoever writes to the database alone cannot put words in a box


MOST = 30  # drafts that a member is reminded of


class Unfinished(NamedTuple):
    """What a member has been writing about: a target, its tip if it has one, and on an unlocked desk the boxes."""

    target: str
    tip: Tip | None
    boxes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PageDraft:
    """A draft that was opened: the page load, its day, and the values by field name."""

    page: uuid.UUID
    day: date
    typed: dict[str, list[str]] = field(repr=False)
    began_from: dict[str, str] = field(
        repr=False
    )  # by field name: the version or the digest that the text began from

    @property
    def texts(self) -> list[str]:
        """Return what was typed, without what was left empty."""
        return [value for value in chain.from_iterable(self.typed.values()) if value.strip()]


def may_keep(*, user: User) -> bool:
    """Return whether a member's drafts can be kept: those of a member without a key could never be shown to them."""
    return Member.objects.filter(user=user.pk, granted__isnull=False).exists()


def keep(
    *,
    page: uuid.UUID,
    by: User,
    target: str,
    tip: uuid.UUID | None,
    typed: Mapping[str, Sequence[str]],
    began_from: Mapping[str, str],
    restored: Collection[uuid.UUID] = (),
) -> bool:
    """Keep what stands in a page's boxes, in place of what was kept of it before; with nothing typed, its draft goes.

    Returns True if something is kept. The `restored` drafts, whose text the page took over, go too.
    Needs no keys, so it works on a locked desk. Does nothing for a member without a key. Raises DeskBroken, and Refused
    for too much, and for a page that was another member's, or about something else, or about what is hidden from them.
    """
    if not may_keep(user=by):
        return False
    content = {
        "typed": {name: list(values) for name, values in typed.items()},
        "began_from": dict(began_from),
    }
    text = json.dumps(content | {"at": time.time()}, ensure_ascii=False)
    if len(_bytes(text)) > ROOM:
        raise Refused(
            "This text is too long to keep as a draft. Save it, or copy it to a safe place."
        )
    draft = Draft(id=page, author=by, tip_id=tip, target=target, day=timezone.localdate())
    with transaction.atomic():
        if typed:
            sealed.fill(draft, {"text": text, "mark": _signature(draft, text)})
            _require_own(draft)
            draft.save()
        drop(by=by, pages={*restored} - {page} if typed else {*restored, page})
    return bool(typed)


def _require_own(draft: Draft) -> None:
    """Raise Refused for a page that is not its author's, or is about something that they may not see."""
    older = Draft.objects.select_for_update().filter(pk=draft.pk).first()
    if older and (older.author_id, older.target) != (draft.author_id, draft.target):
        raise Refused("This page belongs to someone else, so we did not keep a draft.")
    if (
        draft.tip_id
        and not Tip.objects.filter(pk=draft.tip_id)
        .exclude(pk__in=hidden_from(draft.author))
        .exists()
    ):
        raise Refused("This tip no longer exists, so we did not keep a draft.")
    if _is_hidden(draft.target, draft.author):
        raise Refused("You said that you know someone in this tip, so we did not keep a draft.")


def drop(*, by: User, pages: Collection[uuid.UUID]) -> int:
    """Delete a member's own drafts that were used or are not wanted any more; return how many there were."""
    return _of(by).filter(pk__in=pages).delete()[0]


def offered(*, by: User, target: str, keys: Keys) -> list[PageDraft]:
    """Return a member's own drafts of a target, newest first; one that does not open, or was altered, is left out.

    There are none of a referral or an enquiry with a tip that is hidden from them, in whatever order that came to be.
    """
    if _is_hidden(target, by):
        return []
    opened = filter(None, (_opened(draft, keys) for draft in _of(by).filter(target=target)))
    return [draft for _at, draft in sorted(opened, key=lambda one: one[0], reverse=True)]


def waiting(*, by: User, target: str, besides: Collection[uuid.UUID] = ()) -> int:
    """Return how many drafts a member has of a target, which a locked desk can say."""
    if _is_hidden(target, by):
        return 0
    return _of(by).filter(target=target).exclude(pk__in=besides).count()


def colleagues(*, member: int, target: str) -> list[str]:
    """Return which other members have unsaved text on a target's page, by name; a new target is nobody else's."""
    others = Draft.objects.filter(target=target, target__contains=":").exclude(author=member)
    return sorted(set(others.values_list("author__username", flat=True)))


def unfinished(*, by: User, keys: Keys | None = None) -> list[Unfinished]:
    """Return what a member's own newest drafts are about, each target once; nothing that is hidden from them.

    Without keys only their days are known. With keys one that does not open is left out.
    """
    rows = _of(by).exclude(tip__in=hidden_from(by)).select_related("tip").order_by("-day")[:MOST]
    listed = [(0.0, frozenset[str](), row) for row in rows if not _is_hidden(row.target, by)]
    if keys:
        opened = ((_opened(row, keys), row) for _at, _boxes, row in listed)
        listed = [(pair[0], frozenset(pair[1].typed), row) for pair, row in opened if pair]
        listed.sort(key=lambda draft: draft[0], reverse=True)
    latest: dict[str, Unfinished] = {}
    for _at, boxes, row in listed:
        latest.setdefault(row.target, Unfinished(row.target, row.tip, boxes))
    return list(latest.values())


def forget(*, user: User) -> None:
    """Delete all drafts of a member who has left."""
    _of(user).delete()


def forget_hidden(*, user: User) -> None:
    """Delete a member's drafts about tips that are hidden from them, and about what such a tip is part of."""
    hidden = [
        page for page, target in _of(user).values_list("pk", "target") if _is_hidden(target, user)
    ]
    _of(user).filter(Q(tip__in=hidden_from(user)) | Q(pk__in=hidden)).delete()


def forget_old(*, now: datetime) -> int:
    """Delete drafts whose time is over, and return how many went; SQLite's log is emptied of them."""
    gone = Draft.objects.filter(day__lt=timezone.localdate(now) - KEPT).delete()[0]
    if gone:
        transaction.on_commit(state_files.empty_write_ahead_log)
    return gone


def _is_hidden(target: str, user: User) -> bool:
    """Return whether a target holds, or held, a tip that is hidden from the member."""
    kind, _colon, key = target.partition(":")
    if kind not in _HOLD:
        return False
    part, holder = _HOLD[kind]
    return part._default_manager.filter(**{holder: key}, tip__in=hidden_from(user)).exists()  # noqa: SLF001


def _of(user: User) -> QuerySet[Draft]:
    return Draft.objects.filter(author=user.pk)


def _signature(draft: Draft, text: str) -> str:
    digest = hashlib.sha256(_bytes(text)).hexdigest()
    return _SIGNER.signature(f"{draft.pk}:{draft.author_id}:{draft.target}:{digest}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half a pair, which a phone can send, survives


def _opened(draft: Draft, keys: Keys) -> tuple[float, PageDraft] | None:
    """Return when something was typed last and the draft; None for one that is not as its author's page sealed it."""
    try:
        content: dict[str, Any] = unsealed.bundle(draft, keys=keys).content
    except Swapped:
        return None
    text = str(content.get("text", ""))
    if content.get("mark") != _signature(draft, text):
        return None
    inside = json.loads(text)
    return inside["at"], PageDraft(draft.pk, draft.day, inside["typed"], inside["began_from"])
