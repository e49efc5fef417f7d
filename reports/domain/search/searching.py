"""Search over sealed tips: their digests are opened in memory and looked through; no index lies in clear.

Two things are recorded before anything is shown: the search, with its words sealed for the team leads, and each tip
whose snippet is shown.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from reports import questions
from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.search import scan, snippets
from reports.domain.search.snippets import Snippet
from reports.domain.tips import digests, opening, reasons
from reports.models import AuditAct, Search, Tip, TipQuerySet
from reports.models.digests import KEPT_DAYS
from reports.sealing import query

PAGE = 20  # results that are shown, and so glimpsed, at once


# What a sender ticked of the police, the most careful first; `consent.police` also counts what was left open.
POLICE = ("no", "words", "yes", "unsaid")


class Filters(NamedTuple):
    """Filters by columns of the tip, empty for any value; and whether tips at the end of the queue are searched too.

    What follows is encrypted, and looked for in digests: what a sender ticked, and a language's code.
    """

    status: str = ""
    area: str = ""
    at_end: bool = False
    danger: bool = False
    under_18: bool = False
    police: str = ""  # one of POLICE
    language: str = ""

    def narrow(self, tips: TipQuerySet) -> TipQuerySet:
        """Return the tips that the filters leave."""
        columns = {"status": self.status, "area": self.area}
        left = tips if self.at_end else tips.without_end()
        return left.filter(**{column: value for column, value in columns.items() if value})

    def matcher(self) -> Callable[[bytes], bool]:
        """Return a test of whether a digest, in clear, says what is encrypted of these."""
        needed = []
        if self.under_18:
            needed.append([digests.fact("under_18", "yes")])
        if self.police and self.police != "unsaid":
            needed.append([digests.fact("police", self.police)])
        if self.language:
            needed.append([digests.fact("language", self.language)])
        if self.danger:
            needed.append([digests.fact("danger", "yes"), digests.fact("danger", "unsure")])
        barred = []
        if self.police:
            more_careful = POLICE[: POLICE.index(self.police)]
            barred = [digests.fact("police", value) for value in more_careful]

        def says(plain: bytes, one_of: Iterable[bytes]) -> bool:
            return any(fact in plain for fact in one_of)

        return lambda plain: (
            all(says(plain, one_of) for one_of in needed) and not says(plain, barred)
        )

    def beside(self, words: str) -> str:
        """Return a search's words and the filters that are set, for the team leads who read them."""
        named = {"status": self.status, "area": self.area}
        if self.at_end:
            named["end of the queue"] = "searched"
        if self.danger:
            named["danger"] = "yes or unsure"
        if self.under_18:
            named["under 18"] = "yes"
        named |= {"police": self.police, "language": self.language}
        filters = ", ".join(f"{name} {value}" for name, value in named.items() if value)
        if filters:
            return f"{words} ({filters})".strip()
        return words


@dataclass(frozen=True)
class TipHit:
    """One matching tip and its snippets."""

    tip: Tip
    snippets: tuple[Snippet, ...] = field(repr=False)

    @property
    def place(self) -> Any:
        """The area that stands in the tip's row."""
        if self.tip.area:
            return questions.label("area", self.tip.area)
        return ""


@dataclass(frozen=True)
class Found:
    """A page of hits, the number of all hits, and the number of tips that were searched."""

    hits: tuple[TipHit, ...]
    count: int
    searched: int
    onward: int | None = None  # how many hits come before the next page; None on the last


def search(
    *, words: str, by: User, keys: Keys, filters: Filters | None = None, after: int = 0
) -> Found:
    """Return up to PAGE tips that hold all the words, the newest first, without the first `after`.

    Raises Refused without words and filters. Each page is recorded as a search.
    """
    terms = query.terms(words)
    filters = filters or Filters()
    if not terms and not any(filters):
        raise Refused(
            "Type a word, a number plate, a phone number, a postcode or a username, or choose a filter."
        )
    _record(words=words, filters=filters, by=by)
    left = filters.narrow(Tip.objects.visible_to(by))
    has_words = query.matcher(terms)
    fits_filters = filters.matcher()
    results, searched = scan.look_through(
        left, test=lambda plain: has_words(plain) and fits_filters(plain), keys=keys
    )
    page = list(results)[after : after + PAGE]
    rows = Tip.objects.select_related("assignee").in_bulk(page)
    tips = [rows[pk] for pk in page if pk in rows]
    with transaction.atomic():
        answers = opening.glimpse(tips=tips, by=by, keys=keys)
    ours = opening.ours(tips=tips, keys=keys)
    hits_in = partial(query.hits, terms=terms)
    hits = []
    for tip in tips:
        cut = snippets.cut(answers[tip.pk], hits_in, ours=ours.get(tip.pk, ()))
        hits.append(TipHit(tip, cut))
    onward = None
    if len(results) > after + PAGE:
        onward = after + PAGE
    return Found(tuple(hits), len(results), searched, onward)


def words_of(*, rows: Sequence[Search], by: User, keys: Keys) -> dict[uuid.UUID, str]:
    """Return the words of searches, after recording that a team lead has read them."""
    reasons.require_team_lead(by=by)
    audit_log.record_each(by=by, act=AuditAct.READ_SEARCH, subjects=[str(row.pk) for row in rows])
    return {row.pk: unsealed.text(row, keys=keys, name="words") for row in rows}


def forget_old(*, today: date) -> int:
    """Delete the words of searches older than half a year; the audit log keeps that there were searches."""
    return Search.objects.filter(since__lt=today - timedelta(days=KEPT_DAYS)).delete()[0]


def _record(*, words: str, filters: Filters, by: User) -> None:
    new = Search(id=uuid.uuid4(), author=by.get_username())
    sealed.fill(new, {"words": filters.beside(words[: query.LONGEST])})
    with transaction.atomic():
        new.save(force_insert=True)
        audit_log.record(by=by, act=AuditAct.SEARCHED, subject=str(new.pk))
