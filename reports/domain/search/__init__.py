"""Search over sealed tips: digests are opened in memory and looked through, some at a time; no index lies in clear.

Two things are recorded before anything is shown: the search, with its words sealed for the leads, and each tip whose
snippet is shown. A request searches for at most SECONDS, and says how far it came.
"""

import re
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import questions
from reports.domain import audit
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed
from reports.domain.search import snippets
from reports.domain.search.snippets import Snippet
from reports.domain.tips import digests, opening, reasons
from reports.models import AuditAct, Digest, Search, Segment, Tip, TipQuerySet, hidden_from
from reports.models.digests import KEPT_DAYS
from reports.sealing import query, segment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGE = 20  # results that are shown, and so glimpsed, at once
SECONDS = 2.0  # for looking through, in one request
READ = 4  # segments that are read at once
START = ""
# Where a search goes on: after a loose digest's tip, or in a segment below a place.
POSITION = re.compile(rf"loose (?P<loose>{ID.pattern})|packed(?: (?P<number>[0-9]{{1,15}})\.(?P<within>[0-9]{{1,4}}))?")
GOES_ON = timedelta(hours=1)  # for which its pages are one search on the record


class Filters(NamedTuple):
    """Filters by columns of the tip; empty for any value."""

    status: str = ""
    area: str = ""
    week: date | None = None

    def narrow(self) -> dict[str, Any]:
        """Return the filters that are set, by column."""
        columns = {"status": self.status, "area": self.area, "received": self.week}
        return {column: value for column, value in columns.items() if value}


@dataclass(frozen=True)
class Hit:
    """One matching tip and its snippets."""

    tip: Tip
    snippets: tuple[Snippet, ...] = field(repr=False)

    @property
    def place(self) -> Any:
        """The part of town that stands in the tip's row."""
        return questions.label("area", self.tip.area) if self.tip.area else ""


@dataclass(frozen=True)
class Found:
    """The hits of one request, its progress, and the position where the next goes on ("": the search is complete)."""

    hits: tuple[Hit, ...]
    searched: int
    total: int
    onward: str = ""
    preparing: bool = False  # tips are being packed first: nothing was looked through yet
    search: uuid.UUID | None = None


class _Batch(NamedTuple):
    """A batch of candidates, the last first, and the position after each."""

    tips: list[uuid.UUID]
    onward: list[str]
    after: str  # where to go on when the whole batch is done


def search(
    *,
    words: str,
    by: "User",
    keys: "Keys",
    filters: Filters | None = None,
    position: str = START,
    search_id: str = "",
    seconds: float = SECONDS,
) -> Found:
    """Return up to PAGE tips that hold all the words, recent packs first, from `position` on; Refused without words."""
    terms = query.terms(words)
    if not terms:
        raise Refused(_("Type a word, a number plate, a phone number, a postcode or a username."))
    filters = filters or Filters()
    search_pk = _record(words=words, filters=filters, by=by, keys=keys, again=search_id)
    until = time.monotonic() + seconds
    if not _prepared(keys, until):
        done, total = digests.ready()
        return Found((), done, total, position, preparing=True, search=search_pk)
    visible = Tip.objects.visible_to(by).filter(**filters.narrow()).select_related("assignee")
    tips, onward = _collect(_candidates(terms, keys, position), visible, until)
    with transaction.atomic():
        answers = opening.glimpse(tips=tips, by=by, keys=keys)
    hits = tuple(Hit(tip, snippets.cut(answers[tip.pk], terms)) for tip in tips)
    searched, total = _progress(onward)
    hidden = Digest.objects.filter(tip__in=hidden_from(by)).count()  # as if they did not exist
    return Found(hits, max(searched - hidden, 0), total - hidden, onward, search=search_pk)


def words_of(*, rows: Sequence[Search], by: "User", keys: "Keys") -> dict[uuid.UUID, str]:
    """Return the words of searches, after recording that a lead has read them."""
    reasons.require_lead(by=by)
    audit.record_each(by=by, act=AuditAct.READ_SEARCH, subjects=[str(row.pk) for row in rows])
    return {row.pk: _told(row, keys) for row in rows}


def forget_old(*, today: date) -> int:
    """Delete the words of searches older than half a year; the audit log keeps that there were searches."""
    return Search.objects.filter(since__lt=today - timedelta(days=KEPT_DAYS)).delete()[0]


