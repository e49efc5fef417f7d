"""Outcomes: proposed by one member, approved by two others, released the day after, withdrawn once no longer true.

Who proposes or approves one shows for that act that it is them. The conditions are checked at each reading, so that
nobody is told what is no longer true; `maintain` updates the rows.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Concat, Now
from django.utils import timezone

from core import transitions
from newsroom.domain import outcome_notice
from newsroom.models import Article
from reports.domain.audit import audit_log
from reports.domain.audit.columns import digest, hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Hidden, Refused
from reports.domain.figures import counting
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import approvals
from reports.domain.people import accounts, roles, second_person
from reports.domain.people.accounts import Reauthentication
from reports.domain.rights import APPROVE_OUTCOME, CHANGE_ARTICLE, RUN_DESK
from reports.domain.tips import recusal
from reports.domain.triage import relations
from reports.models import (
    AuditAct,
    Enquiry,
    Link,
    LinkQuerySet,
    Outcome,
    OutcomeStatus,
    Tip,
    hidden_from,
)
from reports.text import entities

OPENING = "Tips including ones like yours helped lead to"
LENGTH = 300  # characters of a sentence
YOURS = re.compile(r"\byou(rs?|rself)?\b", re.IGNORECASE)
RIGHTS = {"editor": CHANGE_ARTICLE, "team_lead": RUN_DESK}  # by capacity
CAPACITIES = tuple(RIGHTS)

PROPOSED, APPROVED_ONCE, APPROVED, RELEASED, WITHDRAWN = OutcomeStatus

TRANSITIONS: dict[str, dict[str, OutcomeStatus]] = {
    PROPOSED: {"approve": APPROVED_ONCE, "withdraw": WITHDRAWN},
    APPROVED_ONCE: {"approve": APPROVED, "withdraw": WITHDRAWN},
    APPROVED: {"release": RELEASED, "withdraw": WITHDRAWN},
    RELEASED: {"withdraw": WITHDRAWN},
    WITHDRAWN: {},
}


@dataclass(frozen=True)
class ReceiptOutcome:
    """The outcome for the holder of a receipt: the sentence, and the article's address and title."""

    sentence: str
    address: str
    title: str


