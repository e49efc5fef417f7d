"""A tip in the desk's own words: nothing that shows who sent it leaves without a member saying why it may."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reports import questions
from reports.domain.keys import sealed
from reports.domain.referrals import leaks, translation, versions
from reports.domain.tips import opening, recusal
from reports.models import AuditAct, Sanitised, Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

LENGTH = 20_000  # characters
BECAUSE_LENGTH = 500  # characters of why something stays
MOST_SHOWN = 30  # of what was found in a text, at a time; the others count as much


@dataclass(frozen=True)
class ReviewedLeak:
    """Something that could show who sent it, and why a member says that it stays; `because` is empty until then."""

    leak: leaks.Leak
    because: str = ""

    @property
    def open(self) -> bool:
        """Return whether it keeps the text from leaving."""
        return self.leak.barred or not self.because


@dataclass(frozen=True)
class Wording:
    """The latest version of our wording: what leaves, what was left out, and what was asked about it."""

    text: str = field(default="", repr=False)
    removed: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    version: int = 0
    author: str = ""
    reviewed: tuple[ReviewedLeak, ...] = field(default=(), repr=False)
    quotes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def open(self) -> tuple[ReviewedLeak, ...]:
        """Return what keeps it from leaving."""
        return tuple(leak for leak in self.reviewed if leak.open)

    @property
    def questions(self) -> tuple[ReviewedLeak, ...]:
        """Return what a page asks about: the unanswered first, and no more than can be read at once."""
        return tuple(sorted(self.reviewed, key=lambda leak: not leak.open))[:MOST_SHOWN]

    @property
    def open_later(self) -> int:
        """Return how many unanswered ones a page asks about only once those before them are answered."""
        return max(0, len(self.open) - MOST_SHOWN)


def sanitise(
    *,
    tip: Tip,
    text: str,
    removed: str,
    contact: str,
    stays: Mapping[str, str],
    seen: int,
    by: "User",
    keys: "Keys",
) -> Sanitised:
    """Seal the text as the next version, by its own author, as of event `seen`.

    `contact` leaves only because it stands in this field of its own: what the sender wants the police to have. `stays`
    holds reasons by the keys of what is asked about (`leaks.Leak`); those given before go on while the words do.
    """
    text = sealed.typed(text, most=LENGTH, what=_("Our wording"), missing=_("Write our wording before you save it."))
    removed = sealed.typed(removed, most=LENGTH, what=_("What was left out"))
    contact = sealed.typed(contact, most=BECAUSE_LENGTH, what=_("Contact details"))
    recusal.require_free(tip=tip, by=by)
    before = latest(tip=tip, keys=keys)
    reasons = {reviewed.leak.key: reviewed.because for reviewed in before.reviewed}
    reasons |= {key: sealed.typed(because, most=BECAUSE_LENGTH, what=_("Reason")) for key, because in stays.items()}
    leaks_found = _leaks(text, removed, opening.arrivals(tip=tip, keys=keys))
    stays_kept = {leak.key: reasons[leak.key] for leak in leaks_found if reasons.get(leak.key)}
    content = {"text": text, "removed": removed, "contact": contact, "stays": stays_kept}
    return versions.add(Sanitised, content, tip=tip, seen=seen, by=by, act=AuditAct.SANITISED)


def latest(*, tip: Tip, keys: "Keys") -> Wording:
    """Return the latest text and what is asked about it now. The caller has recorded that the tip is read.

    It is checked again each time: what the sender added later counts, too.
    """
    row = versions.latest(Sanitised, tip=tip)
    if row is None:
        return Wording()
    content = sealed.opened(row, keys=keys)
    arrivals, stays = opening.arrivals(tip=tip, keys=keys), content["stays"]
    translated = translation.text(tip=tip, keys=keys)  # the sender's own words too
    return Wording(
        text=content["text"],
        removed=content["removed"],
        contact=content["contact"],
        version=row.version,
        author=row.author,
        reviewed=tuple(
            ReviewedLeak(leak, stays.get(leak.key, ""))
            for leak in _leaks(content["text"], content["removed"], arrivals)
        ),
        quotes=leaks.quotes(content["text"], [*_answers(arrivals, questions.OWN_WORDS), translated]),
    )


def _leaks(text: str, removed: str, arrivals: "Sequence[opening.OpenedEntry]") -> tuple[leaks.Leak, ...]:
    contact = " \n".join(_answers(arrivals, questions.CONTACT_DETAILS))
    # Of the first text alone: whoever adds a number later could so keep us from asking about one of the sender's.
    first = [arrival for arrival in arrivals if arrival.kind == "tip"][:1]
    theirs = " \n".join(_answers(first, questions.SELLERS))
    return leaks.find(f"{text}\n\n{removed}", contact=contact, theirs=theirs)


def _answers(arrivals: "Sequence[opening.OpenedEntry]", names: Iterable[str]) -> list[str]:
    return [str(arrival.answers.get(name) or "") for arrival in arrivals for name in names]