def _record(*, words: str, filters: Filters, by: "User", keys: "Keys", again: str) -> uuid.UUID:
    """Record a search, once for all its pages within GOES_ON, and return its id."""
    content = {"words": words[: query.LONGEST], **{name: str(value) for name, value in filters.narrow().items()}}
    lately = Search.objects.filter(author=by.get_username(), at__gt=timezone.now() - GOES_ON)
    older = lately.filter(pk=again).first() if ID.fullmatch(again) else None
    try:
        if older is not None and sealed.opened(older, keys=keys) == content:
            return older.pk
    except Swapped:
        pass
    new = Search(id=uuid.uuid4(), author=by.get_username())
    sealed.fill(new, content)
    with transaction.atomic():
        new.save(force_insert=True)
        audit.record(by=by, act=AuditAct.SEARCHED, subject=str(new.pk), rows=audit.Rows([new], keys=keys))
    return new.pk


def _told(row: Search, keys: "Keys") -> str:
    try:
        content = sealed.opened(row, keys=keys)
    except Swapped as problem:
        return str(problem)
    more = [f"{name} {value}" for name, value in content.items() if name != "words"]
    return f"{content['words']} ({', '.join(more)})" if more else str(content["words"])


def _prepared(keys: "Keys", until: float) -> bool:
    """Write missing digests and pack loose ones; return True once all can be searched, False when the time is up."""
    while time.monotonic() < until:
        if not opening.digest_missing(keys=keys) and not digests.prepare(keys=keys):
            return True
    return False


def _collect(batches: Iterable[_Batch], visible: TipQuerySet, until: float) -> tuple[list[Tip], str]:
    """Return up to PAGE tips, and the position after the last of them, or where the time was up."""
    tips: list[Tip] = []
    for batch in batches:
        rows = visible.in_bulk(batch.tips) if batch.tips else {}
        for pk, onward in zip(batch.tips, batch.onward, strict=True):
            if pk in rows:
                tips.append(rows[pk])
            if len(tips) == PAGE:
                return tips, onward
        if time.monotonic() >= until:
            return tips, batch.after
    return tips, START


def _candidates(terms: list[query.Term], keys: "Keys", position: str) -> Iterator[_Batch]:
    """Yield batches of matching tips: the loose digests, then each segment, the newest first."""
    match = POSITION.fullmatch(position)
    if match is None or match["loose"]:
        yield _loose(terms, keys, uuid.UUID(match["loose"]) if match else None)
    number, within = (int(match[name] or 0) for name in ("number", "within")) if match else (0, 0)
    yield from _packed(terms, keys, number, within)


def _loose(terms: list[query.Term], keys: "Keys", after: uuid.UUID | None) -> _Batch:
    rows = Digest.objects.filter(segment=None).order_by("-tip_id")
    if after:
        rows = rows.filter(tip_id__lt=after)
    opened = digests.opened(rows[: digests.LOOSE], keys=keys)
    matching = [tip for tip, plain in opened if segment.matches(plain, terms)]
    return _Batch(matching, [f"loose {pk}" for pk in matching], "packed")


def _packed(terms: list[query.Term], keys: "Keys", number: int, within: int) -> Iterator[_Batch]:
    """Yield each segment's matches, from `number` down (0: the newest); in that one, only positions below `within`."""
    cipher, rows = digests.ciphers(keys), Segment.objects.defer("texts").order_by("-number")
    segments = rows.filter(number__lte=number - (within == 0)) if number else rows
    while chunk := list(segments[:READ]):
        for row in chunk:
            places = digests.holding(row, terms, cipher=cipher)
            if row.number == number:
                places = [(place, tip) for place, tip in places if place < within]
            onward = [f"packed {row.number}.{place}" for place, _ in places]
            yield _Batch([tip for _, tip in places], onward, f"packed {row.number}.0")
        segments = rows.filter(number__lt=chunk[-1].number)


def _progress(onward: str) -> tuple[int, int]:
    """Return how many tips have been searched, and how many there are."""
    (_, total), match = digests.ready(), POSITION.fullmatch(onward)
    if match is None:
        return total, total
    if match["loose"]:
        return 0, total
    left = Segment.objects.all()
    if match["number"]:  # a segment of which something is left counts as a whole
        left = left.filter(number__lte=int(match["number"]) - (match["within"] == "0"))
    return total - (left.aggregate(sum=Sum("count"))["sum"] or 0), total