def propose(
    *,
    enquiry: Enquiry,
    article: Article,
    sentence: str,
    by: User,
    keys: Keys,
    reauthentication: Reauthentication,
) -> Outcome:
    """Propose an outcome, on an unlocked desk, with the words typed for this.

    Raises Refused if the sentence speaks of anyone's own tip or of a person.
    """
    _require_free(enquiry, by=by)
    accounts.require_reauthentication(by=by, reauthentication=reauthentication)
    new = Outcome(
        enquiry=enquiry, article=article, sentence=publishable(sentence), proposer=by.get_username()
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(
                "This story already has a public result. Withdraw that one first."
            ) from error
        _record(
            new, AuditAct.PROPOSED_OUTCOME, by=by, story=article.pk, rows=Named([new], keys=keys)
        )
    return new


def capacities(*, outcome: Outcome, by: User) -> list[str]:
    """Return the capacities in which `by` may approve now: editor, team lead, both or none.

    Never the proposer, a member who has approved, or one who does not count as a second person yet. A second approver
    may be one of the two.
    """
    name = by.get_username()
    may = by.has_perm(APPROVE_OUTCOME)
    if (
        not may
        or name in (outcome.proposer, outcome.editor, outcome.team_lead)
        or "approve" not in TRANSITIONS[outcome.status]
    ):
        return []
    own = [capacity for capacity, right in RIGHTS.items() if by.has_perm(right)]
    if not own and not outcome.second_approval:
        own = list(CAPACITIES)
    if own and second_person.settles_at(APPROVE_OUTCOME, user=by):
        return []
    settled = [
        capacity for capacity in own if not second_person.settles_at(RIGHTS[capacity], user=by)
    ]
    return [capacity for capacity in settled if not getattr(outcome, capacity)]


def to_approve(*, by: User) -> int:
    """Return the number of outcomes that `by` may approve now."""
    waiting = Outcome.objects.to_approve().exclude(enquiry__links__tip__in=hidden_from(by))
    return sum(bool(capacities(outcome=outcome, by=by)) for outcome in waiting)


def can_approve(*, outcome: Outcome) -> dict[str, list[tuple[str, datetime | None]]]:
    """Return for each capacity that waits who can approve in it, by name, and from when; None: now."""
    if "approve" not in TRANSITIONS[outcome.status]:
        return {}
    done = (outcome.proposer, outcome.editor, outcome.team_lead)
    tips = Link.objects.filter(enquiry=outcome.enquiry_id).values_list("tip", flat=True)
    may = roles.with_right(APPROVE_OUTCOME).exclude(username__in=done)
    free = may.exclude(pk__in=recusal.recused(tips=tips)).order_by("username")
    has = {name: Q(pk__in=roles.with_right(right)) for name, right in RIGHTS.items()}
    second = Q(pk__in=[]) if outcome.second_approval else ~has["editor"] & ~has["team_lead"]
    missing = {}
    for name, right in has.items():
        if not getattr(outcome, name):
            can_give_it = free.filter(right | second)
            missing[name] = second_person.from_when(can_give_it, RIGHTS[name])
    return missing


def approve(
    *,
    outcome: Outcome,
    capacity: str,
    by: User,
    reauthentication: Reauthentication,
    keys: Keys | None = None,
) -> Outcome:
    """Approve as an editor or as a team lead; the second approval makes it ready for the next day's release.

    A member with a key approves on an unlocked desk, with their words; the event names what they approve under its MAC.
    """
    _require_free(outcome.enquiry, by=by)
    accounts.require_reauthentication(by=by, reauthentication=reauthentication)
    with transaction.atomic():
        row = transitions.locked(outcome)
        transitions.after(row, "approve", table=TRANSITIONS)
        second_person.require_settled(APPROVE_OUTCOME, user=by)
        if problems := approvals.doubts(outcome=row, keys=keys):
            raise Refused(" ".join(problems))
        if capacity not in capacities(outcome=row, by=by):
            raise Refused(
                "You cannot approve this. It needs an editor and a team lead, two people who did not propose it."
            )
        named = None
        if reauthentication.way == accounts.Way.WORDS:
            named = Named([row], was=hashes(row), keys=keys)
        if not by.has_perms([CHANGE_ARTICLE]) and not by.has_perm(RUN_DESK):
            row.second_approval = capacity
        fields = {
            capacity: by.get_username(),
            "second_approval": row.second_approval,
            "approved_on": timezone.localdate(),
        }
        transitions.move(row, "approve", table=TRANSITIONS, **fields)
        _record(
            row, AuditAct.APPROVED_OUTCOME, by=by, capacity=capacity, digest=digest(row), rows=named
        )
    return row


def withdraw(*, outcome: Outcome, by: User | None) -> None:
    """Withdraw an outcome permanently: senders and readers stop seeing it at once."""
    with transaction.atomic():
        row = transitions.locked(outcome)
        transitions.move(row, "withdraw", table=TRANSITIONS)
        if row.released:
            for link in _counted(row.enquiry).select_related("tip"):
                counting.count(tip=link.tip, measure=counting.OUTCOME, day=row.released, add=-1)
            outcome_notice.untell(article=row.article)
        _record(row, AuditAct.WITHDREW_OUTCOME, by=by)


def release(*, outcome: Outcome, now: datetime) -> None:
    """Release an outcome to readers and to holders of receipts; raises Refused with the reasons against it."""
    with transaction.atomic():
        row = transitions.locked(outcome)
        today = timezone.localdate(now)
        transitions.after(row, "release", table=TRANSITIONS)
        if problems := hindrances(outcome=row) + approvals.doubts(outcome=row, keys=None):
            raise Refused(" ".join(problems))
        links = list(_counted(row.enquiry).select_related("tip"))
        repeated = len(links) - _sources(row)
        transitions.move(row, "release", table=TRANSITIONS, released=today, repeated=repeated)
        for link in links:
            counting.count(tip=link.tip, measure=counting.OUTCOME, day=today)
        outcome_notice.show_notice(article=row.article, band=band(len(links)), event=row.enquiry_id)
        _record(row, AuditAct.RELEASED_OUTCOME, by=None)


def hindrances(*, outcome: Outcome) -> list[str]:
    """Return the reasons against releasing an outcome, a sentence each; none if it may be released."""
    problems = []
    if not outcome_notice.is_out(article=outcome.article):
        problems.append("The story is not published.")
    if _sources(outcome) < settings.OUTCOME_LEAST:
        message = f"The tips in the enquiry come from fewer than {settings.OUTCOME_LEAST} sources."
        problems.append(message)
    return problems


def maintain(*, now: datetime) -> None:
    """Withdraw outcomes that are no longer true; once a day, release those approved on an earlier day."""
    for outcome in Outcome.objects.standing().select_related("enquiry", "article"):
        untrue = outcome.status == RELEASED and hindrances(outcome=outcome)
        if untrue or outcome.article is None:
            withdraw(outcome=outcome, by=None)
    local = timezone.localtime(now)
    if local.hour < settings.OUTCOME_HOUR:
        return
    ready = Outcome.objects.filter(status=APPROVED, approved_on__lt=local.date())
    for outcome in ready.select_related("enquiry", "article"):
        with suppress(Refused):
            release(outcome=outcome, now=now)


def review(*, enquiry: Enquiry) -> None:
    """Withdraw the enquiry's released outcomes that are no longer true; runs when a link is ended."""
    for outcome in Outcome.objects.filter(enquiry=enquiry, status=RELEASED):
        if hindrances(outcome=outcome):
            withdraw(outcome=outcome, by=None)


def forget(*, tip: Tip) -> None:
    """Count a tip that is about to be deleted, so that deletions do not withdraw a released outcome."""
    counted = Link.objects.standing().trusted().filter(tip=tip).values("enquiry")
    Outcome.objects.filter(enquiry__in=counted, status=RELEASED).update(purged=F("purged") + 1)


def telling() -> QuerySet[Outcome, Any]:
    """Return a subquery of tips with each tip's outcome as text, for `from_row`; no row without one.

    It checks that the outcome is released, the article published, and the tip's link and enough others standing
    (`hindrances` reports the same to staff).
    """
    mine = Exists(_counted(OuterRef("enquiry")).filter(tip=OuterRef(OuterRef("pk"))))
    others = _counted(OuterRef("enquiry")).order_by().values("enquiry").values(count=Count("*"))
    counted = Coalesce(Subquery(others), 0) + F("purged") - F("repeated")
    released = Outcome.objects.filter(
        mine, status=RELEASED, article__in=outcome_notice.out(at=Now())
    )
    holding = (
        released.alias(counted=counted)
        .filter(counted__gte=settings.OUTCOME_LEAST)
        .order_by("-released", "pk")
    )
    # As lines, which are read for less than JSON; neither a sentence nor a slug has a line's end in it.
    lines = ("sentence", Value("\n"), "article__slug", Value("\n"), "article__headline")
    return holding.values(outcome_text=Concat(*lines, output_field=TextField()))[:1]


def from_row(row: str | None) -> ReceiptOutcome | None:
    """Return the outcome of a row of `telling`."""
    if not row:
        return None
    sentence, slug, title = row.split("\n", 2)
    return ReceiptOutcome(sentence, _address(slug), title)


def preview(*, outcome: Outcome) -> ReceiptOutcome:
    """Return the outcome as a holder of a receipt would see it, released or not."""
    slug, title = (outcome.article.slug, outcome.article.headline) if outcome.article else ("", "")
    return ReceiptOutcome(outcome.sentence, _address(slug), title)


def band(count: int) -> tuple[int, int | None]:
    """Return the lowest and highest number of the band of a count, by the settings; None: no highest."""
    ends = settings.OUTCOME_BANDS
    place = max(number for number, least in enumerate(ends) if least <= count)
    if place + 1 == len(ends):
        return ends[place], None
    return ends[place], ends[place + 1] - 1


def _address(slug: str) -> str:
    return f"/news/{slug}/"


def _counted(enquiry: Enquiry | OuterRef) -> LinkQuerySet:
    """Return the links that count towards OUTCOME_LEAST."""
    return Link.objects.standing().trusted().filter(enquiry=enquiry)


def _sources(outcome: Outcome) -> int:
    """Return how many sources count towards OUTCOME_LEAST; tips that nobody has compared count as one each.

    Once it is released, tips that are deleted take their relations with them, so what was repeated then stays the same.
    """
    links = _counted(outcome.enquiry)
    if outcome.status == RELEASED:
        return links.count() + outcome.purged - outcome.repeated
    return relations.sources(tips=[link.tip for link in links.select_related("tip")], by=None).most


def _require_free(enquiry: Enquiry, *, by: User) -> None:
    if Link.objects.filter(enquiry=enquiry, tip__in=hidden_from(by)).exists():
        raise Hidden(
            "You said that you know someone in one of its tips, so someone else must decide this."
        )


def publishable(text: str) -> str:
    """Return a publishable sentence; raises Refused with the problem."""
    sentence = " ".join(text.split())
    opening = OPENING
    rest = sentence.removeprefix(opening).strip(" .")
    if not sentence.startswith(opening) or not rest:
        raise Refused(f"Start with “{opening}”, and say what the tips led to.")
    if len(sentence) > LENGTH:
        raise Refused(f"The sentence is too long. Use at most {LENGTH} characters.")
    if YOURS.search(rest):
        raise Refused(
            "Write about tips in general. Do not use “you” or “your” after the opening words."
        )
    if named := entities.find(rest):
        message = f"Remove “{named[0].written}”. It could show who someone is."
        raise Refused(message)
    return sentence


def _record(outcome: Outcome, act: AuditAct, *, by: User | None, **detail: Any) -> None:
    audit_log.record(
        by=by, act=act, subject=outcome.subject, enquiry=outcome.enquiry.codename, **detail
    )
