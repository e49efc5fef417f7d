"""Outcomes: proposed by one member, signed by two others, released the day after, withdrawn once no longer true.

Who proposes one signs it with their own key (`proposals.py`). The conditions are checked at each reading, so that
nobody is told what is no longer true; `maintain` updates the rows.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Concat, Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.domain import outcome_notice
from reports.domain import audit
from reports.domain.errors import Hidden, NoSuchMove, Refused, too_long
from reports.domain.figures import counting
from reports.domain.outcomes import proposals
from reports.domain.people import accounts
from reports.models import AuditAct, Enquiry, Link, LinkQuerySet, Outcome, OutcomeStatus, Status, Tip, hidden_from
from reports.models.tips import UNTRUSTED
from reports.text import entities

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from newsroom.models import Article
    from reports.domain.keys.keyholders import Keys
    from reports.domain.keys.own_keys import OwnKey

OPENING = gettext_lazy("Reports including ones like yours became part of")
LENGTH = 300  # characters of a sentence
YOURS = re.compile(r"\byou(rs?|rself)?\b", re.IGNORECASE)
CAPACITIES = ("editor", "lead")
TOLD = tuple(status for status in Status if status not in UNTRUSTED)

# From each status: the acts allowed, and the status that each leads to.
TRANSITIONS: dict[OutcomeStatus, dict[str, OutcomeStatus]] = {
    OutcomeStatus.PROPOSED: {"sign": OutcomeStatus.HALF_SIGNED, "withdraw": OutcomeStatus.WITHDRAWN},
    OutcomeStatus.HALF_SIGNED: {
        "sign": OutcomeStatus.SIGNED,
        "take_back": OutcomeStatus.PROPOSED,
        "withdraw": OutcomeStatus.WITHDRAWN,
    },
    OutcomeStatus.SIGNED: {
        "take_back": OutcomeStatus.HALF_SIGNED,
        "release": OutcomeStatus.RELEASED,
        "withdraw": OutcomeStatus.WITHDRAWN,
    },
    OutcomeStatus.RELEASED: {"withdraw": OutcomeStatus.WITHDRAWN},
    OutcomeStatus.WITHDRAWN: {},
}


@dataclass(frozen=True)
class ReceiptOutcome:
    """The outcome for the holder of a receipt: the sentence, and the article's address and title."""

    sentence: str
    address: str
    title: str


def propose(*, enquiry: Enquiry, article: "Article", sentence: str, by: "User", own: "OwnKey") -> Outcome:
    """Propose an outcome, signed with the member's own key.

    Raises Refused if the sentence speaks of anybody's own report or of a person, or if the key is not `by`'s own.
    """
    _require_free(enquiry, by=by)
    if own.user_id != by.pk:
        raise Refused(_("Who proposes an outcome signs it with their own key."))
    new = Outcome(enquiry=enquiry, article=article, sentence=publishable(sentence), proposer=by.get_username())
    proposals.put(new, own=own)
    with transaction.atomic():
        _save_only_one(new)
        _record(new, AuditAct.PROPOSED_OUTCOME, by=by, story=article.pk, rows=audit.Rows([new]))
    return new


def capacities(*, outcome: Outcome, by: "User") -> list[str]:
    """Return the capacities in which `by` may sign now: editor, lead, both or none.

    Never the proposer, never who signed already, never who is no second person yet; a countersigner may stand for one
    of the two, and only for one.
    """
    name, may = by.get_username(), by.has_perm("reports.sign_outcome")
    if not may or name in (outcome.proposer, outcome.editor, outcome.lead) or "sign" not in _moves(outcome):
        return []
    own = [
        capacity
        for capacity, right in zip(CAPACITIES, ("newsroom.change_article", "reports.run_desk"), strict=True)
        if by.has_perm(right)
    ]
    if not own and not outcome.countersigned:
        own = list(CAPACITIES)
    if own and accounts.settles_at(user=by):
        return []
    return [capacity for capacity in own if not getattr(outcome, capacity)]


def to_sign(*, by: "User") -> int:
    """Return the number of outcomes that `by` may sign now."""
    return sum(bool(capacities(outcome=outcome, by=by)) for outcome in Outcome.objects.to_sign())


def moves_from(status: str) -> list[str]:
    """Return the acts allowed on an outcome of this status."""
    return list(TRANSITIONS[OutcomeStatus(status)])


def sign(*, outcome: Outcome, capacity: str, by: "User", keys: "Keys | None" = None) -> None:
    """Sign as an editor or as a lead; the second signature makes it ready for the next day's release.

    Who has a key signs on an unlocked desk, and only what its proposer signed with their own; without, nobody can tell.
    """
    _require_free(outcome.enquiry, by=by)
    if proposals.must_unlock(user=by, keys=keys):
        raise Refused(_("Unlock the desk first: your key tells whether this is what was proposed."))
    with _moving(outcome, "sign") as row:
        accounts.require_settled(user=by)
        if keys is not None and (problems := proposals.problems(outcome=row, keys=keys)):
            raise Refused(" ".join(problems))
        if capacity not in capacities(outcome=row, by=by):
            raise Refused(_("An editor and a lead sign: two people, and neither is who proposed it."))
        setattr(row, capacity, by.get_username())
        if not by.has_perms(["newsroom.change_article"]) and not by.has_perm("reports.run_desk"):
            row.countersigned = capacity
        row.signed_on = timezone.localdate()
        _record(row, AuditAct.SIGNED_OUTCOME, by=by, capacity=capacity)


def take_back(*, outcome: Outcome, by: "User") -> None:
    """Take one's own signature back, which is possible until the release."""
    with _moving(outcome, "take_back") as row:
        mine = [capacity for capacity in CAPACITIES if getattr(row, capacity) == by.get_username()]
        if not mine:
            raise Refused(_("You have not signed this."))
        setattr(row, mine[0], "")
        row.countersigned = "" if row.countersigned == mine[0] else row.countersigned
        _record(row, AuditAct.TOOK_SIGNATURE_BACK, by=by)


def withdraw(*, outcome: Outcome, by: "User | None") -> None:
    """Withdraw an outcome for good: mailboxes and the article stop showing it at once."""
    with _moving(outcome, "withdraw") as row:
        if row.released:
            for link in _counted(row.enquiry).select_related("tip"):
                counting.count(tip=link.tip, measure=counting.OUTCOME, day=row.released, add=-1)
            outcome_notice.untell(article=row.article)
        _record(row, AuditAct.WITHDREW_OUTCOME, by=by)


def release(*, outcome: Outcome, now: datetime) -> None:
    """Release an outcome to readers and to holders of receipts; raises Refused with its hindrances."""
    if problems := hindrances(outcome=outcome):
        raise Refused(" ".join(problems))
    with _moving(outcome, "release") as row:
        links = list(_counted(row.enquiry).select_related("tip"))
        row.released = timezone.localdate(now)
        for link in links:
            counting.count(tip=link.tip, measure=counting.OUTCOME, day=row.released)
        outcome_notice.tell(article=row.article, band=band(len(links)))
        _record(row, AuditAct.RELEASED_OUTCOME, by=None)


def hindrances(*, outcome: Outcome) -> list[str]:
    """Return the reasons against releasing an outcome, a sentence each; none if it may be released."""
    problems = []
    if not outcome_notice.is_out(article=outcome.article):
        problems.append(_("The story is not out."))
    if _counted(outcome.enquiry).count() + outcome.purged < settings.OUTCOME_LEAST:
        said = _("Fewer than %(least)s tips are part of the enquiry.")
        problems.append(said % {"least": settings.OUTCOME_LEAST})
    return problems


def maintain(*, now: datetime) -> Iterator[str]:
    """Withdraw outcomes that are no longer true; once a day, release those signed on an earlier day."""
    for outcome in Outcome.objects.standing().select_related("enquiry", "article"):
        untrue = outcome.status == OutcomeStatus.RELEASED and hindrances(outcome=outcome)
        if untrue or outcome.article is None:
            withdraw(outcome=outcome, by=None)
            yield _("An outcome was withdrawn: it does not hold any more.")
    local = timezone.localtime(now)
    if local.hour < settings.OUTCOME_HOUR:
        return
    ready = Outcome.objects.filter(status=OutcomeStatus.SIGNED, signed_on__lt=local.date())
    for outcome in ready.select_related("enquiry", "article"):
        if not hindrances(outcome=outcome):
            release(outcome=outcome, now=now)
            yield _("An outcome was released.")


def review(*, enquiry: Enquiry) -> None:
    """Withdraw the enquiry's released outcomes that are no longer true; runs when a link is ended."""
    for outcome in Outcome.objects.filter(enquiry=enquiry, status=OutcomeStatus.RELEASED):
        if hindrances(outcome=outcome):
            withdraw(outcome=outcome, by=None)


def forget(*, tip: Tip) -> None:
    """Count a tip that is about to be deleted, so that deletions do not withdraw a released outcome."""
    counted = Link.objects.standing().filter(tip=tip).exclude(tip__status__in=UNTRUSTED).values("enquiry")
    Outcome.objects.filter(enquiry__in=counted, status=OutcomeStatus.RELEASED).update(purged=F("purged") + 1)


def telling() -> "QuerySet[Outcome, Any]":
    """Return a subquery of tips with each tip's outcome as text, for `told`; no row without one.

    It checks that the outcome is released, the article published, and the tip's link and enough others standing
    (`hindrances` reports the same to staff).
    """
    mine = Q(enquiry__links__tip=OuterRef("pk"), enquiry__links__ended=None, enquiry__links__tip__status__in=TOLD)
    others = _counted(OuterRef("enquiry")).order_by().values("enquiry").values(count=Count("*"))
    counted = Coalesce(Subquery(others), 0) + F("purged")
    released = Outcome.objects.filter(mine, status=OutcomeStatus.RELEASED, article__in=outcome_notice.out(at=Now()))
    holding = released.alias(counted=counted).filter(counted__gte=settings.OUTCOME_LEAST).order_by("-released", "pk")
    # As lines, which are read for less than JSON; neither a sentence nor a slug has a line's end in it.
    lines = ("sentence", Value("\n"), "article__slug", Value("\n"), "article__headline")
    return holding.values(told=Concat(*lines, output_field=TextField()))[:1]


def told(row: str | None) -> ReceiptOutcome | None:
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
    return ends[place], ends[place + 1] - 1 if place + 1 < len(ends) else None


def _save_only_one(new: Outcome) -> None:
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("There is an outcome for this story already. Withdraw that one first.")) from error


def _address(slug: str) -> str:
    return f"/news/{slug}/"


def _counted(enquiry: Enquiry | OuterRef) -> LinkQuerySet:
    """Return the links that count towards OUTCOME_LEAST."""
    return Link.objects.standing().filter(enquiry=enquiry).exclude(tip__status__in=UNTRUSTED)


def _moves(outcome: Outcome) -> dict[str, OutcomeStatus]:
    return TRANSITIONS[OutcomeStatus(outcome.status)]


@contextmanager
def _moving(outcome: Outcome, verb: str) -> Iterator[Outcome]:
    """Lock an outcome, let the caller change it, and store it with the verb's status; raises NoSuchMove."""
    with transaction.atomic():
        row = Outcome.objects.select_for_update(of=("self",)).select_related("enquiry", "article").get(pk=outcome.pk)
        if verb not in _moves(row):
            said = _("An outcome that is “%(status)s” does not allow that.")
            raise NoSuchMove(said % {"status": OutcomeStatus(row.status).label})
        yield row
        row.status = _moves(row)[verb]
        row.save()
    for field in Outcome._meta.concrete_fields:  # noqa: SLF001 - Django's public name
        setattr(outcome, field.attname, getattr(row, field.attname))


def _require_free(enquiry: Enquiry, *, by: "User") -> None:
    if Link.objects.filter(enquiry=enquiry, tip__in=hidden_from(by)).exists():
        raise Hidden(_("You said that you know someone in one of its tips, so somebody else decides this."))


def publishable(text: str) -> str:
    """Return a publishable sentence; raises Refused with the problem."""
    sentence = " ".join(text.split())
    opening = str(OPENING)
    rest = sentence.removeprefix(opening).strip(" .")
    if not sentence.startswith(opening) or not rest:
        raise Refused(_("Begin with “%(opening)s”, and say of what.") % {"opening": opening})
    if len(sentence) > LENGTH:
        said = _("The sentence has room for %(room)s characters; this one has %(length)s.")
        raise too_long(said, room=LENGTH, text=sentence)
    if YOURS.search(rest):
        raise Refused(_("Speak of reports in general: after the opening, leave out “you” and “your”."))
    if named := entities.find(rest):
        said = _("Leave out what could point at somebody: “%(written)s”.")
        raise Refused(said % {"written": named[0].written})
    return sentence


def _record(outcome: Outcome, act: AuditAct, *, by: "User | None", **detail: Any) -> None:
    audit.record(by=by, act=act, subject=outcome.subject, enquiry=outcome.enquiry.codename, **detail)
